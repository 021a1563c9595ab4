// SPDX-License-Identifier: Apache-2.0
#include "sluice/api/threshold_joint.hpp"

#include <gtest/gtest.h>

#include "tests/api/fake_trials.hpp"

namespace sluice::api {
namespace {

std::vector<FakeTrials::Layer> uneven_layers() {
  return {{100, 4, 1}, {80, 0.5, 8}, {60, 2, 2}, {10, 0.1, 0.1}, {5, 9, 9}, {40, 0.2, 3}};
}

// The keys of all trials, in order.
std::vector<std::string> keys_of(const FakeTrials& trials) {
  std::vector<std::string> keys;
  keys.reserve(trials.trials.size());
  for (const Trial& trial : trials.trials) keys.push_back(key_of(trial.thresholds));
  return keys;
}

TEST(JointSearch, BeginsWithoutThresholdsAndKeepsTheTolerance) {
  FakeTrials trials(uneven_layers());
  ASSERT_TRUE(search_jointly(trials, 1));
  EXPECT_EQ(trials.trials[0].thresholds, Thresholds());
  EXPECT_LE(trials.best().lost_points, 1);
  EXPECT_GT(trials.best().fps, 1.4 * trials.trials[0].fps);
}

TEST(JointSearch, BeatsOneThresholdForAll) {
  FakeTrials joint(uneven_layers());
  FakeTrials uniform(uneven_layers());
  joint.most_trials = uniform.most_trials = 100;
  ASSERT_TRUE(search_jointly(joint, 1));
  ASSERT_TRUE(search_thresholds(ThresholdPolicy::Uniform, uniform, 1));
  EXPECT_GT(joint.best().fps, 1.1 * uniform.best().fps);
}

TEST(JointSearch, OfAFixedDesignTheSlowestLayersGetThresholds) {
  FakeTrials trials({{100, 1, 1}, {99, 1, 1}, {10, 1, 1}, {5, 1, 1}});
  trials.is_fixed = true;
  ASSERT_TRUE(search_jointly(trials, 1));
  const Thresholds& best = trials.best().thresholds;
  EXPECT_GT(best.rectifiers.count("relu0") + best.weights.count("conv0"), 0U);
  EXPECT_GT(best.rectifiers.count("relu1") + best.weights.count("conv1"), 0U);
  EXPECT_EQ(best.weights.count("conv3") + best.rectifiers.count("relu3"), 0U);
  EXPECT_GT(trials.best().fps, 1.5 * trials.trials[0].fps);
}

TEST(JointSearch, TheSameSeedTriesTheSame) {
  FakeTrials once(uneven_layers());
  FakeTrials again(uneven_layers());
  FakeTrials other(uneven_layers());
  ASSERT_TRUE(search_jointly(once, 5));
  ASSERT_TRUE(search_jointly(again, 5));
  ASSERT_TRUE(search_jointly(other, 6));
  EXPECT_EQ(keys_of(once), keys_of(again));
  EXPECT_NE(keys_of(once), keys_of(other));
}

TEST(JointSearch, MoreTrialsGoOnWhereFewerEnded) {
  FakeTrials fewer(uneven_layers());
  FakeTrials more(uneven_layers());
  fewer.most_trials = 20;
  more.most_trials = 40;
  ASSERT_TRUE(search_jointly(fewer, 1));
  ASSERT_TRUE(search_jointly(more, 1));
  ASSERT_EQ(fewer.trials.size(), 21U);
  auto first = keys_of(more);
  first.resize(21);
  EXPECT_EQ(keys_of(fewer), first);
  EXPECT_GE(more.best().fps, fewer.best().fps);
}

TEST(JointSearch, NothingIsGivenUpWhereNothingMayBeLost) {
  FakeTrials trials(uneven_layers());
  trials.tolerance = 0;
  ASSERT_TRUE(search_jointly(trials, 1));
  EXPECT_EQ(trials.best().number, 0);
}

TEST(JointSearch, WhereAllMayBeLostAllThresholdsAreTheHighest) {
  FakeTrials trials(uneven_layers());
  trials.tolerance = 100;
  ASSERT_TRUE(search_jointly(trials, 1));
  for (const auto& [layer, threshold] : trials.best().thresholds.weights) {
    EXPECT_EQ(threshold, 1) << layer;
  }
  EXPECT_EQ(trials.best().thresholds.rectifiers.size(), 6U);
}

TEST(JointSearch, NothingIsTriedTwice) {
  FakeTrials trials(uneven_layers());
  ASSERT_TRUE(search_jointly(trials, 2));
  auto keys = keys_of(trials);
  std::ranges::sort(keys);
  EXPECT_EQ(std::ranges::adjacent_find(keys), keys.end());
}

}  // namespace
}  // namespace sluice::api
