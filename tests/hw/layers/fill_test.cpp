// SPDX-License-Identifier: Apache-2.0
#include "sluice/hw/layers/fill.hpp"

#include <gtest/gtest.h>

namespace sluice::hw::kinds {
namespace {

const WindowWork kWork{.channels = 2, .busy_cycles = 12, .tail_cycles = 6, .filters = 3};

TEST(WindowFill, BeginsWithTheFirstWindow) {
  const Fill fill = window_fill({5, 6, 1, 2}, {3, 3}, {}, {}, {}, kWork);
  EXPECT_EQ(fill.begin_words, (2 * 6 + 2) * 2 + 1);
  EXPECT_EQ(fill.start_words, (2 * 6 + 3) * 2);
  EXPECT_EQ(fill.busy_cycles, 12 - 2);
  EXPECT_EQ(fill.tail_cycles, 6 - 2);
  EXPECT_EQ(fill.rest_cycles, 3 * 4 * 12);
  EXPECT_EQ(fill.end_words, 5 * 6 * 2);
  EXPECT_EQ(fill.end_cycles, 12);
}

// Zeros between the first word and the first window take a clock a word.
TEST(WindowFill, WaitsForZeros) {
  const Fill fill = window_fill({5, 6, 1, 2}, {3, 3}, {},
                                {.top = 1, .bottom = 1, .left = 1, .right = 1}, {}, kWork);
  EXPECT_EQ(fill.begin_words, (6 + 1) * 2 + 1);
  EXPECT_EQ(fill.busy_cycles, 2 * 2 + 12 - 2);
  // The last word completes one window, the zeros after it another and a row of six.
  EXPECT_EQ(fill.end_cycles, 8 * 12);
  EXPECT_EQ(fill.end_words_out, 8 * 3);
}

// Two windows a row of 7, 5 words apart, of 4 cycles each: the second waits a cycle for its words,
// once, since the 8 cycles of a row of windows are more than the 7 in which the next one comes.
TEST(WindowFill, WaitsForTheLastWindowOfTheFirstRow) {
  const WindowWork work{.channels = 1, .busy_cycles = 4, .tail_cycles = 4, .filters = 1};
  const Fill fill = window_fill({6, 7, 1, 1}, {2, 2}, {1, 5}, {}, {}, work);
  EXPECT_EQ(fill.rest_cycles, 5 * 2 * 4 + 1);
}

TEST(WindowFill, EndsWithTheLastWordThatAWindowNeeds) {
  const Fill fill = window_fill({5, 5, 1, 2}, {2, 2}, {2, 2}, {}, {}, kWork);
  EXPECT_EQ(fill.end_words, (3 * 5 + 4) * 2);
  EXPECT_EQ(fill.end_cycles, 12);
}

}  // namespace
}  // namespace sluice::hw::kinds
