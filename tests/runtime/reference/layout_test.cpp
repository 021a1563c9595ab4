// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <numeric>

#include "tests/support/apply.hpp"

namespace sluice::runtime::reference {
namespace {

using test::computed;
using test::vec;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

using Ints = std::vector<std::int64_t>;

Tensor ints(const Ints& values) {
  return vec<std::int64_t>(values);
}

// 0, 1, 2, … in the shape.
Tensor counting(Shape shape) {
  std::vector<float> values(static_cast<std::size_t>(num_elements(shape)));
  std::iota(values.begin(), values.end(), 0.0F);
  return Tensor::from(std::move(shape), values);
}

std::vector<float> padded(ir::PadMode mode, const Ints& pads) {
  return computed<float>(ir::Pad{mode}, {counting({4}), ints(pads)});
}

TEST(Concat, JoinsAlongAnyAxis) {
  EXPECT_THAT(computed<float>(ir::Concat{.axis = 1}, {counting({2, 1}), counting({2, 2})}),
              ElementsAre(0, 0, 1, 1, 2, 3));
  EXPECT_THAT(computed<float>(ir::Concat{.axis = -2}, {counting({1, 2}), counting({0, 2})}),
              ElementsAre(0, 1));
}

TEST(DepthToSpace, TakesBlocksFromTheOuterOrInnerChannels) {
  const Tensor x = counting({1, 8, 1, 1});
  EXPECT_THAT(computed<float>(ir::DepthToSpace{.block_size = 2}, {x}),
              ElementsAre(0, 2, 4, 6, 1, 3, 5, 7));
  EXPECT_THAT(computed<float>(ir::DepthToSpace{.block_size = 2, .column_row_depth = true}, {x}),
              ElementsAre(0, 1, 2, 3, 4, 5, 6, 7));
}

TEST(SpaceToDepth, UndoesDepthToSpace) {
  const Tensor x = counting({2, 8, 3, 5});
  const auto y = test::apply(ir::DepthToSpace{.block_size = 2}, {x});
  ASSERT_TRUE(y);
  const auto back = test::apply(ir::SpaceToDepth{.block_size = 2}, {*y});
  ASSERT_TRUE(back);
  EXPECT_EQ(*back, x);
}

TEST(Expand, RepeatsDimensionsOfOne) {
  EXPECT_THAT(computed<float>(ir::Expand{}, {counting({2, 1}), ints({2, 1, 2})}),
              ElementsAre(0, 0, 1, 1, 0, 0, 1, 1));
  EXPECT_THAT(computed<float>(ir::Expand{}, {Tensor::scalar(5.0F), ints({3})}),
              ElementsAre(5, 5, 5));
  EXPECT_THAT(computed<float>(ir::Expand{}, {counting({1}), ints({0})}), ElementsAre());
}

TEST(Reshape, KeepsTheElementsAndSharesTheBytes) {
  const Tensor x = counting({2, 3});
  for (const auto& y :
       {test::apply(ir::Reshape{}, {x, ints({3, 2})}), test::apply(ir::Flatten{.axis = 0}, {x}),
        test::apply(ir::Unsqueeze{}, {x, ints({0})})}) {
    ASSERT_TRUE(y);
    EXPECT_EQ(y->bytes().data(), x.bytes().data());
  }
  EXPECT_THAT(computed<float>(ir::Squeeze{}, {counting({1, 2, 1})}), ElementsAre(0, 1));
}

TEST(Gather, CountsNegativeIndicesFromTheEnd) {
  EXPECT_THAT(computed<float>(ir::Gather{}, {counting({3, 2}), ints({-1, 0})}),
              ElementsAre(4, 5, 0, 1));
  EXPECT_THAT(
      computed<float>(ir::Gather{.axis = 1}, {counting({2, 3}), vec<std::int32_t>({-3, 2})}),
      ElementsAre(0, 2, 3, 5));
  EXPECT_THAT(computed<float>(ir::Gather{}, {counting({3}), Tensor::scalar<std::int64_t>(1)}),
              ElementsAre(1));
}

TEST(Gather, RefusesIndicesOutsideTheDimension) {
  for (const std::int64_t index : {std::int64_t{3}, std::int64_t{-4}, INT64_MIN, INT64_MAX}) {
    const auto y = test::apply(ir::Gather{}, {counting({3}), ints({index})});
    ASSERT_FALSE(y) << index;
    EXPECT_EQ(y.error().code, ErrorCode::InvalidArgument);
    EXPECT_THAT(y.error().message, HasSubstr("outside a dimension of 3"));
  }
  EXPECT_FALSE(test::apply(ir::Gather{}, {counting({0}), ints({0})}));
}

TEST(Pad, FillsWithTheValueOrZero) {
  EXPECT_THAT(padded(ir::PadMode::Constant, {1, 2}), ElementsAre(0, 0, 1, 2, 3, 0, 0));
  EXPECT_THAT(computed<float>(ir::Pad{}, {counting({1}), ints({1, 1}), Tensor::scalar(9.0F)}),
              ElementsAre(9, 0, 9));
}

TEST(Pad, ReflectsWithoutRepeatingTheEdge) {
  EXPECT_THAT(padded(ir::PadMode::Reflect, {3, 2}), ElementsAre(3, 2, 1, 0, 1, 2, 3, 2, 1));
}

TEST(Pad, ReflectsAgainAtTheOtherEnd) {
  EXPECT_THAT(computed<float>(ir::Pad{ir::PadMode::Reflect}, {counting({2}), ints({3, 3})}),
              ElementsAre(1, 0, 1, 0, 1, 0, 1, 0));
  EXPECT_THAT(computed<float>(ir::Pad{ir::PadMode::Reflect}, {counting({1}), ints({1, 2})}),
              ElementsAre(0, 0, 0, 0));
}

TEST(Pad, RepeatsTheEdgeOrWrapsAround) {
  EXPECT_THAT(padded(ir::PadMode::Edge, {2, 1}), ElementsAre(0, 0, 0, 1, 2, 3, 3));
  EXPECT_THAT(padded(ir::PadMode::Wrap, {5, 5}),
              ElementsAre(3, 0, 1, 2, 3, 0, 1, 2, 3, 0, 1, 2, 3, 0));
}

TEST(Pad, NegativePadsCropFirst) {
  EXPECT_THAT(padded(ir::PadMode::Constant, {-1, 1}), ElementsAre(1, 2, 3, 0));
  EXPECT_THAT(padded(ir::PadMode::Reflect, {-1, 1}), ElementsAre(1, 2, 3, 2));
  EXPECT_THAT(padded(ir::PadMode::Wrap, {2, -2}), ElementsAre(0, 1, 0, 1));
  EXPECT_THAT(padded(ir::PadMode::Edge, {0, -1}), ElementsAre(0, 1, 2));
}

TEST(Pad, AxesSayWhichDimensions) {
  EXPECT_THAT(computed<float>(ir::Pad{}, {counting({1, 2}), ints({1, 0}), {}, ints({-1})}),
              ElementsAre(0, 0, 1));
}

TEST(Pad, AnEmptyTensorCanBeFilledUp) {
  EXPECT_THAT(computed<float>(ir::Pad{}, {counting({0, 1}), ints({1, 0, 1, 0}), vec<float>({4})}),
              ElementsAre(4, 4));
}

TEST(Slice, PicksForwardAndBackward) {
  EXPECT_THAT(computed<float>(ir::Slice{}, {counting({3, 4}), ints({1, 3}), ints({3, -9}),
                                            ints({0, 1}), ints({1, -2})}),
              ElementsAre(7, 5, 11, 9));
  EXPECT_THAT(computed<float>(ir::Slice{}, {counting({4}), vec<std::int32_t>({-3}),
                                            vec<std::int32_t>({INT32_MAX})}),
              ElementsAre(1, 2, 3));
}

TEST(Split, CutsInOrder) {
  const auto parts = test::apply_all(ir::Split{.axis = 1}, {counting({2, 3}), ints({2, 1})}, 2);
  ASSERT_TRUE(parts);
  EXPECT_THAT(parts->at(0).data<float>(), ElementsAre(0, 1, 3, 4));
  EXPECT_THAT(parts->at(1).data<float>(), ElementsAre(2, 5));
}

TEST(Tile, RepeatsWholeDimensions) {
  EXPECT_THAT(computed<float>(ir::Tile{}, {counting({1, 2}), ints({2, 2})}),
              ElementsAre(0, 1, 0, 1, 0, 1, 0, 1));
  EXPECT_THAT(computed<float>(ir::Tile{}, {counting({2}), ints({0})}), ElementsAre());
}

TEST(Transpose, MovesElementsOfEverySize) {
  EXPECT_THAT(computed<float>(ir::Transpose{}, {counting({2, 2})}), ElementsAre(0, 2, 1, 3));
  const auto doubles = Tensor::from<double>({1, 3}, {1, 2, 3});
  EXPECT_THAT(computed<double>(ir::Transpose{{1, 0}}, {doubles}), ElementsAre(1, 2, 3));
  const auto bools = Tensor::from<bool>({2, 2}, {true, false, false, false});
  EXPECT_THAT(computed<bool>(ir::Transpose{}, {bools}), ElementsAre(true, false, false, false));
}

}  // namespace
}  // namespace sluice::runtime::reference
