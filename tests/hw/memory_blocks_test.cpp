// SPDX-License-Identifier: Apache-2.0
#include "sluice/hw/memory_blocks.hpp"

#include <gtest/gtest.h>

namespace sluice::hw {
namespace {

TEST(Bram18, TakesTheNarrowestShapeThatHoldsAWord) {
  for (const auto& [width, depth] :
       {std::pair{1, 16384}, {2, 8192}, {4, 4096}, {9, 2048}, {18, 1024}, {36, 512}}) {
    EXPECT_EQ(bram18_blocks(depth, width, MemoryKind::Memory), 1) << width;
    EXPECT_EQ(bram18_blocks(depth + 1, width, MemoryKind::Memory), 2) << width;
  }
  EXPECT_EQ(bram18_blocks(2048, 8, MemoryKind::Memory), 1);   // words of 9 bits
  EXPECT_EQ(bram18_blocks(2048, 10, MemoryKind::Memory), 2);  // of 18
  EXPECT_EQ(bram18_blocks(512, 37, MemoryKind::Memory), 2);   // side by side
  EXPECT_EQ(bram18_blocks(1000, 73, MemoryKind::Fifo), 6);
  EXPECT_EQ(bram18_blocks(4096, 4.5, MemoryKind::Memory), 2);
}

TEST(Bram18, IsNotTakenForWhatFitsInLuts) {
  EXPECT_EQ(bram18_blocks(0, 8, MemoryKind::Memory), 0);
  EXPECT_EQ(bram18_blocks(8, 0, MemoryKind::Memory), 0);
  EXPECT_EQ(bram18_blocks(64, 16, MemoryKind::Fifo), 0);
  EXPECT_EQ(bram18_blocks(64, 16, MemoryKind::Memory), 1);
  EXPECT_EQ(bram18_blocks(63, 16, MemoryKind::Memory), 0);
  EXPECT_EQ(bram18_blocks(32, 500, MemoryKind::Fifo), 0);
  EXPECT_EQ(bram18_blocks(64, 16, MemoryKind::Fifo, true), 1);
  EXPECT_EQ(bram18_blocks(32, 16, MemoryKind::Fifo, true), 0);
}

TEST(Uram, IsOneOfSevenShapesOrWhole) {
  EXPECT_EQ(uram_blocks(4096, 72), 1);
  EXPECT_EQ(uram_blocks(8192, 36), 1);
  EXPECT_EQ(uram_blocks(8192, 36, UramShape::Whole), 2);
  EXPECT_EQ(uram_blocks(4097, 73), 4);
  EXPECT_EQ(uram_blocks(0, 73), 0);
}

TEST(Lutram, HasTwoShapes) {
  EXPECT_EQ(lutram_arrays(32, 15), 1);
  EXPECT_EQ(lutram_arrays(32, 16), 2);
  EXPECT_EQ(lutram_arrays(33, 7), 1);
  EXPECT_EQ(lutram_arrays(65, 8), 4);
  EXPECT_EQ(lutram_arrays(4, 0), 0);
}

TEST(Dsp, MultipliesEighteenByTwentySevenBits) {
  EXPECT_EQ(dsp_blocks(16, 16), 1);
  EXPECT_EQ(dsp_blocks(18, 27), 1);
  EXPECT_EQ(dsp_blocks(27, 18), 2);
  EXPECT_EQ(dsp_blocks(32, 32), 4);
}

}  // namespace
}  // namespace sluice::hw
