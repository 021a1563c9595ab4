// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "sluice/api/sparsity.hpp"

namespace sluice::api {
namespace {

using testing::HasSubstr;

// One layer of two channels, four products a window.
SparsityReport small_sparsity_report() {
  LayerSparsity layer{.layer = "conv1\x1b",
                      .kernel = {2, 2},
                      .filters = 3,
                      .histogram = {2, 4, {1, 0, 0, 0, 1, 0, 0, 2, 0, 0}}};
  layer.products = sparse::totals_of(layer.histogram);
  layer.inputs = {8, 2};
  layer.weights = {24, 6};
  SparsityReport report{.model = "net.onnx"};
  report.rows.push_back(
      {.format = "fixed16", .accuracy = {.count = 8, .top1 = 6}, .layers = {layer}});
  return report;
}

TEST(SparsityText, RowsComeFirstAndLayersBehind) {
  const std::string text = to_text(small_sparsity_report());
  // 8 of 16 products, 2 of 8 inputs, 6 of 24 weights, 1 of 4 windows.
  EXPECT_THAT(text, HasSubstr("fixed16    75.00       8            50.00          25.00"));
  EXPECT_THAT(text, HasSubstr("2x2"));
  EXPECT_LT(text.find("top-1 %"), text.find("kernel"));
}

TEST(SparsityText, NamesFromFilesDoNotReachTheTerminalRaw) {
  EXPECT_EQ(to_text(small_sparsity_report()).find('\x1b'), std::string::npos);
}

TEST(SparsityText, JsonHasTheHistogramOfEachChannel) {
  const Json json = to_json(small_sparsity_report());
  EXPECT_EQ(json["format"], "sluice.sparsity/1");
  EXPECT_EQ(json["averages"], "products");
  const Json& row = json["rows"][0];
  EXPECT_EQ(row["sparsity"], 0.5);
  EXPECT_EQ(row["layers"][0]["zeros_histogram"], (Json{{1, 0, 0, 0, 1}, {0, 0, 2, 0, 0}}));
  EXPECT_EQ(row["layers"][0]["zeros_mean"], (Json{2.0, 2.0}));
  EXPECT_EQ(row["layers"][0]["zeros_variance"], (Json{4.0, 0.0}));
}

TEST(SparsityText, PublishedAveragesAreSaidToBe) {
  SparsityReport report = small_sparsity_report();
  report.is_published = true;
  const Json json = to_json(report);
  EXPECT_EQ(json["averages"], "fpgaconvnet");
  EXPECT_EQ(json["rows"][0]["sparsity"], 0.4);  // 8 of 16 + 4
}

}  // namespace
}  // namespace sluice::api
