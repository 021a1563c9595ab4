// SPDX-License-Identifier: Apache-2.0
#include "sluice/rtl/line.hpp"

#include <algorithm>

#include "sluice/base/assert.hpp"

namespace sluice::rtl {
namespace {

Wide floor_quotient(Wide dividend, Wide divisor) {
  const Wide quotient = dividend / divisor;
  return quotient * divisor > dividend ? quotient - 1 : quotient;
}

// Twice the area of o, a, b: positive where they turn left.
Wide turn(const LinePoint& o, const LinePoint& a, const LinePoint& b) {
  return (static_cast<Wide>(a.x) - o.x) * (static_cast<Wide>(b.code) - o.code) -
         (static_cast<Wide>(a.code) - o.code) * (static_cast<Wide>(b.x) - o.x);
}

// The corners of the hull's side above (sign 1) or below (−1).
void keep_side(std::vector<LinePoint>& points, int sign) {
  std::size_t kept = 0;
  for (const LinePoint& point : points) {
    while (kept >= 2 && turn(points[kept - 2], points[kept - 1], point) * sign >= 0) --kept;
    points[kept++] = point;
  }
  points.resize(kept);
}

Wide at_least_sum(const LinePoint& point, int shift) {
  return static_cast<Wide>(point.code) * (static_cast<Wide>(1) << shift);
}

Wide at_most_sum(const LinePoint& point, int shift) {
  return (static_cast<Wide>(point.code) + 1) * (static_cast<Wide>(1) << shift) - 1;
}

// 0 where the code has the parity, else 1.
std::int64_t differs(std::int64_t code, int parity) {
  return (code - parity) & 1;
}

}  // namespace

WindowBounds bounds_with_window(const LineBounds& all, int tie_parity, numeric::CodeRange codes) {
  WindowBounds bounds{{{}, all.at_most}, {all.at_least, {}}};
  for (const LinePoint& l : all.at_least) {
    const std::int64_t reached = l.code - differs(l.code, tie_parity);
    if (reached > codes.lowest) bounds.less.at_least.push_back({l.x, reached});
  }
  for (const LinePoint& u : all.at_most) {
    const std::int64_t missed = u.code + 1 + differs(u.code + 1, 1 - tie_parity);
    if (missed <= codes.highest) bounds.whole.at_most.push_back({u.x, missed - 1});
  }
  return bounds;
}

void keep_corners(LineBounds& bounds) {
  keep_side(bounds.at_least, 1);
  keep_side(bounds.at_most, -1);
}

WideInterval intersection(const WideInterval& a, const WideInterval& b) {
  return {std::max(a.low, b.low), std::min(a.high, b.high)};
}

// An offset exists where each lower bound on it is at most each upper one:
//   multiplier·(u.x − l.x) ≤ sum(u) − sum(l)
// of all pairs, and both sums are integers, so nothing is lost between them.
WideInterval multipliers_within(const LineBounds& bounds, int shift, WideInterval within) {
  SL_ASSERT(within.low >= 0 && within.high <= kMaxCoefficient, "products fit");
  for (const LinePoint& l : bounds.at_least) {
    for (const LinePoint& u : bounds.at_most) {
      const Wide room = at_most_sum(u, shift) - at_least_sum(l, shift);
      const Wide distance = static_cast<Wide>(u.x) - l.x;
      if (within.is_empty() || (distance == 0 && room < 0)) return {1, 0};
      if (distance > 0 && within.high * distance > room) {
        within.high = floor_quotient(room, distance);
      }
      if (distance < 0 && within.low * distance > room) {
        within.low = -floor_quotient(room, -distance);
      }
    }
  }
  return within;
}

WideInterval offsets_of(const LineBounds& bounds, std::int64_t multiplier, int shift) {
  WideInterval result{-kMaxCoefficient, kMaxCoefficient};
  for (const LinePoint& l : bounds.at_least) {
    const Wide product = static_cast<Wide>(l.x) * multiplier;
    result.low = std::max(result.low, at_least_sum(l, shift) - product);
  }
  for (const LinePoint& u : bounds.at_most) {
    const Wide product = static_cast<Wide>(u.x) * multiplier;
    result.high = std::min(result.high, at_most_sum(u, shift) - product);
  }
  return result;
}

Wide roundest(const WideInterval& interval) {
  SL_ASSERT(!interval.is_empty(), "an interval holds a number");
  if (interval.low <= 0 && interval.high >= 0) return 0;
  const Wide nearest = interval.low > 0 ? interval.low : interval.high;
  const Wide limit = static_cast<Wide>(1) << signed_bits(nearest);
  const WideInterval narrow = intersection(interval, {-limit, limit - 1});
  for (int zeros = signed_bits(nearest); zeros > 0; --zeros) {
    // The least multiple of 2^zeros that is not below the interval.
    const Wide multiple = -((-narrow.low >> zeros) * (static_cast<Wide>(1) << zeros));
    if (multiple <= narrow.high) return multiple;
  }
  return narrow.low;
}

}  // namespace sluice::rtl
