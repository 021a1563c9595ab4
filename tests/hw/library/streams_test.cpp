// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "sluice/hw/library/kinds.hpp"

namespace sluice::hw::library {
namespace {

double first_ff(const Cost& cost) {
  return cost.ff.values()[0];
}

TEST(LibraryStreams, AWordOfAFifoIsInItsOutputRegister) {
  EXPECT_EQ(cost_of(Fifo{.width = 8, .depth = 129}).bram18, 0);
  EXPECT_EQ(cost_of(Fifo{.width = 8, .depth = 130}).bram18, 1);
  EXPECT_EQ(cost_of(Fifo{.width = 8, .depth = 2049}).bram18, 1);
  EXPECT_EQ(cost_of(Fifo{.width = 8, .depth = 2050}).bram18, 2);
}

TEST(LibraryStreams, TwoWordsAreAPairOfRegisters) {
  EXPECT_EQ(first_ff(cost_of(Fifo{.width = 8, .depth = 2})), 16);
}

// Two blocks, one filling while the other is read.
TEST(LibraryStreams, RowsThatComeTwiceAreKeptTwice) {
  EXPECT_EQ(cost_of(Repeat{.width = 8, .cols = 64, .beats = 32}).bram18, 2);
  EXPECT_EQ(cost_of(Repeat{.width = 8, .cols = 64, .beats = 32, .row_scale = 1}).bram18, 0)
      << "pixels only";
}

TEST(LibraryStreams, EachLaneOfATableHasItsMemory) {
  EXPECT_EQ(cost_of(Table{.lanes = 3}).bram18, 3);
  EXPECT_EQ(cost_of(Table{.x_width = 6, .lanes = 3}).bram18, 0) << "LUTs";
  EXPECT_EQ(cost_of(Table{.x_width = 12, .y_width = 16}).bram18, 4);
}

TEST(LibraryStreams, SpreadingCountsRowsColumnsAndStepsBetween) {
  const Cost cost = cost_of(Spread{.width = 8, .lanes = 2, .rows = 8, .cols = 8, .beats = 4});
  EXPECT_EQ(cost.ff.values()[0], 16);
  EXPECT_EQ(cost.ff.values()[1], 3 + 3 + 2 + 1 + 1);
}

TEST(LibraryStreams, RegroupingHoldsAWordOfTheWiderSide) {
  EXPECT_EQ(cost_of(Regroup{.lanes_in = 4, .lanes_out = 2}).ff.values()[1], 32);
  // The word that leaves and what has come of the next one.
  EXPECT_EQ(cost_of(Regroup{.lanes_in = 2, .lanes_out = 4}).ff.values()[1], 48);
  // 2 and 3 lanes: 6.
  EXPECT_EQ(cost_of(Regroup{.lanes_in = 2, .lanes_out = 3}).ff.values()[2], 48);
}

}  // namespace
}  // namespace sluice::hw::library
