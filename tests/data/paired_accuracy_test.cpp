// SPDX-License-Identifier: Apache-2.0
#include "sluice/data/paired_accuracy.hpp"

#include <cmath>
#include <gtest/gtest.h>
#include <span>
#include <vector>

#include "sluice/base/rng.hpp"

namespace sluice::data {
namespace {

TEST(PairedAccuracy, CountsWhatTurned) {
  PairedCounts counts;
  counts.add(true, true);
  counts.add(true, false);
  counts.add(true, false);
  counts.add(false, true);
  counts.add(false, false);
  EXPECT_EQ(counts, (PairedCounts{5, 3, 2, 2, 1}));
}

TEST(PairedAccuracy, QuantilesOfTheNormalDistributionAreThoseOfTables) {
  EXPECT_NEAR(two_sided_normal_quantile(0.05), 1.959964, 1e-6);
  EXPECT_NEAR(two_sided_normal_quantile(0.01), 2.575829, 1e-6);
  EXPECT_NEAR(two_sided_normal_quantile(0.3173105), 1, 1e-6);
}

TEST(PairedAccuracy, OfAllImagesTheLossIsKnown) {
  const LossInterval loss = loss_interval({200, 180, 170, 14, 4}, 200, 0.05);
  EXPECT_DOUBLE_EQ(loss.estimate, 0.05);
  EXPECT_EQ(loss.lowest, loss.estimate);
  EXPECT_EQ(loss.highest, loss.estimate);
}

TEST(PairedAccuracy, AnIntervalIsThatOfTheFormula) {
  // b′ − c′ = 10, b′ + c′ = 19, n′ = 202, half of the population left.
  const LossInterval loss = loss_interval({200, 180, 170, 14, 4}, 399, 0.05);
  const double margin = 1.959964 * std::sqrt((19 - 100.0 / 202) / (202.0 * 202.0) * 199 / 398);
  EXPECT_NEAR(loss.lowest, 10.0 / 202 - margin, 1e-8);
  EXPECT_NEAR(loss.highest, 10.0 / 202 + margin, 1e-8);
}

TEST(PairedAccuracy, NothingTurnedDoesNotMeanThatNothingWill) {
  const LossInterval loss = loss_interval({50, 45, 45, 0, 0}, 10'000, 0.05);
  EXPECT_EQ(loss.estimate, 0);
  EXPECT_LT(loss.lowest, -0.01);
  EXPECT_GT(loss.highest, 0.01);
}

TEST(PairedAccuracy, EndsAreShares) {
  const LossInterval loss = loss_interval({1, 1, 0, 1, 0}, 1000, 0.01);
  EXPECT_GE(loss.lowest, -1);
  EXPECT_LE(loss.highest, 1);
}

TEST(PairedAccuracy, OneLooksAtTwiceAsManyEachTimeAndAtAllInTheEnd) {
  EXPECT_EQ(looks_at(2000, 250, 1), (std::vector<std::int64_t>{250, 500, 1000, 2000}));
  EXPECT_EQ(looks_at(2000, 250, 16), (std::vector<std::int64_t>{256, 512, 1008, 2000}));
  EXPECT_EQ(looks_at(100, 250, 16), (std::vector<std::int64_t>{100}));
  EXPECT_EQ(looks_at(1100, 250, 1), (std::vector<std::int64_t>{250, 500, 1100}));
  EXPECT_EQ(looks_at(1000, 10, 400), (std::vector<std::int64_t>{400, 800, 1000}));
}

// 4 % of 2,000 images turn to wrong and 3 % to right: the truth is a loss of a hundredth.
std::vector<int> population() {
  std::vector<int> turned(2000, 0);
  for (std::size_t i = 0; i < 80; ++i) turned[i] = 1;
  for (std::size_t i = 80; i < 140; ++i) turned[i] = -1;
  return turned;
}

TEST(PairedAccuracy, TheTruthLiesWithinAsOftenAsIsSaid) {
  std::vector<int> turned = population();
  Rng rng(7);
  constexpr int kDraws = 2000;
  int outside = 0;
  for (int draw = 0; draw < kDraws; ++draw) {
    rng.shuffle(std::span(turned));
    PairedCounts counts;
    for (std::size_t i = 0; i < 250; ++i) counts.add(turned[i] > 0, turned[i] < 0);
    const LossInterval loss = loss_interval(counts, 2000, 0.05);
    outside += loss.lowest > 0.01 || loss.highest < 0.01 ? 1 : 0;
  }
  EXPECT_LT(outside, kDraws * 7 / 100);
  EXPECT_GT(outside, kDraws * 2 / 100);
}

TEST(PairedAccuracy, LooksThatShareTheSignificanceAreRarelyWrong) {
  std::vector<int> turned = population();
  Rng rng(8);
  const auto looks = looks_at(2000, 125, 1);
  constexpr int kDraws = 1000;
  int wrong = 0;
  for (int draw = 0; draw < kDraws; ++draw) {
    rng.shuffle(std::span(turned));
    PairedCounts counts;
    bool is_wrong = false;
    for (const std::int64_t look : looks) {
      while (counts.images < look) {
        const int turn = turned[static_cast<std::size_t>(counts.images)];
        counts.add(turn > 0, turn < 0);
      }
      const double share = 0.05 / static_cast<double>(looks.size());
      is_wrong = is_wrong || loss_interval(counts, 2000, share).lowest > 0.0101;
    }
    wrong += is_wrong ? 1 : 0;
  }
  EXPECT_LT(wrong, kDraws * 5 / 100);
}

}  // namespace
}  // namespace sluice::data
