// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "sluice/hw/library/kinds.hpp"

namespace sluice::hw::library {
namespace {

// A ring of kernel, step and spare rows.
TEST(LibraryWindows, RowsAreInOneMemoryOrInOneEachForColumns) {
  WindowTaps taps{.width = 8, .rows = 64, .cols = 64, .beats = 8, .out_rows = 64, .out_cols = 64};
  EXPECT_EQ(cost_of(taps).bram18, 1) << "4 rows of 512 words";
  taps.spare_rows = 1;
  EXPECT_EQ(cost_of(taps).bram18, 2) << "5 rows";
  taps.columns = 1;
  EXPECT_EQ(cost_of(taps).bram18, 5);
}

TEST(LibraryWindows, WholeWindowsAreColumnsAndWhatCameBefore) {
  const WindowSlide slide{
      .width = 8, .rows = 64, .cols = 64, .beats = 8, .out_rows = 64, .out_cols = 64};
  EXPECT_EQ(cost_of(slide).bram18, 4);
}

TEST(LibraryWindows, NarrowRowsAreInLuts) {
  const WindowTaps taps{.width = 8, .cols = 8, .beats = 4, .columns = 1};
  EXPECT_EQ(cost_of(taps).bram18, 0);
  EXPECT_EQ(cost_of(taps).lut.values()[0], 4 * 8);
}

}  // namespace
}  // namespace sluice::hw::library
