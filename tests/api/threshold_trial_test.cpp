// SPDX-License-Identifier: Apache-2.0
#include "sluice/api/threshold_trial.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace sluice::api {
namespace {

TEST(Thresholds, AreWrittenWithTheDigitsTheyWereGiven) {
  const Thresholds thresholds{{{"conv\"1", 0.01F}}, {{"relu", 0.125F}}};
  EXPECT_EQ(key_of(thresholds), R"({"weights":{"conv\"1":0.01},"rectifiers":{"relu":0.125}})");
  EXPECT_EQ(key_of({}), R"({"weights":{},"rectifiers":{}})");
}

TEST(Thresholds, KeysDifferWhereThresholdsDo) {
  const Thresholds weights{{{"a", 0.1F}}, {}};
  const Thresholds rectifiers{{}, {{"a", 0.1F}}};
  const Thresholds next{{{"a", 0.10000001F}}, {}};
  EXPECT_NE(key_of(weights), key_of(rectifiers));
  EXPECT_NE(key_of(weights), key_of(next));
}

TEST(TrialEnds, AreReadAsTheyAreWritten) {
  for (const TrialEnd end : {TrialEnd::Complete, TrialEnd::Tolerance, TrialEnd::Slower}) {
    EXPECT_EQ(trial_end_from_string(to_string(end)), end);
  }
  EXPECT_EQ(trial_end_from_string("asleep"), std::nullopt);
}

TEST(Trials, AreWithinTheToleranceOnlyIfAllImagesWereSeen) {
  Trial trial{.lost_points = 0.5};
  EXPECT_TRUE(trial.is_within(0.5));
  EXPECT_FALSE(trial.is_within(0.4));
  trial.end = TrialEnd::Slower;
  EXPECT_FALSE(trial.is_within(0.5));
}

TEST(Trials, AccuracyIsOfTheImagesSeen) {
  const Trial trial{.images = 200, .right = 150};
  EXPECT_EQ(trial.top1_percent(), 75);
}

TEST(ThresholdSpace, LevelsNameThresholds) {
  const ThresholdSpace space{.knobs = {{false, "conv", {0.1F, 0.2F}}, {true, "relu", {0.5F}}}};
  EXPECT_EQ(space.thresholds({0, 0}), Thresholds());
  EXPECT_EQ(space.thresholds({2, 0}), (Thresholds{{{"conv", 0.2F}}, {}}));
  EXPECT_EQ(space.thresholds({1, 1}), (Thresholds{{{"conv", 0.1F}}, {{"relu", 0.5F}}}));
}

}  // namespace
}  // namespace sluice::api
