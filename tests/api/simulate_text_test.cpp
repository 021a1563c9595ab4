// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "sluice/api/simulate.hpp"

namespace sluice::api {
namespace {

using ::testing::HasSubstr;

AccumulatorReport two_layers() {
  AccumulatorReport report{.model = "m", .runs = 2};
  report.rows = {{.layer = "conv",
                  .op = "Conv",
                  .proven = exact::SumRange{-1000, 5000},
                  .observed = {-3, 900},
                  .sums = 64,
                  .overflows = 2,
                  .used_bits = 10},
                 {.layer = "product", .op = "MatMul", .observed = {0, 1}, .sums = 4}};
  return report;
}

TEST(AccumulatorText, HasRangesWidthsAndWhatIsSpared) {
  const std::string text = to_text(two_layers());
  EXPECT_THAT(text, HasSubstr("-1,000 … 5,000    14  -3 … 900    11    10     -4          2"));
  EXPECT_THAT(text, HasSubstr("observed: 2 inputs"));
}

TEST(AccumulatorText, WhatIsNotProvenIsLeftOut) {
  const Json json = to_json(two_layers());
  EXPECT_EQ(json["format"], "sluice.accumulators/1");
  EXPECT_EQ(json["overflows"], 2);
  EXPECT_EQ(json["layers"][0]["proven_bits"], 14);
  EXPECT_EQ(json["layers"][0]["observed"], Json({-3, 900}));
  EXPECT_FALSE(json["layers"][1].contains("proven_bits"));
  EXPECT_EQ(json["layers"][1]["used_bits"], 32);
}

}  // namespace
}  // namespace sluice::api
