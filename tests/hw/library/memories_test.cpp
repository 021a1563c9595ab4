// SPDX-License-Identifier: Apache-2.0
#include "sluice/hw/library/memories.hpp"

#include <gtest/gtest.h>

namespace sluice::hw::library {
namespace {

TEST(LibraryMemories, SmallOnesAreInLuts) {
  EXPECT_TRUE(is_in_luts(1000, 32));
  EXPECT_TRUE(is_in_luts(8, 128));
  EXPECT_FALSE(is_in_luts(8, 129));
  EXPECT_FALSE(is_in_luts(1000, 33));
}

TEST(LibraryMemories, TakeTheShapeWithTheFewestBlocks) {
  EXPECT_EQ(memory_bram18(8, 32), 0);
  EXPECT_EQ(memory_bram18(36, 512), 1);
  EXPECT_EQ(memory_bram18(37, 512), 2);
  EXPECT_EQ(memory_bram18(18, 1024), 1);
  // Three beside one another of 18 bits, not two rows of two of 36.
  EXPECT_EQ(memory_bram18(54, 1024), 3);
  EXPECT_EQ(memory_bram18(1, 16384), 1);
  EXPECT_EQ(memory_bram18(1, 16385), 2);
}

TEST(LibraryMemories, BlocksThatAreNotReadGo) {
  // 84 bits of 64 words are in three blocks of 36.
  EXPECT_EQ(memory_bram18_of_bits(84, 64, 0, 84), 3);
  EXPECT_EQ(memory_bram18_of_bits(84, 64, 0, 21), 1);
  EXPECT_EQ(memory_bram18_of_bits(84, 64, 21, 21), 2) << "bits 21 to 41";
  EXPECT_EQ(memory_bram18_of_bits(8, 16, 0, 8), 0) << "LUTs";
}

TEST(LibraryMemories, FourLutsHoldWordsOfSixBitsOrThree) {
  EXPECT_EQ(ram_luts(6, 32), 4);
  EXPECT_EQ(ram_luts(7, 32), 8);
  EXPECT_EQ(ram_luts(3, 64), 4);
  EXPECT_EQ(ram_luts(8, 128), 4 * 3 * 2);
  EXPECT_EQ(ram_luts(8, 129), 0) << "a block RAM";
}

TEST(LibraryMemories, BitsOfFewConstantsAreOftenAlike) {
  EXPECT_EQ(distinct_bits(1000, 64), 1000);
  // Of two words there are two functions that are no constants: the address and its complement.
  EXPECT_NEAR(distinct_bits(1000, 2), 2, 1e-9);
  EXPECT_EQ(rom_luts(1000, 2), 0);
  EXPECT_NEAR(distinct_bits(1, 2), 0.5, 1e-9);
  // Of four, fourteen.
  EXPECT_NEAR(rom_luts(1000, 4), 14, 1e-9);
  EXPECT_LT(rom_luts(8, 4), 8);
}

TEST(LibraryMemories, DeepConstantsTakeALutForEach64Words) {
  EXPECT_EQ(rom_luts(10, 64), 10);
  EXPECT_EQ(rom_luts(8, 65), 16);
  EXPECT_EQ(rom_luts(8, 129), 0) << "a block RAM";
}

}  // namespace
}  // namespace sluice::hw::library
