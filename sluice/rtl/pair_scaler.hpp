// SPDX-License-Identifier: Apache-2.0
// Sums of two codes in hardware: two multipliers, an adder and a shift that give the codes of a
// definition in `numeric` for every pair.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>

#include "sluice/base/result.hpp"
#include "sluice/numeric/code_sum.hpp"
#include "sluice/numeric/rounding.hpp"

namespace sluice::rtl {

// From codes a and b, with sum = a·multiplier_a + b·multiplier_b, to a code:
//   clamp(floor((sum + (sum < pivot ? negative_offset : offset)) / 2^shift))
// The pivot is the sum at both zero points: below it the real sum is negative, and TFLite rounds
// halves the other way.
struct PairScaler {
  int shift = 0;
  std::int64_t multiplier_a = 0;
  std::int64_t multiplier_b = 0;
  std::int64_t offset = 0;
  std::int64_t negative_offset = 0;
  std::int64_t pivot = 0;
  int multiplier_bits = 1;  // of the signed number that holds each multiplier
  int offset_bits = 1;      // of the one that holds each offset
  int sum_bits = 1;         // of the one that holds each sum, with and without its offset
  numeric::CodeRange codes{-128, 127};

  [[nodiscard]] bool has_negative_offset() const { return offset != negative_offset; }
  // Whether not both multipliers are powers of two, negative ones too, or 0: those are wires.
  [[nodiscard]] bool needs_multiplier() const;
  [[nodiscard]] std::int64_t code(std::int64_t a, std::int64_t b) const;
};

// What a scaler must do: the code of each pair of codes. It may rise or fall with a and with b, but
// not both.
struct PairRule {
  std::function<std::int64_t(std::int64_t, std::int64_t)> code;
  numeric::CodeRange a;
  numeric::CodeRange b;
  std::int64_t zero_a = 0;  // one of a's codes
  std::int64_t zero_b = 0;  // one of b's
};
// Of the codes of two quantizations.
[[nodiscard]] PairRule rule_of(const numeric::CodeSum& sum, const numeric::Quantization& a,
                               const numeric::Quantization& b);

inline constexpr int kMaxPairBits = 10;

// The scaler that equals the rule at every pair, each of which is tried. Both codes have at most
// kMaxPairBits. Without multipliers if the codes can be had so, else with such that fit in a DSP
// block (18 bits) if any do, else with the narrowest; with one offset rather than two. Unsupported
// where there is no such plane, or multipliers would have more than 27 bits.
[[nodiscard]] Result<PairScaler> fit_pair_scaler(const PairRule& rule, numeric::CodeRange codes);

// The sum in a shift arithmetic, of codes of any width: the multipliers are powers of two, and the
// formula is the definition's own. Unsupported where halves go to even codes, and where the sum has
// more bits than float64, in which the definition computes.
[[nodiscard]] Result<PairScaler> shift_pair_scaler(numeric::Arithmetic arithmetic,
                                                   const numeric::Quantization& a,
                                                   const numeric::Quantization& b,
                                                   const numeric::Quantization& y, int sign);

}  // namespace sluice::rtl
