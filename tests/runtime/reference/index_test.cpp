// SPDX-License-Identifier: Apache-2.0
#include "sluice/runtime/reference/index.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace sluice::runtime::reference {
namespace {

using ::testing::ElementsAre;

std::vector<Index> walk(const Shape& shape) {
  std::vector<Index> result;
  for_each_index(shape, [&](std::span<const std::int64_t> index) {
    result.emplace_back(index.begin(), index.end());
  });
  return result;
}

TEST(Index, TheInnermostDimensionRunsFastest) {
  EXPECT_THAT(walk({2, 2}), ElementsAre(Index{0, 0}, Index{0, 1}, Index{1, 0}, Index{1, 1}));
}

TEST(Index, AScalarHasOnePositionAndAnEmptyShapeNone) {
  EXPECT_THAT(walk({}), ElementsAre(Index{}));
  EXPECT_TRUE(walk({3, 0}).empty());
}

TEST(Index, RepeatedAndMissingDimensionsHaveStrideZero) {
  EXPECT_THAT(broadcast_strides(Shape{3, 1}, Shape{2, 3, 4}), ElementsAre(0, 1, 0));
}

TEST(Index, BroadcastingPairsElementsUp) {
  std::vector<std::pair<std::int64_t, std::int64_t>> pairs;
  const Shape column{2, 1};
  const Shape row{2};
  for_each_broadcast<2>(Shape{2, 2}, {column, row},
                        [&](std::int64_t, const std::array<std::int64_t, 2>& at) {
                          pairs.emplace_back(at[0], at[1]);
                        });
  EXPECT_THAT(pairs,
              ElementsAre(std::pair{0, 0}, std::pair{0, 1}, std::pair{1, 0}, std::pair{1, 1}));
}

}  // namespace
}  // namespace sluice::runtime::reference
