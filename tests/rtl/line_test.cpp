// SPDX-License-Identifier: Apache-2.0
#include "sluice/rtl/line.hpp"

#include <algorithm>
#include <gtest/gtest.h>

#include "sluice/base/rng.hpp"

namespace sluice::rtl {
namespace {

constexpr WideInterval kAnyMultiplier{0, kMaxCoefficient};

std::int64_t narrow(Wide value) {
  return static_cast<std::int64_t>(value);
}

// Bounds of a few codes around random lines, so that some have a solution and some do not.
LineBounds random_bounds(Rng& rng) {
  LineBounds bounds;
  const double slope = rng.real(0, 1.5);
  const double offset = rng.real(-3, 3);
  for (std::int64_t x = -20; x <= 20; ++x) {
    const auto code = static_cast<std::int64_t>(slope * static_cast<double>(x) + offset);
    if (rng.below(8) == 0) bounds.at_least.push_back({x, code - rng.integer(0, 2)});
    if (rng.below(8) == 0) bounds.at_most.push_back({x, code + rng.integer(0, 2)});
  }
  return bounds;
}

bool is_within(const LineBounds& bounds, std::int64_t multiplier, std::int64_t offset, int shift) {
  const auto code = [&](const LinePoint& point) {
    return (point.x * multiplier + offset) >> shift;
  };
  return std::ranges::all_of(bounds.at_least, [&](auto& p) { return code(p) >= p.code; }) &&
         std::ranges::all_of(bounds.at_most, [&](auto& p) { return code(p) <= p.code; });
}

TEST(Line, MultipliersAreThoseThatHaveAnOffset) {
  Rng rng(1);
  int num_found = 0;
  int num_missing = 0;
  for (int i = 0; i < 300; ++i) {
    const LineBounds bounds = random_bounds(rng);
    const int shift = static_cast<int>(rng.below(4));
    const WideInterval found = multipliers_within(bounds, shift, {0, 20});
    for (std::int64_t multiplier = 0; multiplier <= 20; ++multiplier) {
      bool has_offset = false;
      for (std::int64_t offset = -600; offset <= 600 && !has_offset; ++offset) {
        has_offset = is_within(bounds, multiplier, offset, shift);
      }
      ASSERT_EQ(has_offset, found.low <= multiplier && multiplier <= found.high) << i;
      ++(has_offset ? num_found : num_missing);
    }
  }
  EXPECT_GT(num_found, 300);
  EXPECT_GT(num_missing, 300);
}

TEST(Line, OffsetsAreAllThatFit) {
  Rng rng(2);
  for (int i = 0; i < 300; ++i) {
    const LineBounds bounds = random_bounds(rng);
    const int shift = static_cast<int>(rng.below(4));
    const std::int64_t multiplier = rng.integer(0, 10);
    const WideInterval found = offsets_of(bounds, multiplier, shift);
    for (std::int64_t offset = -400; offset <= 400; ++offset) {
      ASSERT_EQ(is_within(bounds, multiplier, offset, shift),
                found.low <= offset && offset <= found.high)
          << i;
    }
  }
}

TEST(Line, CornersImplyTheOtherPoints) {
  Rng rng(3);
  std::size_t num_dropped = 0;
  for (int i = 0; i < 300; ++i) {
    const LineBounds bounds = random_bounds(rng);
    LineBounds corners = bounds;
    keep_corners(corners);
    num_dropped += bounds.at_least.size() - corners.at_least.size();
    num_dropped += bounds.at_most.size() - corners.at_most.size();
    const int shift = static_cast<int>(rng.below(10));
    const WideInterval wanted = multipliers_within(bounds, shift, kAnyMultiplier);
    const WideInterval found = multipliers_within(corners, shift, kAnyMultiplier);
    ASSERT_EQ(found.is_empty(), wanted.is_empty());
    if (wanted.is_empty()) continue;
    EXPECT_EQ(narrow(found.low), narrow(wanted.low));
    EXPECT_EQ(narrow(found.high), narrow(wanted.high));
    const WideInterval offsets = offsets_of(corners, narrow(found.low), shift);
    EXPECT_EQ(narrow(offsets.low), narrow(offsets_of(bounds, narrow(found.low), shift).low));
    EXPECT_EQ(narrow(offsets.high), narrow(offsets_of(bounds, narrow(found.low), shift).high));
  }
  EXPECT_GT(num_dropped, 300U);
}

TEST(Line, CornersOfCollinearPointsAreTheEnds) {
  LineBounds bounds;
  for (std::int64_t x = 0; x < 10; ++x) bounds.at_least.push_back({x, 3 * x});
  bounds.at_most = bounds.at_least;
  keep_corners(bounds);
  EXPECT_EQ(bounds.at_least.size(), 2U);
  EXPECT_EQ(bounds.at_most.size(), 2U);
}

// 2 is reached at 10, 3 is not exceeded at 20.
TEST(Line, AWindowPartsCodesByParity) {
  const LineBounds all{.at_least = {{10, 2}}, .at_most = {{20, 3}}};
  const WindowBounds even = bounds_with_window(all, 0, {0, 6});
  EXPECT_EQ(even.less.at_least[0].code, 2);
  EXPECT_EQ(even.less.at_most[0].code, 3);
  EXPECT_EQ(even.whole.at_least[0].code, 2);
  EXPECT_EQ(even.whole.at_most[0].code, 4);  // of the odd codes 5 is the next to miss
  const WindowBounds odd = bounds_with_window(all, 1, {0, 6});
  EXPECT_EQ(odd.less.at_least[0].code, 1);  // of the odd codes 1 is the last reached
  EXPECT_EQ(odd.whole.at_most[0].code, 3);
}

TEST(Line, AWindowLeavesTheCodesBeyondTheEndsToTheClamp) {
  const LineBounds all{.at_least = {{10, 1}}, .at_most = {{20, 2}}};
  const WindowBounds even = bounds_with_window(all, 0, {0, 3});
  EXPECT_TRUE(even.less.at_least.empty());  // 0 is below what needs reaching
  EXPECT_EQ(even.whole.at_most.size(), 1U);
  const WindowBounds odd = bounds_with_window(all, 1, {0, 3});
  EXPECT_TRUE(odd.whole.at_most.empty());  // 4 is above the last
}

TEST(Line, BoundsThatContradictEachOtherHaveNoMultiplier) {
  const LineBounds bounds{.at_least = {{5, 3}}, .at_most = {{5, 2}}};
  EXPECT_TRUE(multipliers_within(bounds, 8, kAnyMultiplier).is_empty());
}

TEST(Line, AccumulatorsOf63BitsDoNotOverflow) {
  constexpr std::int64_t kFar = std::int64_t{1} << 62;
  const LineBounds bounds{.at_least = {{0, 0}, {kFar, 65535}},
                          .at_most = {{-1, -1}, {kFar, 65535}}};
  const WideInterval found = multipliers_within(bounds, kMaxShift, kAnyMultiplier);
  EXPECT_EQ(narrow(found.low), 65535);
  EXPECT_EQ(narrow(found.high), 65535);
  EXPECT_EQ(narrow(offsets_of(bounds, 65535, kMaxShift).low), 0);
}

TEST(Roundest, IsZeroWhereItCanBe) {
  EXPECT_EQ(narrow(roundest({-7, 12})), 0);
}

TEST(Roundest, HasTheMostZerosAtItsEnd) {
  EXPECT_EQ(narrow(roundest({4090, 4100})), 4096);
  EXPECT_EQ(narrow(roundest({5, 7})), 6);
  EXPECT_EQ(narrow(roundest({-7, -5})), -6);
  EXPECT_EQ(narrow(roundest({9, 9})), 9);
  EXPECT_EQ(narrow(roundest({-4100, -4090})), -4096);
}

TEST(Roundest, IsAtMostABitWiderThanTheNarrowest) {
  EXPECT_EQ(narrow(roundest({5, kMaxCoefficient})), 8);
  EXPECT_EQ(narrow(roundest({-kMaxCoefficient, -5})), -16);
}

}  // namespace
}  // namespace sluice::rtl
