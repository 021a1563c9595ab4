// SPDX-License-Identifier: Apache-2.0
#include "sluice/synth/family.hpp"

#include <gmock/gmock.h>

namespace sluice::synth {
namespace {

using testing::HasSubstr;

Usage usage(Family family, const Cells& cells) {
  const auto result = usage_of(family, cells);
  EXPECT_TRUE(result) << result.error().text();
  return result ? *result : Usage{};
}

TEST(Family, NamesAreReadBack) {
  for (const Family family : {Family::Xilinx7, Family::Ecp5, Family::Ice40}) {
    const auto read = family_from_string(to_string(family));
    ASSERT_TRUE(read) << to_string(family);
    EXPECT_EQ(*read, family);
  }
}

TEST(Family, AWrongNameGetsTheNearestOne) {
  const auto read = family_from_string("ice4");
  ASSERT_FALSE(read);
  EXPECT_EQ(read.error().code, ErrorCode::InvalidArgument);
  EXPECT_THAT(read.error().text(), HasSubstr("did you mean \"ice40\"?"));
}

TEST(Family, BlockRamsAreOf18KbitAndOnIce40Of4) {
  EXPECT_EQ(block_ram_bits(Family::Xilinx7), 18432);
  EXPECT_EQ(block_ram_bits(Family::Ecp5), 18432);
  EXPECT_EQ(block_ram_bits(Family::Ice40), 4096);
}

TEST(Family, EachSizeOfLutIsOneAndCarriesAreFree) {
  const Usage of = usage(Family::Xilinx7, {{"LUT1", 1},
                                           {"LUT2", 2},
                                           {"LUT3", 3},
                                           {"LUT4", 4},
                                           {"LUT5", 5},
                                           {"LUT6", 6},
                                           {"INV", 7},
                                           {"CARRY4", 100},
                                           {"MUXF7", 100},
                                           {"MUXF8", 100}});
  EXPECT_EQ(of, (Usage{.lut = 28}));
}

TEST(Family, MemoriesAndShiftRegistersInLutsAreLuts) {
  EXPECT_EQ(usage(Family::Xilinx7, {{"RAM32M", 2},
                                    {"RAM64M", 1},
                                    {"RAM64X1D", 1},
                                    {"SRL16E", 3},
                                    {"SRLC32E", 1},
                                    {"RAM128X1D", 1}}),
            (Usage{.lut = 12 + 2 + 4 + 4}));
  EXPECT_EQ(usage(Family::Ecp5, {{"TRELLIS_DPR16X4", 2}}), (Usage{.lut = 12}));
}

TEST(Family, ABlockOf36KbitIsTwo) {
  EXPECT_EQ(usage(Family::Xilinx7, {{"RAMB36E1", 3}, {"RAMB18E1", 1}}), (Usage{.bram = 7}));
}

TEST(Family, FlipFlopsAreCountedWhateverTheirReset) {
  EXPECT_EQ(usage(Family::Xilinx7, {{"FDRE", 1}, {"FDSE", 2}, {"FDCE", 3}, {"FDPE", 4}}).ff, 10);
  EXPECT_EQ(
      usage(Family::Ice40, {{"SB_DFF", 1}, {"SB_DFFE", 2}, {"SB_DFFESR", 3}, {"SB_DFFNSS", 4}}).ff,
      10);
  EXPECT_EQ(usage(Family::Ecp5, {{"TRELLIS_FF", 9}}).ff, 9);
}

TEST(Family, MultipliersAreDspBlocks) {
  EXPECT_EQ(usage(Family::Xilinx7, {{"DSP48E1", 5}}), (Usage{.dsp = 5}));
  EXPECT_EQ(usage(Family::Ecp5, {{"MULT18X18D", 5}}), (Usage{.dsp = 5}));
  EXPECT_EQ(usage(Family::Ice40, {{"SB_MAC16", 5}}), (Usage{.dsp = 5}));
}

TEST(Family, SmallFamiliesHaveTheirOwnBlocksAndCarries) {
  EXPECT_EQ(usage(Family::Ecp5,
                  {{"CCU2C", 3}, {"LUT4", 1}, {"PFUMX", 8}, {"DP16KD", 2}, {"PDPW16KD", 1}}),
            (Usage{.lut = 7, .bram = 3}));
  EXPECT_EQ(usage(Family::Ice40,
                  {{"SB_CARRY", 3}, {"SB_LUT4", 1}, {"SB_RAM40_4K", 2}, {"SB_RAM40_4KNRNW", 1}}),
            (Usage{.lut = 1, .bram = 3}));
}

TEST(Family, ACellThatIsNotKnownIsNamed) {
  const auto result = usage_of(Family::Ecp5, {{"LUT4", 1}, {"$mem_v2", 2}});
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, ErrorCode::External);
  EXPECT_THAT(result.error().text(), HasSubstr("leaves 2 cells \"$mem_v2\""));
}

TEST(Family, CellsOfAnotherFamilyAreNotKnown) {
  EXPECT_FALSE(usage_of(Family::Ice40, {{"LUT4", 1}}));
  EXPECT_FALSE(usage_of(Family::Xilinx7, {{"SB_LUT4", 1}}));
}

TEST(Family, NoCellsTakeNothing) {
  EXPECT_EQ(usage(Family::Xilinx7, {}), Usage{});
}

TEST(Family, UsagesAdd) {
  Usage sum{.lut = 1, .ff = 2, .dsp = 3, .bram = 4};
  sum += {.lut = 10, .ff = 20, .dsp = 30, .bram = 40};
  EXPECT_EQ(sum, (Usage{.lut = 11, .ff = 22, .dsp = 33, .bram = 44}));
}

}  // namespace
}  // namespace sluice::synth
