// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "tests/hw/unit_coefficients.hpp"

#include "sluice/hw/layers/layer.hpp"

namespace sluice::hw {
namespace {

Layer pooling(Pooling of) {
  return {.map = {8, 10, 1, 4}, .operation = of, .folding = {2, 2}};
}
Layer global_pooling() {
  return {.map = {8, 10, 1, 4}, .operation = GlobalPooling{}, .folding = {2, 2}};
}

constexpr Pooling kHalving{.kernel = {2, 2}, .step = {2, 2}};
// Three by three, of the same size.
constexpr Pooling kSame{.kernel = {3, 3},
                        .padding = {.top = 1, .bottom = 1, .left = 1, .right = 1}};

TEST(Pooling, HasAWordAWindow) {
  EXPECT_EQ(map_out(pooling(kHalving)), (FeatureMap{4, 5, 1, 4}));
  EXPECT_EQ(map_out(pooling(kSame)), (FeatureMap{8, 10, 1, 4}));
}

TEST(Pooling, TakesACycleAWordThatComes) {
  EXPECT_EQ(latency_cycles(pooling(kHalving)), 8 * 10 * 2);
}

TEST(Pooling, OfAWindowAWordSweepsOverTheColumns) {
  EXPECT_EQ(latency_cycles(pooling(kSame)), 8 * 11 * 2);  // and that of padding on the right
}

TEST(Pooling, WritesLessOftenThanItReads) {
  const LayerTiming timing = timing_of(pooling(kHalving));
  EXPECT_EQ(timing.rate_in, 1);
  EXPECT_EQ(timing.rate_out, 0.25);
}

TEST(Pooling, CountsAnOperationAWordOfAWindow) {
  EXPECT_EQ(operations_of(pooling(kHalving)), 4 * 5 * 4 * 4);
}

TEST(Pooling, KeepsLongLinesInBlocks) {
  Layer layer = pooling(kHalving);
  EXPECT_EQ(resources_of(layer, test::uniform(0)).bram18, 0);  // 20 words: not over 32
  layer.map.cols = 300;  // 600 words of 2·16 bits: two blocks of 512 by 36
  EXPECT_EQ(resources_of(layer, test::uniform(0)).bram18, 2);
}

TEST(Pooling, StartsAsFpgaConvNetCounts) {
  // A line, a word and one more, of 4 channels in two streams.
  EXPECT_EQ(start_depth(pooling(kHalving)), 10 * 2 + 2 + 2);
}

TEST(Pooling, HasAThirdDimension) {
  Layer layer = pooling({.kernel = {2, 2, 3}, .step = {2, 2, 1}});
  layer.is_3d = true;
  layer.map.depth = 6;
  EXPECT_EQ(map_out(layer), (FeatureMap{4, 5, 4, 4}));
  EXPECT_EQ(latency_cycles(layer), 8 * 10 * 6 * 2);
}

TEST(GlobalPooling, TakesACycleAWordThatComes) {
  EXPECT_EQ(latency_cycles(global_pooling()), 8 * 10 * 2);
  // fpgaConvNet's counts those that go.
  EXPECT_EQ(latency_cycles(global_pooling(), Rules::FpgaConvNet), 2);
}

TEST(GlobalPooling, LeavesAWordAChannel) {
  EXPECT_EQ(map_out(global_pooling()), (FeatureMap{1, 1, 1, 4}));
  EXPECT_EQ(operations_of(global_pooling()), 8 * 10 * 4);
}

TEST(GlobalPooling, StartsAsFpgaConvNetCounts) {
  EXPECT_EQ(start_depth(global_pooling()), 8 * 10 * 2);
}

TEST(GlobalPooling, DividesByItsOwnDspsInEachStream) {
  // A product of 16 by 32 bits takes ⌈16/18⌉·⌈32/27⌉.
  EXPECT_EQ(resources_of(global_pooling(), test::uniform(0)).dsp, 2 * 2);
}

}  // namespace
}  // namespace sluice::hw
