// SPDX-License-Identifier: Apache-2.0
#include "sluice/api/sensitivity.hpp"

#include <gmock/gmock.h>
#include <nlohmann/json.hpp>

#include "sluice/api/builtin.hpp"
#include "sluice/base/interrupt.hpp"

namespace sluice::api {
namespace {

using testing::HasSubstr;

SensitivityOptions digits_sweep() {
  const Builtin builtin = *builtin_digits();
  SensitivityOptions options;
  options.model = builtin.model;
  options.data = builtin.test;
  options.preprocess = "mnist";
  options.sparsities = {0, 0.5, 1};
  options.limit = 50;
  options.quiet = true;
  return options;
}

std::string refused(const SensitivityOptions& options) {
  const auto report = sensitivity(options);
  if (report) return "no error";
  EXPECT_EQ(report.error().code, ErrorCode::InvalidArgument);
  return report.error().text();
}

TEST(Sensitivity, PrunesEachLayerAlone) {
  const auto report = sensitivity(digits_sweep());
  ASSERT_TRUE(report) << report.error().text();
  EXPECT_EQ(report->images, 50);
  EXPECT_GE(report->top1, 45);
  EXPECT_TRUE(report->is_complete);
  ASSERT_EQ(report->layers.size(), 7U);
  for (const SensitivityLayer& layer : report->layers) {
    EXPECT_EQ(layer.top1[0], report->top1) << layer.name;
    EXPECT_LE(layer.top1[2], 40) << layer.name;
  }
}

TEST(Sensitivity, TheBatchSizeChangesNoCount) {
  SensitivityOptions options = digits_sweep();
  const auto sixteen = sensitivity(options);
  options.batch = 50;
  const auto other = sensitivity(options);
  ASSERT_TRUE(sixteen && other);
  EXPECT_TRUE(to_json(*sixteen) == to_json(*other));
}

TEST(Sensitivity, RefusesSparsitiesThatAreNone) {
  SensitivityOptions options = digits_sweep();
  options.sparsities = {0.5, 1.5};
  EXPECT_THAT(refused(options), HasSubstr("from 0 to 1, got 1.5"));
}

TEST(Sensitivity, RefusesUnknownPreprocessing) {
  SensitivityOptions options = digits_sweep();
  options.preprocess = "mnits";
  EXPECT_THAT(refused(options), HasSubstr("mnist"));
}

TEST(Sensitivity, StoppedBeforeTheFirstRowIsInterrupted) {
  request_interrupt();
  const auto report = sensitivity(digits_sweep());
  clear_interrupt();
  ASSERT_FALSE(report);
  EXPECT_EQ(report.error().code, ErrorCode::Interrupted);
}

SensitivityReport half_done() {
  SensitivityReport report{.model = "m", .sparsities = {0.5, 0.9}, .images = 200, .top1 = 180};
  report.layers = {{"conv", "Conv", 2000, {178, 90}}, {"fc", "Gemm", 40, {176, std::nullopt}}};
  report.is_complete = false;
  return report;
}

TEST(SensitivityText, LeavesOutWhatIsNotKnown) {
  const std::string text = to_text(half_done());
  EXPECT_THAT(text, HasSubstr("90.00 with none, 200 images\n"));
  EXPECT_THAT(text, HasSubstr("conv   Conv        2,000  89.00  45.00\n"));
  EXPECT_THAT(text, HasSubstr("fc     Gemm           40  88.00\n"));
}

TEST(SensitivityJson, HasNullForWhatIsNotKnown) {
  const Json json = to_json(half_done());
  EXPECT_EQ(json["format"], "sluice.sensitivity/1");
  EXPECT_EQ(json["complete"], false);
  EXPECT_EQ(json["layers"][0]["top1"], Json({178, 90}));
  EXPECT_TRUE(json["layers"][1]["top1"][1].is_null());
}

}  // namespace
}  // namespace sluice::api
