// SPDX-License-Identifier: Apache-2.0
#include "sluice/train/mixup.hpp"

#include <algorithm>
#include <gtest/gtest.h>

namespace sluice::train {
namespace {

TEST(Mixup, SharesHaveTheMomentsOfTheirDistribution) {
  for (const double alpha : {0.2, 1.0, 4.0}) {
    Rng rng(7);
    double sum = 0, squares = 0;
    constexpr int kDraws = 20000;
    for (int i = 0; i < kDraws; ++i) {
      const double share = draw_symmetric_beta(alpha, rng);
      ASSERT_GE(share, 0);
      ASSERT_LE(share, 1);
      sum += share;
      squares += share * share;
    }
    const double mean = sum / kDraws;
    EXPECT_NEAR(mean, 0.5, 0.02) << alpha;
    // Of Beta(α, α): 1/(4·(2α + 1)).
    EXPECT_NEAR(squares / kDraws - mean * mean, 1 / (4 * (2 * alpha + 1)), 0.01) << alpha;
  }
}

TEST(Mixup, AStepDrawsTheSameWheneverItRuns) {
  const Mixture first = draw_mixture(3, 17, 32, 0.2);
  const Mixture again = draw_mixture(3, 17, 32, 0.2);
  EXPECT_EQ(first.share, again.share);
  EXPECT_EQ(first.partners, again.partners);
  EXPECT_NE(first.share, draw_mixture(3, 18, 32, 0.2).share);
  EXPECT_NE(first.share, draw_mixture(4, 17, 32, 0.2).share);
}

TEST(Mixup, EveryImageIsOnceAPartner) {
  Mixture mixture = draw_mixture(1, 0, 9, 1);
  std::ranges::sort(mixture.partners);
  for (std::int64_t i = 0; i < 9; ++i) {
    EXPECT_EQ(mixture.partners[static_cast<std::size_t>(i)], i);
  }
}

TEST(Mixup, MixesRowsByTheShare) {
  const at::Tensor rows = at::tensor({1.0F, 2.0F, 10.0F, 20.0F}).reshape({2, 2});
  const at::Tensor result = mixed(rows, {0.75, {1, 0}});
  EXPECT_TRUE(at::allclose(result, at::tensor({3.25F, 6.5F, 7.75F, 15.5F}).reshape({2, 2})));
}

}  // namespace
}  // namespace sluice::train
