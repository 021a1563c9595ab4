// SPDX-License-Identifier: Apache-2.0
#include "sluice/import/tflite/axes.hpp"

#include <gtest/gtest.h>

namespace sluice::importer::tflite {
namespace {

using List = std::vector<std::int64_t>;

TEST(TfliteAxes, AreCountedFromTheStartSortedAndNamedOnce) {
  const auto axes = normalized_axes(List{-1, 1, 3}, 4);
  ASSERT_TRUE(axes);
  EXPECT_EQ(*axes, (List{1, 3}));
}

TEST(TfliteAxes, OutsideTheRankAreRefused) {
  EXPECT_FALSE(normalized_axes(List{4}, 4));
  EXPECT_FALSE(normalized_axes(List{-5}, 4));
}

TEST(TfliteAxes, OrderIsKeptUnlessChannelsAndASpatialDimensionAreLeft) {
  EXPECT_TRUE(keeps_order_without({1, 2}));
  EXPECT_TRUE(keeps_order_without({3}));
  EXPECT_TRUE(keeps_order_without({0, 3}));
  EXPECT_FALSE(keeps_order_without({1}));
  EXPECT_FALSE(keeps_order_without({0, 2}));
  EXPECT_FALSE(keeps_order_without({}));
}

}  // namespace
}  // namespace sluice::importer::tflite
