// SPDX-License-Identifier: Apache-2.0
#include "sluice/sparse/threshold_levels.hpp"

#include <cmath>
#include <gtest/gtest.h>
#include <limits>
#include <numeric>

namespace sluice::sparse {
namespace {

const std::vector<double> kQuarters{0.25, 0.5, 0.75};

TEST(ThresholdLevels, HaveTheAskedShareOfWeightsBelowThem) {
  std::vector<float> weights(1000);
  for (std::size_t i = 0; i < weights.size(); ++i) {
    weights[i] = static_cast<float>(i + 1) / 1000 * (i % 2 == 0 ? 1.F : -1.F);
  }
  const auto levels = weight_levels(weights, kQuarters);
  ASSERT_EQ(levels.size(), 3U);
  for (std::size_t i = 0; i < levels.size(); ++i) {
    std::size_t below = 0;
    for (const float weight : weights) below += std::abs(weight) < levels[i] ? 1 : 0;
    EXPECT_NEAR(static_cast<double>(below) / 1000, kQuarters[i], 0.002);
  }
}

TEST(ThresholdLevels, LeaveOutWeightsThatAreZero) {
  std::vector<float> weights(100, 0.F);
  weights.insert(weights.end(), {1, 2, 3, 4});
  EXPECT_EQ(weight_levels(weights, kQuarters), (std::vector<float>{2, 3, 4}));
}

TEST(ThresholdLevels, RiseAndAreThereOnce) {
  const std::vector<float> weights{0.5F, 0.5F, 0.5F, 0.5F, -2};
  EXPECT_EQ(weight_levels(weights, kQuarters), (std::vector<float>{0.5F}));
}

TEST(ThresholdLevels, HaveThreeDigits) {
  EXPECT_EQ(weight_levels(std::vector<float>{0.0123456F}, kQuarters),
            (std::vector<float>{0.0123F}));
}

TEST(ThresholdLevels, AreNoneOfNothing) {
  EXPECT_TRUE(weight_levels({}, kQuarters).empty());
  EXPECT_TRUE(weight_levels(std::vector<float>{0, 0}, kQuarters).empty());
  EXPECT_TRUE(PositiveCounts().levels(kQuarters).empty());
}

TEST(ThresholdLevels, OfActivationsAreOfThePositiveOnes) {
  PositiveCounts counts;
  std::vector<float> numbers(4096);
  std::iota(numbers.begin(), numbers.end(), 1.F);
  counts.add(numbers);
  const std::vector<float> others{0, -1, -0.F, std::numeric_limits<float>::infinity(),
                                  std::numeric_limits<float>::quiet_NaN()};
  counts.add(others);
  EXPECT_EQ(counts.count(), 4096U);
  const auto levels = counts.levels(kQuarters);
  ASSERT_EQ(levels.size(), 3U);
  for (std::size_t i = 0; i < levels.size(); ++i) {
    EXPECT_NEAR(levels[i], kQuarters[i] * 4096, kQuarters[i] * 4096 / 16);
  }
}

TEST(ThresholdLevels, DoNotHangOnTheOrderOfTheNumbers) {
  PositiveCounts once;
  PositiveCounts in_pieces;
  const std::vector<float> numbers{3, 1, 0.25F, 8, 5, 0.5F, 2};
  once.add(numbers);
  in_pieces.add(std::span(numbers).subspan(4));
  in_pieces.add(std::span(numbers).first(4));
  EXPECT_EQ(once.levels(kQuarters), in_pieces.levels(kQuarters));
}

TEST(ThresholdLevels, StayFiniteForTheLargestNumbers) {
  PositiveCounts counts;
  counts.add(std::vector<float>{1, 1, 1, 1, 1e30F});
  for (const float level : counts.levels(std::vector<double>{0.1, 0.99})) {
    EXPECT_TRUE(std::isfinite(level));
  }
}

}  // namespace
}  // namespace sluice::sparse
