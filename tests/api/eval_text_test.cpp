// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "sluice/api/eval.hpp"

namespace sluice::api {
namespace {

EvalReport two_rows() {
  EvalReport report;
  report.rows = {{"float32", 200, 150, 190, 0, 2.0}, {"fixed8", 200, 100, 180, 3, 4.0}};
  report.notes = {"a note"};
  return report;
}

TEST(EvalText, PercentagesAndRatesAreOfTheImagesSeen) {
  const EvalReport report = two_rows();
  EXPECT_EQ(report.rows[0].top1_percent(), 75);
  EXPECT_EQ(report.rows[0].top5_percent(), 95);
  EXPECT_EQ(report.rows[0].images_per_second(), 100);
  EXPECT_EQ(EvalRow{}.top1_percent(), 0);
  EXPECT_EQ(EvalRow{}.images_per_second(), 0);
}

TEST(EvalText, TheDropIsAgainstTheFirstRow) {
  const std::string text = to_text(two_rows());
  EXPECT_NE(text.find("fixed8     50.00    90.00  25.00"), std::string::npos) << text;
}

TEST(EvalText, ShowsZeroWeightsWhereThereIsAThreshold) {
  EvalReport report = two_rows();
  EXPECT_EQ(to_text(report).find("zero weights"), std::string::npos);
  EXPECT_TRUE(to_json(report)["weight_threshold"].is_null());
  EXPECT_FALSE(to_json(report)["rows"][0].contains("weights"));
  report.weight_threshold = 0.005F;
  report.rows[0].weights = 8;
  report.rows[0].zero_weights = 3;
  EXPECT_NE(to_text(report).find("zero weights %"), std::string::npos);
  EXPECT_NE(to_text(report).find("37.50\n"), std::string::npos) << to_text(report);
  const Json json = to_json(report);
  EXPECT_EQ(json["weight_threshold"].dump(), "0.005");
  EXPECT_EQ(json["rows"][0]["zero_weights"], 3);
}

TEST(EvalText, JsonKeepsCountsAsIntegers) {
  const Json json = to_json(two_rows());
  EXPECT_EQ(json["format"], "sluice.eval/1");
  EXPECT_TRUE(json["rows"][1]["top1"].is_number_integer());
  EXPECT_EQ(json["rows"][1]["skipped"], 3);
  EXPECT_EQ(json["notes"][0], "a note");
}

}  // namespace
}  // namespace sluice::api
