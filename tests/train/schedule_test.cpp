// SPDX-License-Identifier: Apache-2.0
#include "sluice/train/schedule.hpp"

#include <gtest/gtest.h>

namespace sluice::train {
namespace {

TEST(Schedule, LinearEndsAtZero) {
  const Schedule schedule{.rate = 0.5, .decay = Decay::Linear, .steps = 11};
  EXPECT_DOUBLE_EQ(rate_at(schedule, 0), 0.5);
  EXPECT_DOUBLE_EQ(rate_at(schedule, 5), 0.25);
  EXPECT_DOUBLE_EQ(rate_at(schedule, 10), 0);
}

TEST(Schedule, CosineIsHalfInTheMiddle) {
  const Schedule schedule{.rate = 0.2, .decay = Decay::Cosine, .steps = 101};
  EXPECT_DOUBLE_EQ(rate_at(schedule, 0), 0.2);
  EXPECT_NEAR(rate_at(schedule, 50), 0.1, 1e-12);
  EXPECT_NEAR(rate_at(schedule, 100), 0, 1e-12);
}

TEST(Schedule, StepsFallAtTheirPlaces) {
  const Schedule schedule{
      .rate = 1, .decay = Decay::Step, .steps = 100, .factor = 0.2, .at = {20, 30}};
  EXPECT_DOUBLE_EQ(rate_at(schedule, 19), 1);
  EXPECT_DOUBLE_EQ(rate_at(schedule, 20), 0.2);
  EXPECT_NEAR(rate_at(schedule, 99), 0.04, 1e-12);
}

TEST(Schedule, WarmingUpClimbsToTheRateAndDecayBeginsBehind) {
  const Schedule schedule{.rate = 0.4, .decay = Decay::Linear, .steps = 15, .warm_up_steps = 4};
  EXPECT_DOUBLE_EQ(rate_at(schedule, 0), 0.1);
  EXPECT_DOUBLE_EQ(rate_at(schedule, 3), 0.4);
  EXPECT_DOUBLE_EQ(rate_at(schedule, 4), 0.4);
  EXPECT_DOUBLE_EQ(rate_at(schedule, 14), 0);
}

TEST(Schedule, ASingleStepHasTheWholeRate) {
  for (const Decay decay : {Decay::Constant, Decay::Linear, Decay::Cosine, Decay::Step}) {
    EXPECT_DOUBLE_EQ(rate_at({.rate = 0.3, .decay = decay, .steps = 1}, 0), 0.3);
  }
}

TEST(Schedule, IsFoundByName) {
  for (const Decay decay : {Decay::Constant, Decay::Linear, Decay::Cosine, Decay::Step}) {
    EXPECT_EQ(*decay_from_string(to_string(decay)), decay);
  }
  const auto unknown = decay_from_string("cosinus");
  ASSERT_FALSE(unknown);
  EXPECT_NE(unknown.error().message.find("did you mean \"cosine\""), std::string::npos);
}

}  // namespace
}  // namespace sluice::train
