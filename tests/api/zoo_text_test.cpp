// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "sluice/api/zoo.hpp"

namespace sluice::api {
namespace {

using ::testing::HasSubstr;

ZooNetwork small_network() {
  return {"small", "a small one", 32, 10, 1234, 56789};
}

ZooExport small_export() {
  return {.network = small_network(),
          .output = "small.onnx",
          .checkpoint = "",
          .checkpoint_sha256 = "",
          .seed = 7,
          .groups = {{"conv1", 1000, 50000}, {"linear", 234, 6789}}};
}

TEST(ZooText, AListingHasALineANetwork) {
  EXPECT_THAT(to_text(ZooListing{{small_network()}}),
              HasSubstr("small  3x32x32       10       1,234  56,789  a small one\n"));
  const Json json = to_json(ZooListing{{small_network()}});
  EXPECT_EQ(json["format"], "sluice.zoo/1");
  EXPECT_EQ(json["networks"][0]["input_shape"], Json({3, 32, 32}));
  EXPECT_EQ(json["networks"][0]["macs"], 56789);
}

TEST(ZooText, AnExportHasItsPartsAndTheirSum) {
  const std::string text = to_text(small_export());
  EXPECT_THAT(text, HasSubstr("small: input 3x32x32, 10 classes, weights random, seed 7\n"));
  EXPECT_THAT(text, HasSubstr("linear         234   6,789\n"));
  EXPECT_THAT(text, HasSubstr("all          1,234  56,789\n"));
}

TEST(ZooText, WeightsOfACheckpointHaveItsNameInPlaceOfASeed) {
  ZooExport report = small_export();
  EXPECT_EQ(to_json(report)["seed"], 7);
  EXPECT_FALSE(to_json(report).contains("checkpoint"));
  report.checkpoint = "small.pth";
  EXPECT_THAT(to_text(report), HasSubstr("weights of small.pth\n"));
  EXPECT_EQ(to_json(report)["checkpoint"], "small.pth");
  EXPECT_FALSE(to_json(report).contains("seed"));
}

}  // namespace
}  // namespace sluice::api
