// SPDX-License-Identifier: Apache-2.0
#include "sluice/api/eval.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include "sluice/api/builtin.hpp"
#include "sluice/base/interrupt.hpp"

namespace sluice::api {
namespace {

// The built-in network on its first test images.
EvalOptions digits(const char* formats) {
  const Builtin builtin = *builtin_digits();
  EvalOptions options;
  options.model = builtin.model;
  options.data = builtin.test;
  options.calibration = builtin.calibration;
  options.preprocess = "mnist";
  options.formats = *numeric::parse_formats(formats);
  options.limit = 60;
  options.calibration_images = 32;
  options.quiet = true;
  options.journal =
      std::filesystem::temp_directory_path() / ("sluice_eval_" + std::to_string(::getpid()));
  return options;
}

TEST(Eval, CountsEveryImageThoughTheLastBatchIsNotFull) {
  const auto report = eval(digits("float32"));
  ASSERT_TRUE(report) << report.error().text();
  ASSERT_EQ(report->rows.size(), 1U);
  EXPECT_EQ(report->rows[0].images, 60);
  EXPECT_GE(report->rows[0].top1, 55);
  EXPECT_LE(report->rows[0].top1, report->rows[0].top5);
}

TEST(Eval, TheBatchSizeChangesNoCount) {
  EvalOptions options = digits("float32,fixed4,bfp3-layer,bfp3-channel,mxint8");
  options.calibration_images = 37;
  const auto sixteen = eval(options);
  ASSERT_TRUE(sixteen) << sixteen.error().text();
  for (const std::int64_t batch : {1, 4, 50}) {
    options.batch = batch;
    const auto other = eval(options);
    ASSERT_TRUE(other) << other.error().text();
    EXPECT_EQ(other->calibration_images, 37);
    for (std::size_t i = 0; i < sixteen->rows.size(); ++i) {
      EXPECT_EQ(sixteen->rows[i].top1, other->rows[i].top1) << i;
    }
  }
}

TEST(Eval, CalibratingOnTheEvaluatedImagesIsNoted) {
  EvalOptions options = digits("fixed8");
  options.calibration.clear();
  const auto report = eval(options);
  ASSERT_TRUE(report) << report.error().text();
  ASSERT_EQ(report->notes.size(), 1U);
  EXPECT_NE(report->notes[0].find("--calibration"), std::string::npos);
}

TEST(Eval, FormatsThatNeedNoCalibrationReadNoCalibrationData) {
  EvalOptions options = digits("float32,mxint8");
  options.calibration = "/nowhere";
  EXPECT_TRUE(eval(options));
}

TEST(Eval, LabelBeyondTheScoresNamesTheImage) {
  EvalOptions options = digits("float32");
  options.label_offset = 5;
  const auto report = eval(options);
  ASSERT_FALSE(report);
  EXPECT_EQ(report.error().code, ErrorCode::InvalidArgument);
  EXPECT_FALSE(report.error().where.empty());
}

TEST(Eval, RowsInIntegersStandBehindTheEmulatedOnes) {
  EvalOptions options = digits("float32,q8");
  options.exact_formats = *quant::parse_integer_formats("int8,q8");
  options.sqnr_images = 8;
  const auto report = eval(options);
  ASSERT_TRUE(report) << report.error().text();
  ASSERT_EQ(report->rows.size(), 4U);
  EXPECT_EQ(report->rows[2].format, "exact int8");
  EXPECT_EQ(report->rows[3].format, "exact q8");
  for (const EvalRow& row : report->rows) EXPECT_GE(row.top1, 54) << row.format;
  EXPECT_TRUE(report->rows[1].layers.empty());
  EXPECT_FALSE(report->rows[2].layers.empty());
  EXPECT_NE(to_text(*report).find("SQNR dB"), std::string::npos);
  options.formats.clear();
  EXPECT_EQ(eval(options)->rows.size(), 2U);  // nothing emulated unless asked for
}

TEST(Eval, ThresholdsPruneEachRowAsItsFormatHasTheWeights) {
  EvalOptions options = digits("float32,fixed8");
  options.network.weight_threshold = 0.05F;
  options.network.relu_threshold = 0.0F;
  const auto report = eval(options);
  ASSERT_TRUE(report) << report.error().text();
  EXPECT_EQ(report->weight_threshold, 0.05F);
  for (const EvalRow& row : report->rows) {
    EXPECT_EQ(row.weights, 18'640) << row.format;
    EXPECT_GT(row.zero_weights, 1'000) << row.format;
  }
  EXPECT_NE(report->rows[0].zero_weights, report->rows[1].zero_weights);
}

TEST(Eval, AThresholdBeyondAllWeightsLeavesNoneRight) {
  EvalOptions options = digits("float32");
  options.network.weight_threshold = 1000.0F;
  const auto report = eval(options);
  ASSERT_TRUE(report) << report.error().text();
  EXPECT_EQ(report->rows[0].zero_weights_percent(), 100);
  EXPECT_LT(report->rows[0].top1_percent(), 30);
}

TEST(Eval, AnotherThresholdIsAnotherRun) {
  EvalOptions options = digits("float32");
  options.network.weight_threshold = 0.05F;
  request_interrupt();
  EXPECT_FALSE(eval(options));
  clear_interrupt();
  options.resume = true;
  options.network.weight_threshold = 0.1F;
  const auto other = eval(options);
  ASSERT_FALSE(other);
  EXPECT_EQ(other.error().code, ErrorCode::InvalidArgument);
  options.network.weight_threshold = 0.05F;
  EXPECT_TRUE(eval(options));
}

TEST(Eval, ThresholdsAreNotForRowsInIntegers) {
  EvalOptions options = digits("float32");
  options.exact_formats = *quant::parse_integer_formats("int8");
  options.network.weight_threshold = 0.05F;
  const auto report = eval(options);
  ASSERT_FALSE(report);
  EXPECT_NE(report.error().text().find("sluice prune"), std::string::npos);
}

TEST(Eval, ThresholdsThatAreNoneAreRefusedBeforeAnyImage) {
  EvalOptions options = digits("float32");
  options.network.weight_threshold = -1.0F;
  const auto refused = eval(options);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::InvalidArgument);
}

TEST(Eval, UnknownPreprocessingIsRefused) {
  EvalOptions options = digits("float32");
  options.preprocess = "mnits";
  EXPECT_FALSE(eval(options));
}

}  // namespace
}  // namespace sluice::api
