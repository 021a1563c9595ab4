// SPDX-License-Identifier: Apache-2.0
#include "sluice/base/rng.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <gtest/gtest.h>
#include <limits>
#include <numeric>

namespace sluice {
namespace {

// Expected values here and below: an independent computation in Python.
TEST(Rng, TheStreamOfSeedZeroIsFixed) {
  Rng rng(0);
  EXPECT_EQ(rng.next(), 0x99ec5f36cb75f2b4U);
  EXPECT_EQ(rng.next(), 0xbf6e1f784956452aU);
  EXPECT_EQ(rng.next(), 0x1a5f849d4933e6e0U);
}

TEST(Rng, BoundedNumbersStayInTheirRange) {
  Rng rng(1);
  for (int i = 0; i < 1000; ++i) EXPECT_LT(rng.below(7), 7U);
  EXPECT_EQ(rng.below(1), 0U);
}

TEST(Rng, IntegerRangesIncludeBothEnds) {
  Rng rng(2);
  std::array<int, 3> seen{};
  for (int i = 0; i < 3000; ++i) ++seen[static_cast<std::size_t>(rng.integer(-1, 1) + 1)];
  for (const int count : seen) EXPECT_NEAR(count, 1000, 150);
}

TEST(Rng, TheWholeIntegerRangeIsAllowed) {
  Rng rng(3);
  Rng twin(3);
  using Limits = std::numeric_limits<std::int64_t>;
  EXPECT_EQ(static_cast<std::uint64_t>(rng.integer(Limits::min(), Limits::max())) - (1ULL << 63U),
            twin.next());
}

TEST(Rng, RealsAreInTheHalfOpenUnitInterval) {
  Rng rng(4);
  double sum = 0;
  for (int i = 0; i < 10000; ++i) {
    const double x = rng.real();
    ASSERT_GE(x, 0);
    ASSERT_LT(x, 1);
    sum += x;
  }
  EXPECT_NEAR(sum / 10000, 0.5, 0.01);
}

TEST(Rng, NormalsHaveTheMomentsOfANormal) {
  Rng rng(5);
  double sum = 0;
  double squares = 0;
  double fourths = 0;
  constexpr int kCount = 40000;
  for (int i = 0; i < kCount; ++i) {
    const double x = rng.normal();
    sum += x;
    squares += x * x;
    fourths += x * x * x * x;
  }
  EXPECT_NEAR(sum / kCount, 0, 0.02);
  EXPECT_NEAR(squares / kCount, 1, 0.03);
  EXPECT_NEAR(fourths / kCount, 3, 0.2);
}

TEST(Rng, NormalsAreFixedToTheLastBit) {
  Rng rng(6);
  EXPECT_EQ(rng.normal(), -0x1.e438c5d103e21p-1);
  EXPECT_EQ(rng.normal(), 0x1.edede5b65fe9cp-1);
}

TEST(Rng, APermutationHoldsEachIndexOnce) {
  Rng rng(7);
  std::vector<std::int64_t> order = permutation(100, rng);
  EXPECT_FALSE(std::ranges::is_sorted(order));
  std::ranges::sort(order);
  for (std::int64_t i = 0; i < 100; ++i) EXPECT_EQ(order[static_cast<std::size_t>(i)], i);
  EXPECT_TRUE(permutation(0, rng).empty());
}

TEST(Rng, APermutationIsFixedBySeed) {
  Rng rng(8);
  EXPECT_EQ(permutation(8, rng), (std::vector<std::int64_t>{2, 3, 4, 6, 5, 0, 1, 7}));
}

// Published figures: the first indices for the 1,281,167 images of ImageNet's training set.
TEST(TorchPermutation, EqualsTorchOnImageNetsTrainingSet) {
  const std::vector<std::int64_t> order = torch_permutation(1281167, 0);
  EXPECT_EQ(
      std::vector<std::int64_t>(order.begin(), order.begin() + 8),
      (std::vector<std::int64_t>{1069931, 571398, 762430, 399643, 899707, 226472, 855447, 424110}));
}

}  // namespace
}  // namespace sluice
