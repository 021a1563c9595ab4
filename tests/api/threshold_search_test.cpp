// SPDX-License-Identifier: Apache-2.0
#include "sluice/api/threshold_search.hpp"

#include <algorithm>
#include <gtest/gtest.h>
#include <limits>
#include <nlohmann/json.hpp>

#include "tests/api/digits_search.hpp"
#include "tests/support/temp_folder.hpp"

#include "sluice/api/estimate.hpp"
#include "sluice/api/eval.hpp"
#include "sluice/api/explore.hpp"
#include "sluice/base/file.hpp"
#include "sluice/base/interrupt.hpp"

namespace sluice::api {
namespace {

std::string dumped(const ThresholdSearchReport& report) {
  return dump_json(to_json(report));
}

TEST(ThresholdSearch, PoliciesOfStepsKeepTheToleranceAndAreNoSlowerThanWithoutThresholds) {
  for (const auto policy : {ThresholdPolicy::Uniform, ThresholdPolicy::SlowestNode}) {
    ThresholdSearchOptions options = digits_search("fixed16");
    options.policy = policy;
    options.tolerance_points = 2;
    const auto report = threshold_search(options);
    ASSERT_TRUE(report) << report.error().text();
    const Trial& best = report->trials[report->best];
    EXPECT_TRUE(best.is_within(2));
    EXPECT_GE(best.fps, report->trials[0].fps);
    EXPECT_GT(report->trials[0].fps, report->dense_fps) << "zeros are skipped";
    EXPECT_LE(report->trials.size(), 9U);
    EXPECT_TRUE(report->is_complete);
  }
}

TEST(ThresholdSearch, TheFrontIsOfCompleteTrialsThatNoneBettersAndEndsFarFromWhereItBegan) {
  const auto report = threshold_search(digits_search("fixed16"));
  ASSERT_TRUE(report);
  EXPECT_GT(report->trials[report->best].fps, 1.2 * report->trials[0].fps);
  ASSERT_FALSE(report->front.empty());
  for (std::size_t i = 0; i < report->front.size(); ++i) {
    const Trial& trial = report->trials[report->front[i]];
    EXPECT_EQ(trial.end, TrialEnd::Complete);
    for (const Trial& other : report->trials) {
      if (other.end != TrialEnd::Complete) continue;
      EXPECT_FALSE(other.fps > trial.fps && other.right >= trial.right);
    }
    if (i == 0) continue;
    EXPECT_LT(trial.fps, report->trials[report->front[i - 1]].fps);
  }
}

TEST(ThresholdSearch, WhatIsWrittenIsAsFastAndAsRightAsIsReported) {
  const TempFolder temp;
  ThresholdSearchOptions options = digits_search("fixed16");
  options.output = temp.path() / "out";
  const auto report = threshold_search(options);
  ASSERT_TRUE(report) << report.error().text();
  const Trial& best = report->trials[report->best];
  ASSERT_FALSE(best.thresholds == Thresholds());

  EstimateOptions estimated;
  estimated.model = options.output / "network.onnx";
  estimated.design = options.output / "design.json";
  const auto figures = estimate(estimated);
  ASSERT_TRUE(figures) << figures.error().text();
  EXPECT_EQ(figures->figures.fps, best.fps);
  EXPECT_TRUE(figures->notes.empty());

  ExploreOptions explored;
  explored.model = estimated.model;
  explored.device = "zedboard";
  explored.batch_size = 256;
  const auto found = explore(explored);
  ASSERT_TRUE(found);
  EXPECT_EQ(found->estimate.figures.fps, best.fps);

  EvalOptions evaluated;
  const ImageNetworkOptions& images = options;
  static_cast<ImageNetworkOptions&>(evaluated) = images;
  evaluated.model = estimated.model;
  evaluated.journal = temp.path() / "journal";
  const auto accuracy = eval(evaluated);
  ASSERT_TRUE(accuracy);
  EXPECT_NEAR(static_cast<double>(accuracy->rows[0].top1), static_cast<double>(best.right), 1)
      << "but for ranges, which eval takes of the network with thresholds";

  const auto manifest = read_json(options.output / "search.json");
  ASSERT_TRUE(manifest);
  EXPECT_EQ(dump_json(*manifest), dumped(*report));
  EXPECT_TRUE(std::filesystem::exists(options.output / "front.svg"));
  options.policy = ThresholdPolicy::Uniform;
  options.most_trials = 1;
  EXPECT_TRUE(threshold_search(options)) << "takes the place of what it wrote";
}

TEST(ThresholdSearch, AKeptDesignStaysAsItIs) {
  const TempFolder temp;
  ThresholdSearchOptions options = digits_search("fixed16");
  options.policy = ThresholdPolicy::Uniform;
  options.most_trials = 2;
  options.output = temp.path() / "first";
  const auto first = threshold_search(options);
  ASSERT_TRUE(first);
  options.design = options.output / "design.json";
  options.output.clear();
  options.most_trials = 8;
  const auto report = threshold_search(options);
  ASSERT_TRUE(report) << report.error().text();
  EXPECT_TRUE(report->has_fixed_design);
  for (const Trial& trial : report->trials) {
    EXPECT_EQ(trial.design->partitions, report->trials[0].design->partitions);
  }
}

TEST(ThresholdSearch, IntegersAreSearchedToo) {
  ThresholdSearchOptions options = digits_search("exact int8");
  options.policy = ThresholdPolicy::SlowestNode;
  options.most_trials = 3;
  options.limit = 40;
  const auto report = threshold_search(options);
  ASSERT_TRUE(report) << report.error().text();
  EXPECT_EQ(report->number_format, "exact int8");
  EXPECT_EQ(report->trials.size(), 4U);
}

TEST(ThresholdSearch, OfAJournalMoreTrialsGoOnAsIfItHadNotEnded) {
  const TempFolder temp;
  ThresholdSearchOptions options = digits_search("fixed16");
  options.policy = ThresholdPolicy::Uniform;
  const auto whole = threshold_search(options);
  options.journal = temp.path() / "j.sqlite";
  options.most_trials = 4;
  ASSERT_TRUE(threshold_search(options));
  options.most_trials = 8;
  options.resume = true;
  const auto resumed = threshold_search(options);
  ASSERT_TRUE(whole && resumed) << resumed.error().text();
  EXPECT_EQ(dumped(*resumed), dumped(*whole));
}

TEST(ThresholdSearch, AnotherToleranceIsAnotherSearch) {
  const TempFolder temp;
  ThresholdSearchOptions options = digits_search("fixed16");
  options.policy = ThresholdPolicy::Uniform;
  options.journal = temp.path() / "j.sqlite";
  options.most_trials = 1;
  ASSERT_TRUE(threshold_search(options));
  options.resume = true;
  options.tolerance_points = 2;
  const auto other = threshold_search(options);
  ASSERT_FALSE(other);
  EXPECT_EQ(other.error().code, ErrorCode::InvalidArgument);
}

void expect_invalid(const ThresholdSearchOptions& options, const std::string& word) {
  const auto report = threshold_search(options);
  ASSERT_FALSE(report) << word;
  EXPECT_EQ(report.error().code, ErrorCode::InvalidArgument);
  EXPECT_NE(report.error().text().find(word), std::string::npos) << report.error().text();
}

TEST(ThresholdSearch, OptionsThatMakeNoSenseAreRefused) {
  for (const double tolerance : {-1.0, 101.0, std::numeric_limits<double>::quiet_NaN()}) {
    ThresholdSearchOptions options = digits_search("fixed16");
    options.tolerance_points = tolerance;
    expect_invalid(options, "--tolerance");
  }
  ThresholdSearchOptions options = digits_search("fixed16");
  options.network.weight_threshold = 0.1F;
  expect_invalid(options, "--weight-threshold");
  options = digits_search("fixed16");
  options.network.calibration.compat = quant::Compat::Fpgaconvnet;
  expect_invalid(options, "--compat");
  options = digits_search("fixed16");
  options.resume = true;
  expect_invalid(options, "--journal");
  options = digits_search("fixed16");
  options.device = "zedbord";
  expect_invalid(options, "zedboard");
}

TEST(ThresholdSearch, AFolderOfSomethingElseIsLeftAlone) {
  const TempFolder temp;
  ThresholdSearchOptions options = digits_search("fixed16");
  options.output = temp.path();
  ASSERT_TRUE(write_file(temp.path() / "precious.txt", std::string_view("mine")));
  const auto report = threshold_search(options);
  ASSERT_FALSE(report);
  EXPECT_EQ(report.error().code, ErrorCode::InvalidArgument);
}

TEST(ThresholdSearch, WhatDoesNotFitIsInfeasible) {
  ThresholdSearchOptions options = digits_search("fixed16");
  options.device = "unit";
  const auto report = threshold_search(options);
  ASSERT_FALSE(report);
  EXPECT_EQ(report.error().code, ErrorCode::Infeasible);
}

TEST(ThresholdSearch, AnInterruptBeforeTheFirstTrialIsAnError) {
  request_interrupt();
  const auto report = threshold_search(digits_search("fixed16"));
  clear_interrupt();
  ASSERT_FALSE(report);
  EXPECT_EQ(report.error().code, ErrorCode::Interrupted);
}

}  // namespace
}  // namespace sluice::api
