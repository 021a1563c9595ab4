// SPDX-License-Identifier: Apache-2.0
#include "sluice/dse/threshold_choice.hpp"

#include <algorithm>
#include <gtest/gtest.h>
#include <utility>

namespace sluice::dse {
namespace {

// Three layers, a knob each; the higher a level, the more is lost and the less is left to do.
ThresholdProblem three_layers() {
  ThresholdProblem problem{.work = {100, 50, 10}};
  const std::vector<double> sensitivity{1, 4, 0.5};
  for (std::size_t k = 0; k < 3; ++k) {
    ThresholdKnob knob;
    for (int l = 1; l <= 4; ++l) {
      ThresholdLevel level{sensitivity[k] * l * l, {1, 1, 1}};
      level.work_left[k] = 1 - 0.2 * l;
      knob.levels.push_back(std::move(level));
    }
    problem.knobs.push_back(std::move(knob));
  }
  return problem;
}

// All choices within the loss.
double least_cost(const ThresholdProblem& problem, double most_loss) {
  double least = 1;
  for (std::size_t i = 0; i < 125; ++i) {
    const ThresholdLevels levels{i % 5, i / 5 % 5, i / 25};
    if (loss_of(problem, levels) <= most_loss) least = std::min(least, cost_of(problem, levels));
  }
  return least;
}

TEST(ThresholdChoice, WithoutThresholdsAllWorkIsLeftAndNothingLost) {
  const ThresholdProblem problem = three_layers();
  EXPECT_DOUBLE_EQ(cost_of(problem, {0, 0, 0}), 1);
  EXPECT_EQ(loss_of(problem, {0, 0, 0}), 0);
}

TEST(ThresholdChoice, LossesAddUpAndWorkMultiplies) {
  ThresholdProblem problem = three_layers();
  EXPECT_DOUBLE_EQ(loss_of(problem, {1, 2, 0}), 1 + 16);
  EXPECT_DOUBLE_EQ(cost_of(problem, {1, 2, 0}), (100 * 0.8 + 50 * 0.6 + 10) / 160);
  problem.knobs[1].levels[1].work_left[0] = 0.5;
  EXPECT_DOUBLE_EQ(cost_of(problem, {1, 2, 0}), (100 * 0.8 * 0.5 + 50 * 0.6 + 10) / 160);
}

TEST(ThresholdChoice, NothingIsChosenWhereNothingMayBeLost) {
  EXPECT_EQ(choose_thresholds(three_layers(), 0), (ThresholdLevels{0, 0, 0}));
}

TEST(ThresholdChoice, AllIsChosenWhereAllMayBeLost) {
  EXPECT_EQ(choose_thresholds(three_layers(), 1000), (ThresholdLevels{4, 4, 4}));
}

TEST(ThresholdChoice, TheBoundIsKeptAndLittleIsLeftOnTheTable) {
  const ThresholdProblem problem = three_layers();
  for (double bound = 0.5; bound < 100; bound *= 1.5) {
    const ThresholdLevels levels = choose_thresholds(problem, bound);
    EXPECT_LE(loss_of(problem, levels), bound);
    EXPECT_LE(cost_of(problem, levels), least_cost(problem, bound) * 1.35) << bound;
  }
}

TEST(ThresholdChoice, WhatCostsNothingIsTaken) {
  ThresholdProblem problem = three_layers();
  problem.knobs[2].levels[3].loss = 0;
  EXPECT_EQ(choose_thresholds(problem, 0)[2], 4U);
}

TEST(ThresholdChoice, OfAHighOrderOnlyTheLargestLayerCounts) {
  ThresholdProblem problem = three_layers();
  problem.order = 32;
  const ThresholdLevels levels = choose_thresholds(problem, 4);
  EXPECT_EQ(levels, (ThresholdLevels{2, 0, 0}));
  EXPECT_NEAR(cost_of(problem, levels), 0.6, 0.02);
}

TEST(ThresholdChoice, WeightsBendTheChoice) {
  const ThresholdProblem problem = three_layers();
  const std::vector<double> weights{100, 0.01, 1};
  const ThresholdLevels levels = choose_thresholds(problem, 16, weights);
  EXPECT_EQ(levels[0], 0U);
  EXPECT_GT(levels[1], choose_thresholds(problem, 16)[1]);
  EXPECT_LE(loss_of(problem, levels), 16) << "they do not count in the bound";
}

TEST(ThresholdChoice, OfManyKnobsTheChoiceIsNearlyTheRelaxedOptimum) {
  // Separable and convex: loss l², work 1 − l/10, so that at the optimum all have the same level.
  ThresholdProblem problem;
  problem.work.assign(20, 1.0);
  for (std::size_t k = 0; k < 20; ++k) {
    ThresholdKnob knob;
    for (int l = 1; l <= 8; ++l) {
      ThresholdLevel level{static_cast<double>(l * l), std::vector<double>(20, 1.0)};
      level.work_left[k] = 1 - l / 10.0;
      knob.levels.push_back(std::move(level));
    }
    problem.knobs.push_back(std::move(knob));
  }
  const ThresholdLevels levels = choose_thresholds(problem, 20 * 16);
  for (const std::size_t level : levels) EXPECT_EQ(level, 4U);
}

}  // namespace
}  // namespace sluice::dse
