// SPDX-License-Identifier: Apache-2.0
#include "sluice/ir/ops/layout_geometry.hpp"

#include <gtest/gtest.h>
#include <limits>

namespace sluice::ir {
namespace {

using S = sluice::Shape;

constexpr std::int64_t kLeast = std::numeric_limits<std::int64_t>::min();
constexpr std::int64_t kMost = std::numeric_limits<std::int64_t>::max();

// The positions a slice of one dimension picks.
Integers picked(std::int64_t dim, std::int64_t start, std::int64_t end, std::int64_t step) {
  const auto ranges = resolve_slice({dim}, {{start}, {end}, {}, Integers{step}});
  if (!ranges) return {-1};
  Integers positions;
  for (std::int64_t i = 0; i < ranges->at(0).size; ++i) {
    positions.push_back(ranges->at(0).begin + i * ranges->at(0).step);
  }
  return positions;
}

TEST(Reshape, InfersOneDimensionAndCopiesZeros) {
  EXPECT_EQ(*reshaped_shape({2, 3, 4}, {-1, 3}, false), (S{8, 3}));
  EXPECT_EQ(*reshaped_shape({2, 3, 4}, {0, 0, -1}, false), (S{2, 3, 4}));
  EXPECT_EQ(*reshaped_shape({0, 3, 4}, {3, 4, 0}, true), (S{3, 4, 0}));
  EXPECT_EQ(*reshaped_shape({0, 3}, {-1, 3}, false), (S{0, 3}));
  EXPECT_EQ(*reshaped_shape({1}, {}, false), S{});
}

TEST(Reshape, RefusesWhatDoesNotFit) {
  EXPECT_FALSE(reshaped_shape({2, 3}, {4, -1}, false));
  EXPECT_FALSE(reshaped_shape({2, 3}, {7}, false));
  EXPECT_FALSE(reshaped_shape({2, 3}, {-1, -1}, false));
  EXPECT_FALSE(reshaped_shape({2, 3}, {-2, -3}, false));
  EXPECT_FALSE(reshaped_shape({2, 3}, {2, 3, 0}, false));
  EXPECT_FALSE(reshaped_shape({0, 3}, {0, -1}, true));
  EXPECT_FALSE(reshaped_shape({2, 3}, {kMost, kMost, 6}, false));
}

TEST(Slice, ClampsBothEndsToTheDimension) {
  EXPECT_EQ(picked(5, 1, 3, 1), (Integers{1, 2}));
  EXPECT_EQ(picked(5, -2, kMost, 1), (Integers{3, 4}));
  EXPECT_EQ(picked(5, kLeast, kMost, 2), (Integers{0, 2, 4}));
  EXPECT_EQ(picked(5, 7, 9, 1), Integers{});
  EXPECT_EQ(picked(5, 3, 1, 1), Integers{});
  EXPECT_EQ(picked(0, 0, 3, 1), Integers{});
}

TEST(Slice, NegativeStepsRunBackward) {
  EXPECT_EQ(picked(5, kMost, kLeast, -1), (Integers{4, 3, 2, 1, 0}));
  EXPECT_EQ(picked(5, -1, 0, -2), (Integers{4, 2}));
  EXPECT_EQ(picked(5, 3, -6, -3), (Integers{3, 0}));
  EXPECT_EQ(picked(5, 0, 3, -1), Integers{});
  EXPECT_EQ(picked(0, kMost, kLeast, -1), Integers{});
}

TEST(Slice, StepsBeyondTheDimensionPickOneElement) {
  EXPECT_EQ(picked(5, 1, 5, kMost), Integers{1});
  EXPECT_EQ(picked(5, 3, kLeast, kLeast), Integers{3});
}

TEST(Slice, RefusesStepZeroAndListsThatDisagree) {
  EXPECT_EQ(picked(5, 0, 5, 0), Integers{-1});
  EXPECT_FALSE(resolve_slice({5}, {{0}, {1, 2}, {}, {}}));
  EXPECT_FALSE(resolve_slice({5}, {{0}, {1}, Integers{0, 0}, {}}));
  EXPECT_FALSE(resolve_slice({5, 5}, {{0, 0}, {1, 1}, Integers{0, -2}, {}}));
  EXPECT_FALSE(resolve_slice({5}, {{0, 0}, {1, 1}, {}, {}}));
}

TEST(Pad, NegativePadsCropBeforeTheOthersAreAdded) {
  const auto ranges = resolve_pad({5}, PadMode::Reflect, {-2, 3}, {});
  ASSERT_TRUE(ranges);
  EXPECT_EQ(ranges->at(0).crop_begin, 2);
  EXPECT_EQ(ranges->at(0).kept, 3);
  EXPECT_EQ(ranges->at(0).size(), 6);
}

TEST(Pad, RefusesToCutMoreThanThereIs) {
  EXPECT_FALSE(resolve_pad({5}, PadMode::Constant, {-3, -3}, {}));
  EXPECT_FALSE(resolve_pad({5}, PadMode::Constant, {-6, 6}, {}));
  EXPECT_FALSE(resolve_pad({5}, PadMode::Constant, {kLeast, 0}, {}));
  EXPECT_FALSE(resolve_pad({5}, PadMode::Constant, {kMost, kMost}, {}));
}

TEST(Pad, AnEmptyDimensionTakesOnlyConstants) {
  EXPECT_TRUE(resolve_pad({0}, PadMode::Constant, {1, 1}, {}));
  EXPECT_FALSE(resolve_pad({0}, PadMode::Edge, {1, 1}, {}));
  EXPECT_TRUE(resolve_pad({0}, PadMode::Wrap, {0, 0}, {}));
}

TEST(Pad, WantsABeginAndAnEndAnAxis) {
  EXPECT_FALSE(resolve_pad({5, 5}, PadMode::Constant, {1, 1}, {}));
  EXPECT_FALSE(resolve_pad({5, 5}, PadMode::Constant, {1, 1}, Integers{2}));
  EXPECT_TRUE(resolve_pad({5, 5}, PadMode::Constant, {1, 1}, Integers{1}));
}

TEST(Split, WithoutSizesTheLastPartIsSmaller) {
  EXPECT_EQ(*split_sizes(7, 3, {}), (Integers{3, 3, 1}));
  EXPECT_EQ(*split_sizes(6, 3, {}), (Integers{2, 2, 2}));
  EXPECT_EQ(*split_sizes(0, 2, {}), (Integers{0, 0}));
  EXPECT_FALSE(split_sizes(5, 4, {}));  // 2, 2, 2 is too much already
  EXPECT_FALSE(split_sizes(5, 0, {}));
}

TEST(Split, SizesMustFillTheDimension) {
  EXPECT_EQ(*split_sizes(7, 3, Integers{2, 0, 5}), (Integers{2, 0, 5}));
  EXPECT_FALSE(split_sizes(7, 2, Integers{2, 4}));
  EXPECT_FALSE(split_sizes(7, 2, Integers{8, -1}));
  EXPECT_FALSE(split_sizes(7, 2, Integers{kMost, kMost}));
  EXPECT_FALSE(split_sizes(7, 3, Integers{3, 4}));
}

}  // namespace
}  // namespace sluice::ir
