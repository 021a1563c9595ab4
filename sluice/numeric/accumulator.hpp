// SPDX-License-Identifier: Apache-2.0
// Accumulators: registers of a given width in which an integer layer adds up its products.
#pragma once

#include <cstdint>

#include "sluice/base/result.hpp"
#include "sluice/numeric/rounding.hpp"

namespace sluice::numeric {

struct Accumulator {
  int bits = 64;                       // two's complement
  Overflow overflow = Overflow::Wrap;  // Wrap or Saturate, of every addition
  friend bool operator==(const Accumulator&, const Accumulator&) = default;
};

inline constexpr int kMinAccumulatorBits = 2;
inline constexpr int kMaxAccumulatorBits = 64;

// InvalidArgument unless it has 2 to 64 bits and wraps or saturates.
[[nodiscard]] Status check_accumulator(const Accumulator& accumulator);

// sum + term: modulo 2^bits, or the nearest number of so many bits. `sum` is one of them, `term`
// may be any: add(0, x, …) is what the register makes of x.
[[nodiscard]] std::int64_t add(std::int64_t sum, std::int64_t term,
                               const Accumulator& accumulator) noexcept;

// Whether 64 bits hold sum + term.
[[nodiscard]] bool fits_64_bits(std::int64_t sum, std::int64_t term) noexcept;

}  // namespace sluice::numeric
