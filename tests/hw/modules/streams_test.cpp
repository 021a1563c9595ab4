// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "tests/hw/unit_coefficients.hpp"

#include "sluice/hw/modules/kinds.hpp"

namespace sluice::hw {
namespace {

const Stream kStream{.map = {8, 10, 1, 4}, .data_bits = 16, .streams = 2};

TEST(GlobalPool, IsDoneWhenAllHasCome) {
  const Timing timing = GlobalPool{kStream}.timing();
  EXPECT_EQ(timing.out, (FeatureMap{1, 1, 1, 4}));
  EXPECT_EQ(timing.pipeline_depth, 320);
  EXPECT_EQ((GlobalPool{kStream, 32}.resources(test::uniform(0)).dsp), 2);
}

TEST(Pool, CountsItsComparisons) {
  const Coefficients by = test::uniform(1);
  EXPECT_LT((Pool{kStream, {2, 2}}.resources(by).lut), (Pool{kStream, {3, 3}}.resources(by).lut));
}

TEST(Activation, TakesDspsWhereItMultiplies) {
  const Coefficients by = test::uniform(0);
  EXPECT_EQ((Activation{kStream}.resources(by)), fixed(16, 35));
  EXPECT_EQ((Activation{kStream, Function::Sigmoid}.resources(by).dsp), 3);
  EXPECT_EQ((Activation{kStream, Function::Silu}.resources(by).dsp), 4);
  EXPECT_EQ((Activation{kStream, Function::HardSwish}.resources(by).dsp), 5);
}

TEST(Eltwise, KeepsABroadcastOperand) {
  const Coefficients by = test::uniform(0);
  EXPECT_EQ((EltwiseModule{kStream, Eltwise::Mul}.resources(by).dsp), 1);
  Stream wide = kStream;
  wide.map.channels = 512;
  EXPECT_EQ((EltwiseModule{wide, Eltwise::Add, true}.resources(by).bram18), 1);
}

TEST(Squeeze, HasAFifoAWordOfBothWidths) {
  const Coefficients by = test::uniform(1);
  const auto few = Squeeze{kStream, 1, 2}.resources(by);
  EXPECT_EQ(few.bram18, 0);
  EXPECT_LT(few.lut, (Squeeze{kStream, 3, 4}.resources(by).lut));
  // 13 FIFOs of 40 words; of 14 words in 26 streams for the other way round.
  EXPECT_EQ((Squeeze{kStream, 1, 40}.resources(by).bram18), 40);
}

TEST(Resize, RepeatsWords) {
  const Timing timing = Resize{kStream, 2, 3}.timing();
  EXPECT_EQ(timing.out, (FeatureMap{16, 30, 1, 4}));
  EXPECT_EQ(timing.rate_in, 6);
  EXPECT_EQ(timing.latency_cycles, 16 * 30 * 4);
  EXPECT_EQ(timing.pipeline_depth, 10 * 4 + 4 * 2);
}

}  // namespace
}  // namespace sluice::hw
