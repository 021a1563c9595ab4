// SPDX-License-Identifier: Apache-2.0
// Rounding and overflow modes by name; the names in brackets are ap_fixed's.
#pragma once

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
};

}  // namespace sluice::numeric
