// SPDX-License-Identifier: Apache-2.0
#include "sluice/sparse/mask_counts.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <random>

namespace sluice::sparse {
namespace {

using testing::ElementsAre;

MaskCounts random_counts(std::size_t size, std::mt19937& random) {
  MaskCounts result(size);
  for (auto& count : result) count = random() % 7;
  return result;
}

TEST(MaskCounts, IntersectEqualsAllPairs) {
  std::mt19937 random(1);
  for (const std::size_t size : {1U, 2U, 8U, 512U}) {
    const MaskCounts windows = random_counts(size, random);
    const MaskCounts kernels = random_counts(size, random);
    MaskCounts expected(size);
    for (std::size_t a = 0; a < size; ++a) {
      for (std::size_t b = 0; b < size; ++b) expected[a & b] += windows[a] * kernels[b];
    }
    EXPECT_EQ(intersect(windows, kernels), expected) << size;
  }
}

TEST(MaskCounts, IntersectHoldsCountsBeyond32Bits) {
  const MaskCounts windows = {0, std::uint64_t{1} << 40U};
  const MaskCounts kernels = {1U << 20U, 1};
  EXPECT_THAT(intersect(windows, kernels),
              ElementsAre(std::uint64_t{1} << 60U, std::uint64_t{1} << 40U));
}

TEST(MaskCounts, CountZerosCountsClearBits) {
  EXPECT_THAT(count_zeros(MaskCounts{5, 1, 2, 7}), ElementsAre(7, 3, 5));
  EXPECT_THAT(count_zeros(MaskCounts{9}), ElementsAre(9));
}

}  // namespace
}  // namespace sluice::sparse
