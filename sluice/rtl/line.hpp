// SPDX-License-Identifier: Apache-2.0
// Lines with integer coefficients that stay within bounds: what a multiplier and an adder can be
// set to, so that the bits above a shift are the codes wanted. All answers are exact.
#pragma once

#include <cstdint>
#include <vector>

#include "sluice/numeric/rounding.hpp"
#include "sluice/numeric/wide.hpp"

namespace sluice::rtl {

using numeric::signed_bits;
// Of products of accumulators of 64 bits.
using numeric::Wide;

struct LinePoint {
  std::int64_t x;
  std::int64_t code;
};

// floor((x·multiplier + offset)/2^shift) is at least the code at the first points and at most the
// code at the second. Each list is in the order of x, no x twice.
struct LineBounds {
  std::vector<LinePoint> at_least;
  std::vector<LinePoint> at_most;
};

// The bounds where the offset less a window decides which codes of one parity are reached, and the
// whole offset which of the other. Being at least the first, it reaches those too; and the first
// misses what it misses.
struct WindowBounds {
  LineBounds less;
  LineBounds whole;
};
[[nodiscard]] WindowBounds bounds_with_window(const LineBounds& all, int tie_parity,
                                              numeric::CodeRange codes);

// Drops the points that others imply: the rest are the corners of two convex hulls.
void keep_corners(LineBounds& bounds);

// The integers from low to high; none where high < low.
struct WideInterval {
  Wide low;
  Wide high;
  [[nodiscard]] bool is_empty() const { return high < low; }
};
[[nodiscard]] WideInterval intersection(const WideInterval& a, const WideInterval& b);

inline constexpr int kMaxShift = 62;
// No multiplier and no offset is larger.
inline constexpr Wide kMaxCoefficient = static_cast<Wide>(1) << 62;

// The multipliers within `within` (not negative, at most kMaxCoefficient) that have an offset. If
// there is one for a shift, then for each larger shift: the double.
[[nodiscard]] WideInterval multipliers_within(const LineBounds& bounds, int shift,
                                              WideInterval within);
// The offsets that go with a multiplier: none if it is not such a one, or they exceed the largest.
[[nodiscard]] WideInterval offsets_of(const LineBounds& bounds, std::int64_t multiplier, int shift);

// A number of the interval with the most zeros at its end, the smallest of several, and at most a
// bit wider than the narrowest; the interval must not be empty.
[[nodiscard]] Wide roundest(const WideInterval& interval);

}  // namespace sluice::rtl
