// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "sluice/api/diff.hpp"

namespace sluice::api {
namespace {

using exact::compare::Cause;
using ::testing::HasSubstr;

DiffReport two_compared_layers() {
  DiffReport report{.a = "a", .b = "b"};
  DiffRow conv{.layer = "conv", .op = "Conv", .shape = {1, 2, 3, 4}};
  conv.all.count = 2;
  conv.is_judged = true;
  conv.own.count = 2;
  conv.own.first = 17;
  conv.own.causes[static_cast<std::size_t>(Cause::Tie)] = 2;
  conv.first_a = -5;
  conv.first_b = -4;
  DiffRow add{.layer = "add", .op = "Add", .shape = {1, 3}};
  add.all.count = 1;
  add.inputs_differ = true;
  report.rows = {conv, add};
  report.notes = {"a remark"};
  return report;
}

TEST(DiffText, ShowsCausesPlacesAndBits) {
  const std::string text = to_text(two_compared_layers());
  EXPECT_THAT(text, HasSubstr("tie 2"));
  EXPECT_THAT(text, HasSubstr("[0, 1, 1, 1]: -5 (11111011) and -4 (11111100)"));
  EXPECT_THAT(text, HasSubstr("inputs differ"));
  EXPECT_THAT(text, HasSubstr("2 of 2 layers differ; by themselves: tie 2\n"));
  EXPECT_THAT(text, HasSubstr("note: a remark"));
}

TEST(DiffText, JsonHasTheSame) {
  const Json json = to_json(two_compared_layers());
  EXPECT_EQ(json["format"], "sluice.diff/1");
  EXPECT_EQ(json["different_layers"], 2);
  EXPECT_EQ(json["layers"][0]["own"]["causes"]["tie"], 2);
  EXPECT_EQ(json["layers"][0]["first"]["position"], Json({0, 1, 1, 1}));
  EXPECT_FALSE(json["layers"][1].contains("own"));
}

TEST(DiffText, DetectNamesTheArithmeticsOrTheNearest) {
  DetectReport report{.model = "m", .dump = "d"};
  report.rows = {{"conv", "Conv", 9, {3, 0, 2, 0, 5, 5, -1, -1, -1}},
                 {"add", "Add", 9, {3, 2, 4, 5, 5, -1, -1, -1, -1}},
                 {"odd", "Odd", 9, {-1, -1, -1, -1, -1, -1, -1, -1, -1}}};
  const std::string text = to_text(report);
  EXPECT_THAT(text, HasSubstr("tflite-single xnnpack\n"));
  EXPECT_THAT(text, HasSubstr("none; tflite-single differs in 2"));
  EXPECT_THAT(text, HasSubstr("none: not computed on codes"));
  EXPECT_THAT(text, HasSubstr("of 3: tflite-double: 0, tflite-single: 1"));
  EXPECT_THAT(text, HasSubstr("by none: 2"));
  const Json json = to_json(report);
  EXPECT_EQ(json["reproduced"]["xnnpack"], 1);
  EXPECT_EQ(json["unexplained"], 2);
  EXPECT_FALSE(json["layers"][1]["differences"].contains("onnx"));
}

}  // namespace
}  // namespace sluice::api
