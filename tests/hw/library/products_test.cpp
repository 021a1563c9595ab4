// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "sluice/hw/library/kinds.hpp"

namespace sluice::hw::library {
namespace {

TEST(LibraryProducts, ABlockMultiplies25By18Bits) {
  EXPECT_EQ(product_dsp(4, 4), 0) << "LUTs";
  EXPECT_EQ(product_dsp(5, 4), 1);
  EXPECT_EQ(product_dsp(18, 25), 1);
  EXPECT_EQ(product_dsp(25, 18), 1);
  EXPECT_EQ(product_dsp(19, 25), 2);
  EXPECT_EQ(product_dsp(16, 26), 2);
}

TEST(LibraryProducts, NeighbouringLanesShareABlockIfTheirProductsFit) {
  EXPECT_EQ(cost_of(Dot{.fine = 9, .lanes_in = 2, .lanes_out = 4}).dsp, 36);
  EXPECT_EQ(cost_of(Dot{.fine = 9, .lanes_in = 2, .lanes_out = 3}).dsp, 36);
  EXPECT_EQ(cost_of(Dot{.fine = 9, .groups = 4}).dsp, 36);
  EXPECT_EQ(cost_of(Dot{.weight_width = 9, .lanes_out = 4}).dsp, 4) << "27 bits";
  EXPECT_EQ(cost_of(Dot{.x_width = 16, .weight_width = 16, .lanes_out = 4}).dsp, 4);
  EXPECT_EQ(cost_of(Dot{.x_width = 4, .weight_width = 4, .lanes_out = 4}).dsp, 0) << "LUTs";
}

TEST(LibraryProducts, WeightsElsewhereTakeNoBlockHere) {
  Dot dot{.lanes_in = 4, .lanes_out = 4, .beats = 64, .filters = 8};  // 512 words of 128 bits
  EXPECT_EQ(cost_of(dot).bram18, 4);
  dot.has_weights = false;
  EXPECT_EQ(cost_of(dot).bram18, 0);
}

TEST(LibraryProducts, RequantizationMultipliesOnceALane) {
  EXPECT_EQ(cost_of(Requantize{.x_width = 18, .lanes = 3, .multiplier_width = 25}).dsp, 3);
  EXPECT_EQ(cost_of(Requantize{.x_width = 22, .lanes = 3, .multiplier_width = 25}).dsp, 6);
  EXPECT_EQ(cost_of(Requantize{.x_width = 22, .lanes = 3, .multiplier_width = 0}).dsp, 0);
}

TEST(LibraryProducts, AZeroPointTakesABitOfAFactor) {
  EXPECT_EQ(cost_of(Mul{.lanes = 4}).dsp, 4);
  EXPECT_EQ(cost_of(Mul{.a_width = 4, .b_width = 4}).dsp, 0) << "LUTs";
  EXPECT_EQ(cost_of(Mul{.a_width = 4, .a_zero = 3, .b_width = 4}).dsp, 1);
}

TEST(LibraryProducts, LanesReadTheirThresholdsOfOneMemory) {
  // 25 bits of 128 words; of four lanes the second and the third lie in two blocks.
  EXPECT_EQ(cost_of(Bisect{.step = 7}).bram18, 1);
  EXPECT_EQ(cost_of(Bisect{.lanes = 4, .step = 7}).bram18, 1 + 2 + 2 + 1);
  EXPECT_EQ(cost_of(Bisect{.step = 2}).bram18, 0) << "LUTs";
}

TEST(LibraryProducts, MaximaOfMapsAreKeptAsSumsAre) {
  const Cost maxima = cost_of(FrameMax{.width = 12, .lanes = 2, .beats = 64});
  const Cost sums = cost_of(FrameSum{.width = 12, .lanes = 2, .beats = 64, .sum_width = 12});
  EXPECT_EQ(maxima.bram18, sums.bram18);
  EXPECT_EQ(maxima.ff.values()[0], sums.ff.values()[0]);
}

TEST(LibraryProducts, FactorsThatArePowersOfTwoAreWires) {
  EXPECT_EQ(cost_of(Add{.lanes = 2, .factor_a = 4, .factor_b = 1}).dsp, 0);
  EXPECT_EQ(cost_of(Add{.lanes = 2, .factor_a = 331, .factor_b = 1}).dsp, 2);
}

}  // namespace
}  // namespace sluice::hw::library
