// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "tests/hw/unit_coefficients.hpp"

#include "sluice/hw/layers/layer.hpp"

namespace sluice::hw {
namespace {

Layer in_two_streams(Operation operation, Folding by = {2, 2}) {
  return {.map = {4, 5, 1, 8}, .operation = std::move(operation), .folding = by};
}

Layer volume(Operation operation, Folding by = {2, 2}) {
  Layer layer = in_two_streams(std::move(operation), by);
  layer.is_3d = true;
  layer.map.depth = 3;
  return layer;
}

TEST(Concat, WritesTheChannelsOfAllInputs) {
  EXPECT_EQ(map_out(in_two_streams(Concat{{8, 4}})), (FeatureMap{4, 5, 1, 12}));
}

TEST(Concat, TakesACycleAWordOfAllInputs) {
  EXPECT_EQ(latency_cycles(in_two_streams(Concat{{8, 4}})), 4 * 5 * (4 + 2));
  EXPECT_EQ(latency_cycles(volume(Concat{{8, 4}})), 4 * 5 * 3 * (4 + 2));
  // fpgaConvNet's leaves out the depth.
  EXPECT_EQ(latency_cycles(volume(Concat{{8, 4}}), Rules::FpgaConvNet), 4 * 5 * (4 + 2));
}

TEST(Split, IsAForkOfTheWordsItHas) {
  Layer layer = in_two_streams(Split{});
  layer.outputs.resize(3);
  layer.data.width_bits = 10;
  const Resources resources = resources_of(layer, test::uniform(1));
  // Two streams, their bits, both for three copies, and 1.
  EXPECT_EQ(resources.lut, 2 + 20 + 2 * 3 + 20 * 3 + 1);
  EXPECT_EQ(resources.ff, 2 + 20 * 3 + 1);
  EXPECT_EQ(latency_cycles(layer), 4 * 5 * 4);
}

TEST(Chop, HasThePartOfEachOutput) {
  const Layer layer = in_two_streams(Chop{{2, 6}});
  EXPECT_EQ(map_out(layer, 0), (FeatureMap{4, 5, 1, 2}));
  EXPECT_EQ(map_out(layer, 1), (FeatureMap{4, 5, 1, 6}));
  EXPECT_EQ(timing_of(layer).rate_out, 2.0 / 8);
}

TEST(Chop, TakesACycleAWordThatComes) {
  EXPECT_EQ(latency_cycles(in_two_streams(Chop{{2, 6}})), 4 * 5 * 4);
}

TEST(Repeat, WritesByItsScales) {
  EXPECT_EQ(map_out(in_two_streams(Repeat{{2, 3}})), (FeatureMap{8, 15, 1, 8}));
  EXPECT_EQ(map_out(volume(Repeat{{2, 3, 4}})), (FeatureMap{8, 15, 12, 8}));
}

TEST(Repeat, TakesACycleAWordThatGoes) {
  EXPECT_EQ(latency_cycles(in_two_streams(Repeat{{2, 3}})), 8 * 15 * 4);
  EXPECT_EQ(timing_of(in_two_streams(Repeat{{2, 3}})).rate_in, 1.0 / 6);
  // fpgaConvNet's reads six words a clock.
  EXPECT_EQ(timing_of(in_two_streams(Repeat{{2, 3}}), Rules::FpgaConvNet).rate_in, 6);
}

TEST(Repeat, GoesByItsRealScales) {
  // What fpgaConvNet's takes for scales of channels, and of a fourth axis, repeats no word.
  const Layer layer = in_two_streams(Repeat{{2, 3}, 2, 2});
  EXPECT_EQ(latency_cycles(layer), 8 * 15 * 4);
  EXPECT_EQ(timing_of(layer).rate_in, 1.0 / 6);
  EXPECT_EQ(latency_cycles(layer, Rules::FpgaConvNet), 8 * 15 * 4 * 2);
}

TEST(Repeat, KeepsALine) {
  const Coefficients by = test::uniform(0);
  // 5·4 words of 32 bits: three arrays of 16 bits, one bit of which is taken, of 8 LUTs each.
  EXPECT_EQ(resources_of(in_two_streams(Repeat{{2, 2}}), by), (Resources{.lut = 3 * 8}));
  Layer layer = in_two_streams(Repeat{{2, 2}});
  layer.map.cols = 200;  // 800 words: two blocks of 512 by 36
  EXPECT_EQ(resources_of(layer, by), (Resources{.bram18 = 2}));
}

TEST(Regroup, TakesACycleAWordOfTheFewerStreams) {
  EXPECT_EQ(latency_cycles(in_two_streams(Regroup{}, {8, 2})), 4 * 5 * 4);
  EXPECT_EQ(latency_cycles(in_two_streams(Regroup{}, {4, 8})), 4 * 5 * 2);
}

TEST(Regroup, KeepsItsWordsInBlocksInThreeDimensionsToo) {
  Layer layer = volume(Regroup{}, {1, 40});
  layer.map.channels = 40;
  layer.data.width_bits = 32;
  // 40 FIFOs of 40/1 + 1 words of 32 bits.
  EXPECT_EQ(resources_of(layer, test::uniform(0)).bram18, 40);
  EXPECT_EQ(resources_of(layer, test::uniform(0), Rules::FpgaConvNet).bram18, 0);
}

TEST(Passing, IsFree) {
  EXPECT_EQ(resources_of(in_two_streams(Passing{}), test::uniform(1)), Resources{});
  EXPECT_EQ(latency_cycles(in_two_streams(Passing{})), 4 * 5 * 4);
  EXPECT_EQ(operations_of(in_two_streams(Passing{})), 0);
}

TEST(Padded, TakesACycleAWordOfTheLargerMap) {
  const Layer layer = in_two_streams(Padded{{.top = 1, .bottom = 2, .left = 3}});
  EXPECT_EQ(map_out(layer), (FeatureMap{7, 8, 1, 8}));
  EXPECT_EQ(latency_cycles(layer), 7 * 8 * 4);
  EXPECT_EQ(timing_of(layer).rate_in, 20.0 / 56);
}

TEST(PixelShift, TakesACycleAWord) {
  EXPECT_EQ(map_out(in_two_streams(PixelShift{})), (FeatureMap{4, 5, 1, 8}));
  EXPECT_EQ(latency_cycles(in_two_streams(PixelShift{})), 4 * 5 * 4);
}

TEST(Shuffle, KeepsTwoPixels) {
  const Coefficients by = test::uniform(0);
  // 8 words of 32 bits: ⌈33/16⌉ arrays of 8 LUTs.
  EXPECT_EQ(resources_of(in_two_streams(Shuffle{}), by), (Resources{.lut = 3 * 8}));
  Layer layer = in_two_streams(Shuffle{});
  layer.map.channels = 1024;  // 1024 words: two blocks of 512 by 36
  EXPECT_EQ(resources_of(layer, by), (Resources{.bram18 = 2}));
}

}  // namespace
}  // namespace sluice::hw
