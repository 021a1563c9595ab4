// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "sluice/api/threshold_search.hpp"

namespace sluice::api {
namespace {

ThresholdSearchReport some_report() {
  ThresholdSearchReport report;
  report.model = "net.onnx";
  report.model_sha256 = std::string(64, 'a');
  report.number_format = "fixed16";
  report.device = "zedboard";
  report.batch_size = 256;
  report.tolerance_points = 1;
  report.dense_fps = 1000;
  Trial baseline{.images = 2000, .right = 1800, .right_before = 1800, .fps = 1400};
  baseline.layers = {{"conv1", 0.4, 0, 200'000}, {"conv2", 0.5, 0, 100'000}};
  Trial best = baseline;
  best.number = 1;
  best.thresholds = {{{"conv1", 0.01F}}, {{"relu1", 0.125F}}};
  best.right = 1790;
  best.lost_points = best.least_lost_points = best.most_lost_points = 0.5;
  best.zero_products = 0.7;
  best.fps = 2000;
  best.layers[0] = {"conv1", 0.6, 0.25, 123'456};
  Trial lost = best;
  lost.number = 2;
  lost.end = TrialEnd::Tolerance;
  lost.images = 512;
  lost.right = 100;
  lost.lost_points = 80;
  report.trials = {baseline, best, lost};
  report.best = 1;
  report.front = {1, 0};
  return report;
}

TEST(ThresholdSearchText, TablesSayWhatWasReached) {
  const std::string text = to_text(some_report());
  for (const char* part : {"net.onnx in fixed16 on zedboard, batch 256: policy joint, 2 trials",
                           "zeros not skipped", "best, trial 1", "2.00", "89.50", "0.50", "70.00",
                           "123,456", "0.125", "25.00", "trial 0"}) {
    EXPECT_NE(text.find(part), std::string::npos) << part << "\n" << text;
  }
}

TEST(ThresholdSearchText, WhereNothingIsBetterThereIsNoBest) {
  ThresholdSearchReport report = some_report();
  report.best = 0;
  report.front = {0};
  const std::string text = to_text(report);
  EXPECT_EQ(text.find("best, trial"), std::string::npos);
  EXPECT_EQ(text.find("rectifier"), std::string::npos) << "none has a threshold";
}

TEST(ThresholdSearchText, AKeptDesignIsSaidToBeOne) {
  ThresholdSearchReport report = some_report();
  report.has_fixed_design = true;
  EXPECT_NE(to_text(report).find("the design as it was given"), std::string::npos);
}

TEST(ThresholdSearchText, JsonHasEveryTrial) {
  const Json json = to_json(some_report());
  EXPECT_EQ(json["format"], "sluice.sparsity-search/1");
  ASSERT_EQ(json["trials"].size(), 3U);
  EXPECT_EQ(json["trials"][1]["speedup"], 2.0);
  EXPECT_EQ(json["trials"][1]["thresholds"]["weights"]["conv1"], 0.01);
  EXPECT_EQ(json["trials"][2]["ended"], "tolerance");
  EXPECT_EQ(json["best"]["trial"], 1);
  EXPECT_EQ(json["best"]["layers"][0]["cycles"], 123'456.0);
  EXPECT_TRUE(json["best"]["design"].is_null());
  EXPECT_EQ(json["front"], Json({1, 0}));
}

TEST(ThresholdSearchText, TheDrawingHasTheTrialsThatLostLittle) {
  const std::string svg = front_svg(some_report());
  EXPECT_EQ(svg.rfind("<svg", 0), 0U);
  EXPECT_NE(svg.find("trial 1: 2000 fps, top-1 89.50 %, 2000 images"), std::string::npos) << svg;
  EXPECT_EQ(svg.find("trial 2:"), std::string::npos) << "far out";
  EXPECT_EQ(svg, front_svg(some_report()));
}

}  // namespace
}  // namespace sluice::api
