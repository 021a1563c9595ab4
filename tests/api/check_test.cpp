// SPDX-License-Identifier: Apache-2.0
#include "sluice/api/check.hpp"

#include <gmock/gmock.h>
#include <nlohmann/json.hpp>

#include "sluice/api/builtin.hpp"

namespace sluice::api {
namespace {

using testing::HasSubstr;

CheckReport refused() {
  return {.model = "net.onnx",
          .device = "zcu104",
          .unmappable = {{"lstm\x1b", "LSTM", "has a state", "export without it"}},
          .on_host = {{"soft", "Softmax", "comes last"}}};
}

TEST(Check, TheBuiltInNetworkMapsAndFits) {
  const auto report = check({.model = builtin_digits()->model, .device = "zcu104"});
  ASSERT_TRUE(report) << report.error().text();
  EXPECT_TRUE(check_mappable(*report));
  EXPECT_TRUE(report->weights_fit());
  EXPECT_TRUE(report->smallest_violates.empty());
  EXPECT_DOUBLE_EQ(report->on_chip_bits, 624 * 18432.0 + 96 * 294912.0);
}

TEST(Check, TheSmallestDesignMayStillBeTooLarge) {
  const auto report = check({.model = builtin_digits()->model, .device = "unit"});
  ASSERT_TRUE(report) << report.error().text();
  EXPECT_FALSE(report->smallest_violates.empty());
  EXPECT_THAT(to_text(*report), HasSubstr("does not fit as one partition"));
}

TEST(Check, NodesAreListedWithWhyAndRemedy) {
  const std::string text = to_text(refused());
  EXPECT_THAT(text, HasSubstr("\"lstm\\x1b\" (LSTM): has a state\n  export without it\n"));
  EXPECT_THAT(text, HasSubstr("left to the host:\n  \"soft\" (Softmax): comes last\n"));
}

TEST(Check, NodesThatCannotMapAreInfeasible) {
  const auto status = check_mappable(refused());
  ASSERT_FALSE(status);
  EXPECT_EQ(status.error().code, ErrorCode::Infeasible);
  EXPECT_THAT(status.error().text(), HasSubstr("net.onnx: 1 node cannot be mapped"));
}

TEST(Check, JsonSaysNothingOfWeightsWithoutAllLayers) {
  const Json json = to_json(refused());
  EXPECT_FALSE(json.at("mappable").get<bool>());
  EXPECT_EQ(json.at("unmappable")[0].at("remedy"), "export without it");
  EXPECT_FALSE(json.contains("weights_fit_on_chip"));
}

}  // namespace
}  // namespace sluice::api
