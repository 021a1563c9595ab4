// SPDX-License-Identifier: Apache-2.0
#include "sluice/api/threshold_policy.hpp"

#include <gtest/gtest.h>

#include "tests/api/fake_trials.hpp"

namespace sluice::api {
namespace {

TEST(ThresholdPolicy, NamesAreReadAsTheyAreWritten) {
  for (const auto policy :
       {ThresholdPolicy::Joint, ThresholdPolicy::Uniform, ThresholdPolicy::SlowestNode}) {
    const auto read = threshold_policy_from_string(to_string(policy));
    ASSERT_TRUE(read);
    EXPECT_EQ(*read, policy);
  }
  const auto wrong = threshold_policy_from_string("slowest");
  ASSERT_FALSE(wrong);
  EXPECT_EQ(wrong.error().code, ErrorCode::InvalidArgument);
  EXPECT_NE(wrong.error().message.find("slowest-node"), std::string::npos);
}

TEST(UniformPolicy, StaysWithinTheToleranceAndGainsWithEachStep) {
  FakeTrials trials({{10, 100, 5}, {5, 50, 2}});
  ASSERT_TRUE(search_thresholds(ThresholdPolicy::Uniform, trials, 1));
  EXPECT_GT(trials.best().fps, trials.trials[0].fps);
  EXPECT_LE(trials.best().lost_points, 1);
}

TEST(UniformPolicy, GivesAllLayersTheSame) {
  FakeTrials trials({{10, 100, 5}, {5, 50, 2}});
  ASSERT_TRUE(search_thresholds(ThresholdPolicy::Uniform, trials, 1));
  for (const Trial& trial : trials.trials) {
    const auto& weights = trial.thresholds.weights;
    const auto& rectifiers = trial.thresholds.rectifiers;
    if (!weights.empty()) {
      EXPECT_EQ(weights.at("conv0"), weights.at("conv1"));
    }
    if (!rectifiers.empty()) {
      EXPECT_EQ(rectifiers.at("relu0"), rectifiers.at("relu1"));
    }
  }
}

TEST(UniformPolicy, BeginsWithTheStepsOfThePublishedSearch) {
  FakeTrials trials({{10, 1, 1}});
  ASSERT_TRUE(search_thresholds(ThresholdPolicy::Uniform, trials, 1));
  ASSERT_GE(trials.trials.size(), 3U);
  EXPECT_FLOAT_EQ(trials.trials[1].thresholds.weights.at("conv0"), 0.001F);
  EXPECT_FLOAT_EQ(trials.trials[2].thresholds.rectifiers.at("relu0"), 0.01F);
}

TEST(UniformPolicy, AStepThatBreaksTheToleranceIsNotGoneOnFrom) {
  FakeTrials trials({{10, 1e9, 1e9}});
  ASSERT_TRUE(search_thresholds(ThresholdPolicy::Uniform, trials, 1));
  EXPECT_EQ(trials.trials.size(), 9U) << "four strides of two thresholds, then it is given up";
  EXPECT_EQ(trials.best().number, 0);
}

TEST(UniformPolicy, EndsWithTheTrials) {
  FakeTrials trials({{10, 1e-9, 1e-9}});
  trials.most_trials = 7;
  ASSERT_TRUE(search_thresholds(ThresholdPolicy::Uniform, trials, 1));
  EXPECT_LE(trials.trials.size(), 8U);
}

TEST(SlowestNodePolicy, RaisesTheRectifierBeforeTheSlowestConvolutionFirst) {
  FakeTrials trials({{1, 1, 1}, {10, 1, 1}, {3, 1, 1}});
  ASSERT_TRUE(search_thresholds(ThresholdPolicy::SlowestNode, trials, 1));
  const Thresholds& first = trials.trials[1].thresholds;
  EXPECT_EQ(first.rectifiers, (LayerThresholds{{"relu1", 0.1F}}));
  EXPECT_TRUE(first.weights.empty());
  EXPECT_EQ(trials.trials[2].thresholds.rectifiers.at("relu1"), 0.2F) << "it advances";
}

TEST(SlowestNodePolicy, GoesOnWithTheNextWhereTheToleranceBreaks) {
  // The slowest bears nothing.
  FakeTrials trials({{1, 1, 0.1}, {10, 1, 1000}, {3, 1, 0.1}});
  ASSERT_TRUE(search_thresholds(ThresholdPolicy::SlowestNode, trials, 1));
  EXPECT_EQ(trials.trials[1].thresholds.rectifiers.count("relu1"), 1U);
  EXPECT_EQ(trials.trials[2].thresholds.rectifiers, (LayerThresholds{{"relu2", 0.1F}}));
  const auto& best = trials.best().thresholds.rectifiers;
  EXPECT_EQ(best.count("relu1"), 0U);
  EXPECT_EQ(best.count("relu2"), 1U);
  EXPECT_EQ(best.count("relu0"), 1U);
}

TEST(SlowestNodePolicy, EndsWhereAllHaveTheHighestLevel) {
  FakeTrials trials({{1, 0, 0}, {10, 0, 0}});
  ASSERT_TRUE(search_thresholds(ThresholdPolicy::SlowestNode, trials, 1));
  EXPECT_EQ(trials.best().thresholds.rectifiers, (LayerThresholds{{"relu0", 1.F}, {"relu1", 1.F}}));
}

TEST(ThresholdPolicy, ErrorsOfTrialsEndTheSearch) {
  for (const auto policy :
       {ThresholdPolicy::Joint, ThresholdPolicy::Uniform, ThresholdPolicy::SlowestNode}) {
    FakeTrials trials({{10, 1, 1}, {5, 1, 1}});
    trials.fails_after = 3;
    const Status status = search_thresholds(policy, trials, 1);
    ASSERT_FALSE(status);
    EXPECT_EQ(status.error().code, ErrorCode::Io);
  }
}

}  // namespace
}  // namespace sluice::api
