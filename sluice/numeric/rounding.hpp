// SPDX-License-Identifier: Apache-2.0
// Rounding and overflow: what happens to the bits a number format has no room for. The names in
// brackets are ap_fixed's.
#pragma once

#include <cstdint>

namespace sluice::numeric {

enum class Rounding : unsigned char {
  Floor,             // toward −∞ (AP_TRN)
  TowardZero,        // (AP_TRN_ZERO)
  HalfUp,            // nearest, ties to +∞ (AP_RND)
  HalfTowardZero,    // (AP_RND_ZERO)
  HalfAwayFromZero,  // (AP_RND_INF)
  HalfDown,          // nearest, ties to −∞ (AP_RND_MIN_INF)
  HalfToEven,        // (AP_RND_CONV)
};

enum class Overflow : unsigned char {
  Wrap,               // drop the high bits (AP_WRAP)
  Saturate,           // (AP_SAT)
  SaturateSymmetric,  // the most negative code is left out (AP_SAT_SYM)
  SaturateToZero,     // what does not fit becomes 0 (AP_SAT_ZERO)
  WrapSignMagnitude,  // counts back down instead of jumping: … 6 7 7 6 … (AP_WRAP_SM); signed only
};

// The integer next to `value` that `mode` names. NaN and infinities are returned as they are.
[[nodiscard]] double round_to_integer(double value, Rounding mode) noexcept;

// value·2^−shift rounded to an integer, shift ≥ 0: the arithmetic right shift with rounding.
// With h the highest dropped bit, r whether any other dropped bit is set, s the sign and l the
// lowest kept bit, floor(value·2^−shift) is incremented by
//   Floor 0 · TowardZero s(h+r) · HalfUp h · HalfTowardZero h(s+r) · HalfAwayFromZero h(s̄+r)
//   · HalfDown h·r · HalfToEven h(l+r)
[[nodiscard]] std::int64_t shift_right(std::int64_t value, int shift, Rounding mode) noexcept;

// The codes of a `bits` wide integer, bits in [1, 62].
struct CodeRange {
  std::int64_t lowest;
  std::int64_t highest;
};
[[nodiscard]] CodeRange code_range(int bits, bool is_signed) noexcept;

// `value` in `bits` bits, what does not fit as `mode` says. WrapSignMagnitude needs is_signed.
[[nodiscard]] std::int64_t fit_to_bits(std::int64_t value, int bits, bool is_signed,
                                       Overflow mode) noexcept;

}  // namespace sluice::numeric
