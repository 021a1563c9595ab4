// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <gmock/gmock.h>
#include <nlohmann/json.hpp>

#include "tests/report/small_design.hpp"

#include "sluice/api/estimate.hpp"

namespace sluice::api {
namespace {

using testing::HasSubstr;
using testing::Not;

EstimateReport small_report() {
  EstimateReport report{.figures = report::test::small_design(), .model_sha256 = "00"};
  report.figures.energy_proxy_uj = 12.5;
  report.figures.partitions[0].energy_proxy_uj = 12.5;
  report.figures.energy_provenance = "energy is a proxy";
  return report;
}

TEST(EstimateText, EachLevelAddsItsTable) {
  EXPECT_THAT(to_text(small_report(), Level::Network), Not(HasSubstr("interval")));
  EXPECT_THAT(to_text(small_report(), Level::Partitions), HasSubstr("interval"));
  EXPECT_THAT(to_text(small_report(), Level::Partitions), Not(HasSubstr("conv1")));
  EXPECT_THAT(to_text(small_report(), Level::Layers), HasSubstr("conv1"));
  EXPECT_THAT(to_text(small_report(), Level::Layers), Not(HasSubstr("accum")));
  EXPECT_THAT(to_text(small_report(), Level::Modules), HasSubstr("accum"));
}

TEST(EstimateText, TheSlowestLayerIsMarked) {
  EXPECT_THAT(to_text(small_report(), Level::Layers), HasSubstr("100.0*"));
}

TEST(EstimateText, EveryLevelSaysWhereLutsAreFrom) {
  EXPECT_THAT(to_text(small_report(), Level::Network), HasSubstr("analytic, no measured error"));
  EXPECT_THAT(to_json(small_report()).at("coefficients").get<std::string>(),
              HasSubstr("no measured error"));
}

TEST(EstimateText, EveryLevelSaysThatEnergyIsAProxy) {
  EXPECT_THAT(to_text(small_report(), Level::Network), HasSubstr("energy proxy µJ"));
  EXPECT_THAT(to_text(small_report(), Level::Network), HasSubstr("12.5"));
  EXPECT_THAT(to_text(small_report(), Level::Network), HasSubstr("energy is a proxy\n"));
  const Json json = to_json(small_report());
  EXPECT_EQ(json.at("energy_proxy_uj"), 12.5);
  EXPECT_EQ(json.at("partitions")[0].at("energy_proxy_uj"), 12.5);
  EXPECT_EQ(json.at("energy_coefficients"), "energy is a proxy");
}

TEST(EstimateText, JsonHasEdgesWithBuffers) {
  const Json json = to_json(small_report());
  const Json& edges = json.at("partitions")[0].at("edges");
  EXPECT_TRUE(std::ranges::any_of(edges, [](const Json& edge) {
    return edge.at("to") == "sum" && edge.at("buffer_depth") > 0;
  }));
}

}  // namespace
}  // namespace sluice::api
