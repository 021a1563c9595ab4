// SPDX-License-Identifier: Apache-2.0
// Sums of two codes at powers of two, in 32 bits:
//   sum = a·2^shift_a + sign·b·2^shift_b + offset
//   y = clamp(floor((sum + rounding + (floor(sum/2^n) is odd ? to_even : 0))/2^n) + zero_point)
// with rounding and to_even as WideLaneParams has them.
#pragma once

#include <cstddef>
#include <cstdint>

#include "sluice/numeric/dtype.hpp"
#include "sluice/numeric/requantize.hpp"

namespace sluice::exact {

struct WideSum {
  DType type = DType::Int16;  // of all three: Int8, UInt8, Int16 or UInt16
  int shift_a = 0, shift_b = 0;
  std::int32_t sign = 1;
  std::int32_t offset = 0;  // what the zero points add
  std::int32_t rounding = 0;
  std::int32_t to_even = 0;
  int shift = 0;  // n
  std::int32_t zero_point = 0;
  std::int32_t lowest = -32768;
  std::int32_t highest = 32767;
};

struct WideSumOperand {
  float scale = 1;  // a power of two
  std::int64_t zero_point = 0;
};
// Fills in all but the type and the sign of `sum`, which are there; false where 32 bits do not hold
// the sums.
// `output` says how to round and which codes there are, its shift is not looked at.
[[nodiscard]] bool make_wide_sum(const WideSumOperand& a, const WideSumOperand& b,
                                 float output_scale, const numeric::Requantizer& output,
                                 WideSum& sum);

// `count` elements; y may be a or b.
void run_wide_sum(const WideSum& sum, const std::byte* a, const std::byte* b, std::byte* y,
                  std::int64_t count) noexcept;

}  // namespace sluice::exact
