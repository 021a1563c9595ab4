// SPDX-License-Identifier: Apache-2.0
#include "sluice/base/shape.hpp"

#include <gtest/gtest.h>

namespace sluice {
namespace {

TEST(Shape, ScalarHasOneElement) {
  EXPECT_EQ(num_elements(Shape{}), 1);
}

TEST(Shape, ZeroDimensionDoesNotHideAnOverflow) {
  EXPECT_FALSE(check_shape(Shape{0, std::int64_t{1} << 40}));
  EXPECT_FALSE(check_shape(Shape{std::int64_t{1} << 30, std::int64_t{1} << 30, 4}));
  EXPECT_TRUE(check_shape(Shape{0, 7}));
}

TEST(Shape, TooManyDimensionsAreRefused) {
  EXPECT_TRUE(check_shape(Shape(kMaxRank, 1)));
  EXPECT_FALSE(check_shape(Shape(kMaxRank + 1, 1)));
}

TEST(Shape, NegativeDimensionIsRefusedByValue) {
  const Status status = check_shape(Shape{2, -3});
  ASSERT_FALSE(status);
  EXPECT_NE(status.error().message.find("-3"), std::string::npos);
}

TEST(Shape, StridesAreRowMajor) {
  EXPECT_EQ(strides_of(Shape{2, 3, 4}), (std::vector<std::int64_t>{12, 4, 1}));
}

TEST(Shape, BroadcastFollowsNumpy) {
  EXPECT_EQ(*broadcast(Shape{3, 1}, Shape{2, 1, 4}), (Shape{2, 3, 4}));
  EXPECT_EQ(*broadcast(Shape{1}, Shape{0}), (Shape{0}));
  EXPECT_FALSE(broadcast(Shape{2}, Shape{3}));
}

TEST(Shape, NegativeAxisCountsFromTheEnd) {
  EXPECT_EQ(*normalize_axis(-1, 4), 3);
  EXPECT_FALSE(normalize_axis(4, 4));
}

}  // namespace
}  // namespace sluice
