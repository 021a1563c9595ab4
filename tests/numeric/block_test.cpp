// SPDX-License-Identifier: Apache-2.0
#include "sluice/numeric/block.hpp"

#include <gtest/gtest.h>
#include <limits>

namespace sluice::numeric {
namespace {

constexpr float kLargest = std::numeric_limits<float>::max();

TEST(BlockExponent, IsTheFloorOfTheLogarithm) {
  EXPECT_EQ(block_exponent(1), 0);
  EXPECT_EQ(block_exponent(1.999F), 0);
  EXPECT_EQ(block_exponent(0.3F), -2);
  EXPECT_EQ(block_exponent(kLargest), 127);
  EXPECT_EQ(block_exponent(std::numeric_limits<float>::infinity()), 127);
}
TEST(BlockExponent, HasEightBits) {
  EXPECT_EQ(block_exponent(1e-45F), kMinBlockExponent);
  EXPECT_EQ(block_exponent(0), kMinBlockExponent);
}

TEST(BlockCode, SaturatesWhatRoundsUpToTheNextExponent) {
  EXPECT_EQ(block_code(1.999F, 0, {}), 127);
  EXPECT_EQ(block_value(127, 0, {}), 127.0F / 64);
}
TEST(BlockCode, TwosComplementHasOneCodeMore) {
  EXPECT_EQ(block_code(-1.999F, 0, {.symmetric = true}), -127);
  EXPECT_EQ(block_code(-1.999F, 0, {.symmetric = false}), -128);
}
TEST(BlockCode, TheLowestCodeIsLeftOutWhereFloatsEnd) {
  EXPECT_EQ(block_code(-kLargest, 127, {.symmetric = false}), -127);
}
TEST(BlockCode, RoundsAsTheGridSays) {
  EXPECT_EQ(block_code(0.0234375F, 0, {}), 2);  // 1.5 steps, to even
  EXPECT_EQ(block_code(0.0234375F, 0, {.rounding = Rounding::TowardZero}), 1);
}

std::vector<std::vector<std::int64_t>> elements(const BlockGrid& grid, const Shape& shape) {
  const Blocks blocks(grid, shape);
  std::vector<std::vector<std::int64_t>> result;
  for (std::int64_t b = 0; b < blocks.count(); ++b) {
    auto& members = result.emplace_back();
    for (std::int64_t row = 0; row < blocks[b].rows; ++row) {
      for (std::int64_t i = 0; i < blocks[b].length; ++i) {
        members.push_back(blocks[b].offset + row * blocks[b].stride + i);
      }
    }
  }
  return result;
}
using Members = std::vector<std::vector<std::int64_t>>;

TEST(Blocks, OneATensorOrOneAnItemOfTheBatch) {
  EXPECT_EQ(elements({.batched = false}, {2, 3}), (Members{{0, 1, 2, 3, 4, 5}}));
  EXPECT_EQ(elements({.batched = true}, {2, 3}), (Members{{0, 1, 2}, {3, 4, 5}}));
}
TEST(Blocks, OneAChannelOfEveryItem) {
  EXPECT_EQ(elements({.block = BlockShape::Channel}, {2, 2, 2}),
            (Members{{0, 1}, {2, 3}, {4, 5}, {6, 7}}));
}
TEST(Blocks, AChannelOfWeightsSpansTheOuterDimensions) {
  EXPECT_EQ(elements({.block = BlockShape::Channel, .axis = 1, .batched = false}, {2, 2, 2}),
            (Members{{0, 1, 4, 5}, {2, 3, 6, 7}}));
}
TEST(Blocks, RunsOfChannelsAtOnePositionTheLastOneShort) {
  EXPECT_EQ(elements({.block = BlockShape::Run, .block_size = 2}, {1, 3, 2}),
            (Members{{0, 2}, {1, 3}, {4}, {5}}));
}
TEST(Blocks, AnEmptyTensorHasNoElements) {
  EXPECT_TRUE(elements({.block = BlockShape::Channel}, {0, 3, 2}).empty());
}

}  // namespace
}  // namespace sluice::numeric
