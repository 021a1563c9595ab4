// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "tests/hw/modules/two_streams.hpp"
#include "tests/hw/unit_coefficients.hpp"

#include "sluice/hw/modules/kinds.hpp"

namespace sluice::hw {
namespace {

TEST(GlobalPool, IsDoneWhenAllHasCome) {
  const Timing timing = GlobalPool{test::kTwoStreams}.timing();
  EXPECT_EQ(timing.out, (FeatureMap{1, 1, 1, 4}));
  EXPECT_EQ(timing.pipeline_depth, 320);
  EXPECT_EQ((GlobalPool{test::kTwoStreams, 32}.resources(test::uniform(0)).dsp), 2);
}

TEST(Pool, CountsItsComparisons) {
  const Coefficients by = test::uniform(1);
  EXPECT_LT((Pool{test::kTwoStreams, {2, 2}}.resources(by).lut),
            (Pool{test::kTwoStreams, {3, 3}}.resources(by).lut));
}

TEST(Activation, TakesDspsWhereItMultiplies) {
  const Coefficients by = test::uniform(0);
  EXPECT_EQ((Activation{test::kTwoStreams}.resources(by)), ModuleResources{});
  EXPECT_EQ((Activation{test::kTwoStreams, Function::Sigmoid}.resources(by).dsp), 2 * 3);
  EXPECT_EQ((Activation{test::kTwoStreams, Function::Silu}.resources(by).dsp), 2 * 4);
  EXPECT_EQ((Activation{test::kTwoStreams, Function::HardSwish}.resources(by).dsp), 2 * 5);
}

TEST(Eltwise, KeepsABroadcastOperand) {
  const Coefficients by = test::uniform(0);
  EXPECT_EQ((EltwiseModule{test::kTwoStreams, Eltwise::Mul}.resources(by).dsp), 2);
  Stream wide = test::kTwoStreams;
  wide.map.channels = 512;
  EXPECT_EQ((EltwiseModule{wide, Eltwise::Add, true}.resources(by).bram18), 1);
}

TEST(Squeeze, HasAFifoAWordOfBothWidths) {
  const Coefficients by = test::uniform(1);
  const auto few = Squeeze{test::kTwoStreams, 1, 2}.resources(by);
  EXPECT_EQ(few.bram18, 0);
  EXPECT_LT(few.lut, (Squeeze{test::kTwoStreams, 3, 4}.resources(by).lut));
  // 13 FIFOs of 40 words; of 14 words in 26 streams for the other way round.
  EXPECT_EQ((Squeeze{test::kTwoStreams, 1, 40}.resources(by).bram18), 40);
}

TEST(Resize, RepeatsWords) {
  const Timing timing = Resize{test::kTwoStreams, 2, 3}.timing();
  EXPECT_EQ(timing.out, (FeatureMap{16, 30, 1, 4}));
  EXPECT_EQ(timing.rate_in, 1.0 / 6);
  EXPECT_EQ(timing.latency_cycles, 16 * 30 * 4);
  EXPECT_EQ(timing.pipeline_depth, 10 * 4 + 4 * 2);
}

}  // namespace
}  // namespace sluice::hw
