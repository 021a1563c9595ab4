// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <nlohmann/json.hpp>

#include "sluice/api/prune.hpp"

namespace sluice::api {
namespace {

using testing::HasSubstr;

PruneSummary of_weights() {
  PruneSummary summary{.model = "m.onnx", .output = "o.onnx"};
  summary.way = PruneBelow{{0.005F, {{"conv", 0.01F}}}};
  summary.weights = sparse::PruneReport{
      {{"conv", {"twin"}, "Conv", 2000, 10, 1000}, {"fc", {}, "Gemm", 6000, 0, 500}},
      {{"odd", "Conv", "its weights are computed while it runs"}}};
  return summary;
}

PruneSummary of_channels() {
  PruneSummary summary{.model = "m.onnx", .output = "o.onnx"};
  summary.way = sparse::ChannelOptions{{0.5}, 4};
  summary.channels = sparse::ChannelReport{{{{"a", "b"}, 8, 4, ""}, {{"c"}, 3, 3, "is an output"}},
                                           {{"a", "Conv", 8, {0, 2, 4, 6}}, {"c", "Gemm", 3, {}}},
                                           4000,
                                           1000};
  return summary;
}

TEST(PruneText, ShowsZerosByLayerAndInAll) {
  const std::string text = to_text(of_weights());
  EXPECT_THAT(text, HasSubstr("conv (+1)  Conv        2,000            10  1,000       50.00\n"));
  EXPECT_THAT(text, HasSubstr("left alone: odd (Conv): its weights are computed while it runs\n"));
  EXPECT_THAT(text, HasSubstr("1,500 of 8,000 weights are zero (18.75 %), 10 were\n"));
}

TEST(PruneText, ShowsChannelsAndParameters) {
  const std::string text = to_text(of_channels());
  EXPECT_THAT(text, HasSubstr("a      Conv             8     4\n"));
  EXPECT_THAT(text, HasSubstr("left alone: c: is an output\n"));
  EXPECT_THAT(text, HasSubstr("1,000 of 4,000 parameters are left (25.00 %)\n"));
}

TEST(PruneText, ShowsThresholdsOfRelus) {
  PruneSummary summary;
  summary.relus = {{"relu", 0.1F}};
  EXPECT_THAT(to_text(summary), HasSubstr("relu        0.1\n"));
}

TEST(PruneText, EscapesNamesOfTheFile) {
  PruneSummary summary = of_weights();
  summary.weights->layers[0].name = "bad\x1b[31m";
  EXPECT_EQ(to_text(summary).find('\x1b'), std::string::npos);
}

TEST(PruneJson, HasTheWayAsItWasAskedFor) {
  const Json json = to_json(of_weights());
  EXPECT_EQ(json["format"], "sluice.prune/1");
  EXPECT_EQ(json["way"].dump(), R"({"kind":"threshold","value":0.005,"layers":{"conv":0.01}})");
  EXPECT_EQ(to_json(of_channels())["way"]["channel_multiple"], 4);
  PruneSummary summary;
  EXPECT_TRUE(to_json(summary)["way"].is_null());
  summary.way = PruneToPattern{{{2, 4}}, sparse::Unfit::Skip};
  EXPECT_EQ(to_json(summary)["way"]["value"], "2:4");
  summary.way = PruneToSparsity{{0.5}, sparse::SparsityScope::EachLayer};
  EXPECT_EQ(to_json(summary)["way"]["each_layer"], true);
}

TEST(PruneJson, HasCountsAndReasons) {
  const Json weights = to_json(of_weights())["pruned_weights"];
  EXPECT_EQ(weights["zeros"], 1500);
  EXPECT_EQ(weights["layers"][0]["shared_with"], Json({"twin"}));
  EXPECT_EQ(weights["left_alone"][0]["name"], "odd");
  const Json channels = to_json(of_channels())["pruned_channels"];
  EXPECT_EQ(channels["layers"][0]["removed"], Json({0, 2, 4, 6}));
  EXPECT_FALSE(channels["groups"][0].contains("left_alone"));
  EXPECT_EQ(channels["groups"][1]["left_alone"], "is an output");
}

}  // namespace
}  // namespace sluice::api
