// SPDX-License-Identifier: Apache-2.0
#include "sluice/api/threshold_trials.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "tests/api/digits_search.hpp"
#include "tests/support/temp_folder.hpp"

namespace sluice::api {
namespace {

constexpr const char* kDown = "/down/conv/Conv";

// Trials of the built-in network, on 1,000 images in two looks.
class ThresholdTrialsTest : public testing::Test {
 protected:
  void SetUp() override {
    options_ = digits_search("fixed16");
    options_.limit = 1000;
    auto network = ThresholdNetwork::open(options_);
    ASSERT_TRUE(network) << network.error().text();
    network_ = *std::move(network);
    auto hardware = ThresholdHardware::open({.model = options_.model, .device = "zedboard"});
    ASSERT_TRUE(hardware);
    hardware_.emplace(*std::move(hardware));
    auto journal = ThresholdJournal::open(folder_.path() / "j.sqlite", "a", true);
    ASSERT_TRUE(journal);
    journal_.emplace(*std::move(journal));
  }

  ThresholdTrials trials(TrialOptions options = {}) {
    return ThresholdTrials(*network_, *hardware_, *journal_, std::move(options));
  }

  TempFolder folder_;
  ThresholdSearchOptions options_;
  std::unique_ptr<ThresholdNetwork> network_;
  std::optional<ThresholdHardware> hardware_;
  std::optional<ThresholdJournal> journal_;
};

TEST_F(ThresholdTrialsTest, TheFirstIsSeenOnAllImagesAndLosesNothing) {
  ThresholdTrials source = trials();
  const auto first = source.run({});
  ASSERT_TRUE(first) << first.error().text();
  EXPECT_EQ(first->end, TrialEnd::Complete);
  EXPECT_EQ(first->images, 1000);
  EXPECT_EQ(first->right, first->right_before);
  EXPECT_EQ(first->lost_points, 0);
  EXPECT_GT(first->fps, 0);
  EXPECT_TRUE(first->design);
  ASSERT_EQ(first->layers.size(), 6U);
  EXPECT_GT(first->layers[0].cycles, 0);
  EXPECT_GT(first->zero_products, 0.3);
}

TEST_F(ThresholdTrialsTest, WhatLosesAlmostAllIsLeftAtTheFirstLook) {
  ThresholdTrials source = trials();
  ASSERT_TRUE(source.run({}));
  const auto trial = source.run({{{kDown, 100.F}}, {}});
  ASSERT_TRUE(trial) << trial.error().text();
  EXPECT_EQ(trial->end, TrialEnd::Tolerance);
  EXPECT_LT(trial->images, 1000);
  EXPECT_GT(trial->least_lost_points, 1);
  EXPECT_LT(trial->least_lost_points, trial->lost_points);
  EXPECT_LT(trial->lost_points, trial->most_lost_points);
}

TEST_F(ThresholdTrialsTest, WhatIsFasterAndLosesLittleIsRunToTheEnd) {
  ThresholdTrials source = trials();
  const auto first = source.run({});
  Thresholds thresholds;
  for (const ThresholdKnobInfo& knob : source.space().knobs) {
    constexpr std::size_t kThird = 2;
    (knob.is_rectifier ? thresholds.rectifiers : thresholds.weights)[knob.layer] =
        knob.levels[kThird];
  }
  const auto trial = source.run(thresholds);
  ASSERT_TRUE(first && trial);
  ASSERT_GT(trial->fps, first->fps);
  EXPECT_EQ(trial->end, TrialEnd::Complete);
  EXPECT_EQ(trial->images, 1000);
  EXPECT_DOUBLE_EQ(trial->lost_points,
                   static_cast<double>(trial->right_before - trial->right) / 10);
  EXPECT_EQ(trial->number, 1);
}

TEST_F(ThresholdTrialsTest, WhatIsNoFasterIsLeftAtTheFirstLook) {
  ThresholdTrials source = trials();
  ASSERT_TRUE(source.run({}));
  // So little that no number becomes zero.
  const auto trial = source.run({{{kDown, 1e-12F}}, {}});
  ASSERT_TRUE(trial);
  EXPECT_EQ(trial->end, TrialEnd::Slower);
  EXPECT_EQ(trial->images, 512);
}

TEST_F(ThresholdTrialsTest, NothingIsMeasuredTwice) {
  int measured = 0;
  ThresholdTrials source = trials({.report = [&](const std::string&) { ++measured; }});
  const Thresholds thresholds{{{kDown, 0.02F}}, {}};
  ASSERT_TRUE(source.run({}) && source.run(thresholds));
  EXPECT_TRUE(source.is_known(thresholds));
  ASSERT_TRUE(source.run(thresholds));
  EXPECT_EQ(source.trials().size(), 2U);
  EXPECT_EQ(measured, 2);
}

TEST_F(ThresholdTrialsTest, AJournalAnswersAsTheMeasurementDid) {
  const Thresholds thresholds{{{kDown, 0.02F}}, {}};
  ThresholdTrials once = trials();
  ASSERT_TRUE(once.run({}) && once.run(thresholds) && once.sensitivity(0, 1));
  int measured = 0;
  ThresholdTrials again = trials({.report = [&](const std::string&) { ++measured; }});
  const auto baseline = again.run({});
  const auto trial = again.run(thresholds);
  const auto sensitivity = again.sensitivity(0, 1);
  ASSERT_TRUE(baseline && trial && sensitivity);
  EXPECT_EQ(measured, 0);
  EXPECT_EQ(trial->fps, once.trials()[1].fps);
  EXPECT_EQ(trial->right, once.trials()[1].right);
  // What is not in it is measured against the same baseline.
  const Thresholds other{{{kDown, 0.04F}}, {}};
  const auto fresh = once.run(other);
  auto nowhere = ThresholdJournal::open({}, "a", false);
  ASSERT_TRUE(nowhere);
  ThresholdTrials third(*network_, *hardware_, *nowhere, {});
  ASSERT_TRUE(third.run({}) && third.run(thresholds));
  const auto same = third.run(other);
  ASSERT_TRUE(fresh && same);
  EXPECT_EQ(fresh->lost_points, same->lost_points);
  EXPECT_EQ(fresh->fps, same->fps);
}

TEST_F(ThresholdTrialsTest, TrialsAreCountedBesideTheFirst) {
  ThresholdTrials source = trials({.most_trials = 1});
  EXPECT_TRUE(source.has_more());
  ASSERT_TRUE(source.run({}));
  EXPECT_TRUE(source.has_more());
  ASSERT_TRUE(source.run({{{kDown, 0.02F}}, {}}));
  EXPECT_FALSE(source.has_more());
}

TEST_F(ThresholdTrialsTest, HigherThresholdsDriftFurtherAndLeaveLess) {
  ThresholdTrials source = trials();
  const auto& knobs = source.space().knobs;
  const auto at = std::ranges::find(knobs, kDown, &ThresholdKnobInfo::layer) - knobs.begin();
  const auto knob = static_cast<std::size_t>(at);
  const auto nonzero = source.nonzero_products();
  const auto low = source.sensitivity(knob, 1);
  const auto high = source.sensitivity(knob, knobs[knob].levels.size());
  ASSERT_TRUE(nonzero && low && high);
  EXPECT_GE(low->loss, 0);
  EXPECT_GT(high->loss, low->loss);
  constexpr std::size_t kDownAt = 3;
  EXPECT_LT(high->nonzero_products[kDownAt], low->nonzero_products[kDownAt]);
  EXPECT_LT(low->nonzero_products[kDownAt], (*nonzero)[kDownAt]);
  EXPECT_EQ(low->nonzero_products[0], (*nonzero)[0]) << "what comes before is as it was";
}

TEST_F(ThresholdTrialsTest, ZerosAreThoseThatTheSpeedWasReckonedWith) {
  ThresholdTrials source = trials();
  const auto first = source.run({});
  const auto zeros = source.zeros_of({});
  ASSERT_TRUE(first && zeros);
  const auto mapped = hardware_->map({}, *zeros);
  ASSERT_TRUE(mapped && *mapped);
  EXPECT_EQ((*mapped)->fps, first->fps);
}

}  // namespace
}  // namespace sluice::api
