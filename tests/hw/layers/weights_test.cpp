// SPDX-License-Identifier: Apache-2.0
#include "sluice/hw/layers/weights.hpp"

#include <gtest/gtest.h>

namespace sluice::hw {
namespace {

// 16·32·9 = 4608 weights of 8 bits.
Layer many_filters(Folding by = {}) {
  Layer layer{.map = {8, 8, 1, 16}};
  layer.operation =
      Convolution{.filters = 32, .kernel = {3, 3}, .has_bias = true, .weight = {8, 4}};
  layer.folding = by;
  return layer;
}

TEST(WeightMemory, HasTheWeightsOfAllProductsInAWord) {
  const WeightMemory memory = weight_memory(many_filters({2, 2, 1, 3}));
  EXPECT_EQ(memory.depth, 4608 / 12);
  EXPECT_EQ(memory.width_bits, 8 * 12);
  EXPECT_EQ(memory.arrays, 1);
  EXPECT_EQ(memory.blocks, 3);  // 384 words of 96 bits by 512 of 36
  EXPECT_EQ(memory.unit_width_bits, 36);
  EXPECT_EQ(memory.unit_depth, 512);
  EXPECT_EQ(memory.blocks_per_unit(), 3);
}

TEST(WeightMemory, IsOfNarrowBlocksWhereItIsDeep) {
  const WeightMemory memory = weight_memory(many_filters());
  EXPECT_EQ(memory.blocks, 3);  // 4608 words of 8 bits by 2048 of 9
  EXPECT_EQ(memory.unit_depth, 2048);
  EXPECT_EQ(memory.blocks_per_unit(), 1);
}

TEST(WeightMemory, OfGroupsHasTheFiltersOfOne) {
  Layer layer = many_filters({1, 1, 2, 1});
  layer.as<Convolution>()->groups = 4;
  // 32/4 filters of all 16 channels, two groups beside one another.
  EXPECT_EQ(weight_memory(layer).depth, 8 * 16 * 9 / 2);
}

TEST(WeightMemory, IsAnArrayAProductWhereZerosAreSkipped) {
  Layer layer = many_filters({2, 2, 1, 3});
  layer.as<Convolution>()->sparsity = std::make_shared<Sparsity>();
  const WeightMemory memory = weight_memory(layer);
  EXPECT_EQ(memory.arrays, 12);
  EXPECT_EQ(memory.width_bits, 96);
  EXPECT_EQ(memory.blocks, 12);  // each 384 words of 8 bits, a block of 2048 by 9
  EXPECT_EQ(memory.blocks_per_unit(), 12);
}

TEST(WeightMemory, IsInLutsWhereItIsSmall) {
  Layer layer = many_filters();
  layer.map.channels = 1;
  layer.as<Convolution>()->filters = 14;  // 126 words of 8 bits: 1008
  EXPECT_EQ(weight_memory(layer).blocks, 0);
  EXPECT_EQ(weight_memory(layer).unit_depth, 0);
  layer.as<Convolution>()->filters = 15;  // 135 words: 1080
  EXPECT_EQ(weight_memory(layer).blocks, 1);
}

TEST(WeightMemory, IsOfUramWhereItIsPlacedThere) {
  Layer layer = many_filters({2, 2, 1, 3});
  layer.weights.in_uram = true;
  const WeightMemory memory = weight_memory(layer);
  EXPECT_TRUE(memory.in_uram);
  EXPECT_EQ(memory.blocks, 2);  // 384 words of 96 bits by 4096 of 72
  EXPECT_EQ(memory.unit_depth, 4096);
}

TEST(WeightMemory, OfAnInnerProductHasAllPositions) {
  Layer layer{.map = {2, 3, 1, 4}, .operation = InnerProduct{.filters = 6}, .folding = {4, 3}};
  EXPECT_EQ(weight_memory(layer).depth, 2 * 3 * 4 * 6 / 12);
  EXPECT_EQ(weight_memory(layer).width_bits, 12 * 16);
}

TEST(WeightMemory, OfOtherLayersHasNoWords) {
  const WeightMemory memory = weight_memory({.map = {8, 8, 1, 4}, .operation = Pooling{}});
  EXPECT_EQ(memory.depth, 0);
  EXPECT_EQ(memory.total_blocks(), 0);
  EXPECT_EQ(memory.streamed_bits_per_cycle(), 0);
}

TEST(WeightWidth, IsOfLayersWithWeights) {
  Convolution narrow;
  narrow.weight.width_bits = 6;
  EXPECT_EQ(weight_width_bits({.operation = narrow}), 6);
  EXPECT_EQ(weight_width_bits({.operation = InnerProduct{}}), 16);
  EXPECT_EQ(weight_width_bits({.operation = Elementwise{}}), 0);
}

TEST(WeightsOffChip, AreTheWordsOfTheirBlocks) {
  Layer layer = many_filters();
  layer.weights.blocks_off_chip = 1;
  const WeightMemory memory = weight_memory(layer);
  EXPECT_EQ(memory.depth_off_chip(), 2048);
  EXPECT_EQ(memory.depth_on_chip(), 4608 - 2048);
  EXPECT_EQ(memory.blocks_on_chip(), 2);
}

TEST(WeightsOffChip, AreNoMoreThanThereAre) {
  Layer layer = many_filters({2, 2, 1, 3});
  layer.weights.blocks_off_chip = 3;  // 512 words, of which 384 are used
  EXPECT_EQ(weight_memory(layer).depth_off_chip(), 384);
  EXPECT_EQ(weight_memory(layer).depth_on_chip(), 0);
}

TEST(WeightsOffChip, ComeWhileAllWordsAreReadOnceAndTheBufferIsFilled) {
  Layer layer = many_filters();
  layer.weights.blocks_off_chip = 1;
  const WeightMemory memory = weight_memory(layer);
  EXPECT_EQ(memory.streamed_bits(), 2048 * 8);
  EXPECT_EQ(memory.streamed_cycles(), 2560 + 2048);
  EXPECT_DOUBLE_EQ(memory.streamed_bits_per_cycle(), 2048.0 * 8 / 4608);
}

TEST(WeightsOffChip, ComeThroughABufferOfAUnit) {
  Layer layer = many_filters({2, 2, 1, 3});
  layer.weights.blocks_off_chip = 3;
  const WeightMemory memory = weight_memory(layer);
  EXPECT_EQ(memory.buffer_blocks(), 3);  // 512 words of 96 bits
  EXPECT_EQ(memory.total_blocks(), 0 + 3);
}

TEST(WeightsOffChip, MoveInUnitsOfAShare) {
  const WeightMemory memory = weight_memory(many_filters());
  EXPECT_EQ(memory.blocks_for(0.1), 1);  // ⌈0.1·3⌉
  EXPECT_EQ(memory.blocks_for(0.5), 2);
  EXPECT_EQ(memory.blocks_for(1), 3);
}

TEST(Parameters, AreWeightsAndBiases) {
  EXPECT_EQ(parameters_of(many_filters()).weights, 4608);
  EXPECT_EQ(parameters_of(many_filters()).biases, 32);
  Layer grouped = many_filters();
  grouped.as<Convolution>()->groups = 4;
  EXPECT_EQ(parameters_of(grouped).weights, 4608 / 4);
  EXPECT_EQ(parameters_of({.operation = Pooling{}}).weights, 0);
}

TEST(Parameters, OfAnInnerProductAreThoseOfAllPositions) {
  const Layer layer{.map = {2, 3, 1, 4}, .operation = InnerProduct{.filters = 6}};
  EXPECT_EQ(parameters_of(layer).weights, 2 * 3 * 4 * 6);
  EXPECT_EQ(parameters_of(layer).biases, 0);
  EXPECT_EQ(parameters_of(layer, Rules::FpgaConvNet).weights, 4 * 6);
}

}  // namespace
}  // namespace sluice::hw
