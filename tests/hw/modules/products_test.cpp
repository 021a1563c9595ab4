// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "tests/hw/modules/two_streams.hpp"
#include "tests/hw/unit_coefficients.hpp"

#include "sluice/hw/modules/kinds.hpp"

namespace sluice::hw {
namespace {

TEST(VectorDot, TakesAWordOnceAllFiltersHaveSeenTheLast) {
  const VectorDot dot{test::kTwoStreams, 32, 6};
  EXPECT_EQ(dot.timing().rate_in, 1.0 / 32);
  EXPECT_EQ(dot.timing().out.channels, 32);
  EXPECT_EQ(dot.timing().latency_cycles, 8 * 10 * 4 * 32);
  EXPECT_EQ(dot.timing().pipeline_depth, 3);  // ⌊log2 6⌋ + 1
}

TEST(VectorDot, TakesADspAProduct) {
  EXPECT_EQ((VectorDot{test::kTwoStreams, 32, 6}.resources(test::uniform(0)).dsp), 12);
  EXPECT_EQ((VectorDot{test::kTwoStreams, 32, 6, 28}.resources(test::uniform(0)).dsp), 24);
  Stream volume = test::kTwoStreams;
  volume.is_3d = true;  // where it does not look at the weights
  volume.rules = Rules::FpgaConvNet;
  EXPECT_EQ((VectorDot{volume, 32, 6, 28}.resources(test::uniform(0)).dsp), 12);
}

TEST(Accum, WaitsForTheChannelsOfAGroup) {
  const Timing timing = Accum{test::kTwoStreams, 6, 2}.timing();
  EXPECT_EQ(timing.in.channels, 12);
  EXPECT_EQ(timing.out.channels, 6);
  EXPECT_EQ(timing.rate_out, 0.5);
  EXPECT_EQ(timing.pipeline_depth, 6);
}

TEST(Glue, SharesItsWordsAmongStreams) {
  EXPECT_EQ((Glue{test::kTwoStreams, 12, 3, 4, 2}.timing().latency_cycles), 8.0 * 10 * 12 / 8);
  EXPECT_EQ((Glue{test::kTwoStreams, 12, 3, 4, 2}.timing().pipeline_depth), 3);
  Stream volume = test::kTwoStreams;
  volume.is_3d = true;
  volume.rules = Rules::FpgaConvNet;
  EXPECT_EQ((Glue{volume, 12, 3, 4, 2}.timing().latency_cycles), 8.0 * 10 * 12 / 4);
}

TEST(Bias, GoesByFilters) {
  EXPECT_EQ((Bias{test::kTwoStreams, 7}.timing().out.channels), 7);
  EXPECT_EQ((Bias{test::kTwoStreams, 7}.resources(test::uniform(1)).lut), 32 + 32 * 4);
}

TEST(Products, OfStreamsBesideTakeMore) {
  Stream one = test::kTwoStreams;
  one.streams = 1;
  const Coefficients by = test::uniform(1);
  EXPECT_LT((Fork{one, {3, 3}, 2}.resources(by).lut),
            (Fork{test::kTwoStreams, {3, 3}, 2}.resources(by).lut));
  EXPECT_LT((Accum{one, 6, 1}.resources(by).ff), (Accum{test::kTwoStreams, 6, 1}.resources(by).ff));
  EXPECT_LT((Glue{one, 6, 2, 1}.resources(by).lut),
            (Glue{test::kTwoStreams, 6, 2, 1}.resources(by).lut));
  EXPECT_EQ((ShiftScale{test::kTwoStreams}.resources(by).dsp), 2);
}

}  // namespace
}  // namespace sluice::hw
