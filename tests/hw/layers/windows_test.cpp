// SPDX-License-Identifier: Apache-2.0
#include "sluice/hw/layers/windows.hpp"

#include <gtest/gtest.h>

#include "tests/hw/sample_layers.hpp"

namespace sluice::hw {
namespace {

constexpr FeatureMap kWide{6, 8, 1, 4};

WindowTask same_task(const Folding& by, std::int64_t filters = 8) {
  return window_task(test::convolution(kWide, filters, 3, 1, 1, by));
}

TEST(WindowTask, IsOfOneStream) {
  const WindowTask task = same_task({2, 4, 1, 3});
  EXPECT_EQ(task.in, (FeatureMap{6, 8, 1, 2}));
  EXPECT_EQ(task.words, 3);
  EXPECT_EQ(task.parts(), 3);
  EXPECT_EQ(task.busy_cycles, 3 * 8 / 4);
}

TEST(WindowTask, OfAPoolingHasAsManyWordsAsItsInputLeavesTimeFor) {
  EXPECT_EQ(window_task(test::pooling({8, 8, 1, 2}, 2, 2)).words, 1);
  EXPECT_EQ(window_task(test::pooling({9, 9, 1, 2}, 3, 2)).words, 3);
  EXPECT_EQ(window_task(test::pooling({8, 8, 1, 2}, 2, 1)).words, 4);
}

TEST(WindowTask, OfATransposedConvolutionIsOfTheSpreadMap) {
  Layer layer = test::convolution({5, 4, 1, 2}, 2, 2);
  layer.as<Convolution>()->spread = {2, 3};
  EXPECT_EQ(window_task(layer).in, (FeatureMap{9, 10, 1, 2}));
}

TEST(SpreadDepth, IsARowOrAPixelWhereNoRowsComeBetween) {
  EXPECT_EQ(spread_depth({5, 4, 1, 3}, {1, 1}), 0);
  EXPECT_EQ(spread_depth({5, 4, 1, 3}, {2, 2}), 12);
  EXPECT_EQ(spread_depth({5, 4, 1, 3}, {1, 2}), 3);
  EXPECT_EQ(spread_depth({5, 4, 1, 1}, {1, 2}), 0);
}

TEST(WindowForm, IsThatOfTheWordsAtATime) {
  EXPECT_EQ(window_form(same_task({.fine = 1})).reader, WindowReader::Words);
  EXPECT_EQ(window_form(same_task({.fine = 3})).reader, WindowReader::Columns);
  EXPECT_EQ(window_form(same_task({.fine = 9})).reader, WindowReader::Sweep);
  EXPECT_EQ(window_form(same_task({.fine = 9})).words, 9);
}

TEST(WindowForm, OfSingleWordsIsNone) {
  EXPECT_EQ(window_form(window_task(test::convolution(kWide, 8, 1))).reader, WindowReader::None);
  const Layer padded = test::layer_of(kWide, Padded{{.top = 1}});
  EXPECT_EQ(window_form(window_task(padded)).reader, WindowReader::Words);
  const Layer with_steps = test::convolution(kWide, 8, 1, 0, 2);
  EXPECT_EQ(window_form(window_task(with_steps)).reader, WindowReader::Words);
}

// At the beginning of a row the column in the padding ends no window: four cycles of channels, one
// for the register.
TEST(WindowForm, KeepsWindowsForTheColumnsThatEndNone) {
  EXPECT_EQ(window_form(same_task({1, 8, 1, 9})).queue_depth, 0);  // a window a cycle: no use
  // Eight cycles a window: that in the register lasts.
  EXPECT_EQ(window_form(same_task({1, 1, 1, 9})).queue_depth, 0);
  // Four: 4 + 1 are more, and with a stage 4 + 2 of 8.
  EXPECT_EQ(window_form(same_task({1, 2, 1, 9})).queue_depth, 1);
  // Two: 4 + 1 of 2, 4 + 2 of 4, with two in a register 4 + 3 of 6, with three in a FIFO 4 + 4
  // of 8.
  EXPECT_EQ(window_form(same_task({1, 4, 1, 9})).queue_depth, 3);
}

TEST(WindowForm, KeepsRowsThatTheNextMapBeginsWith) {
  // Ten rows of windows of three, two apart: the last begins with row 6 of ten, and four are kept
  // until the first three of the next map are there.
  const WindowTask task = window_task(test::convolution({10, 9, 1, 1}, 1, 3, 0, 2));
  EXPECT_EQ(window_form(task).spare_rows, 10 - 6 + 3 - 3 - 2);
}

TEST(WindowCycles, AreThoseOfTheReads) {
  // Six by eight windows of four channels: nine words, three columns each.
  EXPECT_EQ(window_cycles(same_task({.fine = 1})), 6 * 8 * 4 * 9);
  EXPECT_EQ(window_cycles(same_task({.fine = 3})), 6 * 8 * 4 * 3);
  // Seven columns of windows, of which the first is ended by the second of the map, and the
  // padding.
  EXPECT_EQ(window_cycles(same_task({.fine = 9})), 6 * 9 * 4);
}

TEST(WindowCycles, AreNoFewerThanThoseOfTheWords) {
  EXPECT_EQ(window_cycles(window_task(test::convolution(kWide, 8, 1, 0, 2))), 6 * 8 * 4);
}

TEST(SweepCols, BeginWithTheMapAndEndWithTheLastWindow) {
  EXPECT_EQ(sweep_cols(same_task({.fine = 9})), 9);
  // The last column of eight is in no window.
  EXPECT_EQ(sweep_cols(window_task(test::convolution(kWide, 8, 3, 0, 2, {.fine = 9}))), 7);
}

}  // namespace
}  // namespace sluice::hw
