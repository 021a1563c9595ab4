// SPDX-License-Identifier: Apache-2.0
// Sums of two 8-bit codes, element by element, in the arithmetics that need no table for a code.
#pragma once

#include <cstddef>
#include <cstdint>
#include <variant>

#include "sluice/numeric/dtype.hpp"
#include "sluice/numeric/rounding.hpp"

namespace sluice::exact {

// y = clamp(round(fma(a, factor_a, fma(b, factor_b, fixed)))) in float32, halves to even.
struct FusedSum {
  float factor_a = 1, factor_b = 1;
  float fixed = 0;
};

// y = clamp(round((scale_a·(a − zero_a) + scale_b·(b − zero_b))/scale_y) + zero_y), each step in
// float32, halves to even. No step may overflow.
struct RealSum {
  float scale_a = 1, scale_b = 1, scale_y = 1;
  std::int32_t zero_a = 0, zero_b = 0, zero_y = 0;
};

// y = clamp(floor((a·factor_a + b·factor_b + offset)/2^shift) + zero_y) in int32, which holds all.
struct FixedSum {
  std::int32_t factor_a = 1, factor_b = 1;
  std::int32_t offset = 0;
  int shift = 0;  // below 32
  std::int32_t zero_y = 0;
};

struct PairSum {
  std::variant<FusedSum, RealSum, FixedSum> by;
  DType type = DType::Int8;             // of all three: Int8 or UInt8
  numeric::CodeRange codes{-128, 127};  // of y
};

// Whether this machine has the instructions; without fused multiplication there is no FusedSum.
[[nodiscard]] bool can_run(const PairSum& sum) noexcept;

// `count` elements; y may be a or b.
void run_pair_sum(const PairSum& sum, const std::byte* a, const std::byte* b, std::byte* y,
                  std::int64_t count) noexcept;

}  // namespace sluice::exact
