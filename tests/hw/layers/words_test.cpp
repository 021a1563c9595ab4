// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "tests/hw/unit_coefficients.hpp"

#include "sluice/hw/layers/layer.hpp"

namespace sluice::hw {
namespace {

Layer on_small_map(Operation operation, std::int64_t channels = 8) {
  return {.map = {4, 5, 1, channels}, .operation = std::move(operation), .folding = {2, 2}};
}

TEST(Elementwise, TakesACycleAWordOfAStream) {
  EXPECT_EQ(latency_cycles(on_small_map(Elementwise{})), 4 * 5 * 4);
  EXPECT_EQ(map_out(on_small_map(Elementwise{})), (FeatureMap{4, 5, 1, 8}));
}

TEST(Elementwise, IsOneModuleForAllStreams) {
  // Features 1 and the bits of two streams; there two modules, of 1 and of the bits of one.
  const Coefficients by = test::uniform(1);
  EXPECT_EQ(resources_of(on_small_map(Elementwise{}), by).lut, 1 + 2 * 16);
  EXPECT_EQ(resources_of(on_small_map(Elementwise{}), by, Rules::FpgaConvNet).lut, 2 * (1 + 16));
}

TEST(Elementwise, TakesDspsForEachStream) {
  const Layer layer = on_small_map(Elementwise{Function::HardSwish});
  EXPECT_EQ(resources_of(layer, test::uniform(0)).dsp, 5 * 2);
}

TEST(Elementwise, CountsAnOperationAWordOfEveryFunction) {
  Layer sigmoid = on_small_map(Elementwise{Function::Sigmoid});
  EXPECT_EQ(operations_of(on_small_map(Elementwise{})), 160);
  EXPECT_EQ(operations_of(sigmoid), 160);
  // There it is a Relu in two dimensions, and of no account in three.
  EXPECT_EQ(operations_of(sigmoid, Rules::FpgaConvNet), 160);
  sigmoid.is_3d = true;
  EXPECT_EQ(operations_of(sigmoid, Rules::FpgaConvNet), 0);
}

TEST(ChannelAffine, CountsItsFactorsAndItsOffsets) {
  EXPECT_EQ(operations_of(on_small_map(ChannelAffine{})), 2 * 160);
  EXPECT_EQ(operations_of(on_small_map(ChannelAffine{.has_offset = false})), 160);
  EXPECT_EQ(latency_cycles(on_small_map(ChannelAffine{})), 4 * 5 * 4);
}

TEST(ChannelAffine, TakesADspAStreamForItsFactors) {
  const Coefficients by = test::uniform(0);
  EXPECT_EQ(resources_of(on_small_map(ChannelAffine{}), by).dsp, 2);
  EXPECT_EQ(resources_of(on_small_map(ChannelAffine{.has_scale = false}), by).dsp, 0);
}

TEST(ChannelAffine, KeepsItsParametersOfAllStreamsSideBySide) {
  const Coefficients by = test::uniform(0);
  // 512 words of two parameters of two streams of 16 bits: two blocks of 512 by 36.
  EXPECT_EQ(resources_of(on_small_map(ChannelAffine{}, 1024), by).bram18, 2);
  EXPECT_EQ(resources_of(on_small_map(ChannelAffine{.has_scale = false}, 1024), by).bram18, 1);
  EXPECT_EQ(resources_of(on_small_map(ChannelAffine{}), by).bram18, 0);
}

TEST(Join, CountsAnOperationAWordForEachInputButOne) {
  Layer layer = on_small_map(Join{});
  layer.inputs.resize(3);
  EXPECT_EQ(operations_of(layer), 2 * 160);
  EXPECT_EQ(operations_of(layer, Rules::FpgaConvNet), 160);
  EXPECT_EQ(latency_cycles(layer), 4 * 5 * 4);
}

TEST(Join, TakesADspAStreamForProducts) {
  EXPECT_EQ(resources_of(on_small_map(Join{Eltwise::Mul}), test::uniform(0)).dsp, 2);
  EXPECT_EQ(resources_of(on_small_map(Join{Eltwise::Add}), test::uniform(0)).dsp, 0);
}

TEST(Join, KeepsTheOperandThatItRepeatsForAllStreams) {
  Layer layer = on_small_map(Join{.broadcasts = true}, 2048);
  layer.folding = {4, 4};
  // 512 words of four streams of 16 bits: two blocks of 512 by 36; there a block a stream.
  EXPECT_EQ(resources_of(layer, test::uniform(0)).bram18, 2);
  EXPECT_EQ(resources_of(layer, test::uniform(0), Rules::FpgaConvNet).bram18, 4);
}

}  // namespace
}  // namespace sluice::hw
