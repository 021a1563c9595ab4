// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/infer.hpp"

namespace sluice::ir {
namespace {

using test::inferred_shape;
using test::refusal;
using ::testing::HasSubstr;

using S = sluice::Shape;

Tensor ints(const std::vector<std::int64_t>& values) {
  return Tensor::from<std::int64_t>({static_cast<std::int64_t>(values.size())}, values);
}

constexpr std::int64_t kHuge = std::int64_t{1} << 62;

TEST(LayoutRule, ConcatAddsUpOneAxis) {
  EXPECT_EQ(inferred_shape(Concat{.axis = -1}, {S{2, 3}, S{2, 0}, S{2, 4}}), (S{2, 7}));
  EXPECT_EQ(inferred_shape(Concat{}, {S{2}}), S{2});
}

TEST(LayoutRule, ConcatRefusesInputsThatDoNotGoTogether) {
  EXPECT_THAT(refusal(Concat{}, {S{2, 3}, S{2, 4}}), HasSubstr("does not go with"));
  EXPECT_THAT(refusal(Concat{}, {S{2, 3}, S{2}}), HasSubstr("does not go with"));
  EXPECT_THAT(refusal(Concat{}, {S{2}, {S{2}, DType::Int8}}), HasSubstr("int8"));
  EXPECT_THAT(refusal(Concat{.axis = 2}, {S{2, 3}}), HasSubstr("axis 2"));
  EXPECT_THAT(refusal(Concat{}, {}), HasSubstr("missing"));
  EXPECT_THAT(refusal(Concat{}, {S{2}, {}}), HasSubstr("input 1 is missing"));
}

TEST(LayoutRule, DepthToSpaceTradesChannelsForPositions) {
  EXPECT_EQ(inferred_shape(DepthToSpace{.block_size = 2}, {S{1, 8, 2, 3}}), (S{1, 2, 4, 6}));
  EXPECT_THAT(refusal(DepthToSpace{.block_size = 3}, {S{1, 8, 2, 3}}), HasSubstr("do not divide"));
  EXPECT_THAT(refusal(DepthToSpace{.block_size = 0}, {S{1, 8, 2, 3}}), HasSubstr("got 0"));
  EXPECT_THAT(refusal(DepthToSpace{.block_size = kHuge}, {S{1, 8, 2, 3}}), HasSubstr("positive"));
  EXPECT_THAT(refusal(DepthToSpace{.block_size = 2}, {S{8, 2, 3}}), HasSubstr("4 dimensions"));
}

TEST(LayoutRule, SpaceToDepthTradesPositionsForChannels) {
  EXPECT_EQ(inferred_shape(SpaceToDepth{.block_size = 2}, {S{1, 2, 4, 6}}), (S{1, 8, 2, 3}));
  EXPECT_THAT(refusal(SpaceToDepth{.block_size = 4}, {S{1, 2, 4, 6}}), HasSubstr("do not divide"));
  EXPECT_THAT(refusal(SpaceToDepth{.block_size = 1 << 30}, {S{1, 2, 0, 0}}), HasSubstr("measure"));
}

TEST(LayoutRule, ExpandBroadcastsBothWays) {
  EXPECT_EQ(inferred_shape(Expand{}, {S{3, 1}, ints({2, 1, 4})}), (S{2, 3, 4}));
  EXPECT_THAT(refusal(Expand{}, {S{3}, ints({2})}), HasSubstr("do not broadcast"));
  EXPECT_THAT(refusal(Expand{}, {S{3}, ints({-3})}), HasSubstr("negative"));
  EXPECT_THAT(refusal(Expand{}, {S{3}, ints({kHuge})}), HasSubstr("elements"));
}

TEST(LayoutRule, FlattenMakesTwoDimensions) {
  EXPECT_EQ(inferred_shape(Flatten{}, {S{2, 3, 4}}), (S{2, 12}));
  EXPECT_EQ(inferred_shape(Flatten{.axis = 0}, {S{2, 3, 4}}), (S{1, 24}));
  EXPECT_EQ(inferred_shape(Flatten{.axis = 3}, {S{2, 3, 4}}), (S{24, 1}));
  EXPECT_EQ(inferred_shape(Flatten{.axis = -1}, {S{2, 3, 4}}), (S{6, 4}));
  EXPECT_EQ(inferred_shape(Flatten{.axis = 0}, {S{}}), (S{1, 1}));
  EXPECT_THAT(refusal(Flatten{.axis = 4}, {S{2, 3, 4}}), HasSubstr("axis 4"));
}

TEST(LayoutRule, GatherPutsTheIndicesInPlaceOfTheAxis) {
  EXPECT_EQ(inferred_shape(Gather{.axis = 1}, {S{2, 3, 4}, {S{5, 6}, DType::Int64}}),
            (S{2, 5, 6, 4}));
  EXPECT_EQ(inferred_shape(Gather{.axis = -1}, {S{2, 3}, {S{}, DType::Int32}}), S{2});
  EXPECT_THAT(refusal(Gather{}, {S{2}, {S{1}, DType::Float32}}), HasSubstr("int64 or int32"));
  EXPECT_THAT(refusal(Gather{}, {S{}, {S{1}, DType::Int64}}), HasSubstr("axis 0"));
}

TEST(LayoutRule, PadAddsAndCuts) {
  EXPECT_EQ(inferred_shape(Pad{}, {S{3, 4}, ints({0, 1, 2, -2})}), (S{5, 3}));
  EXPECT_EQ(inferred_shape(Pad{}, {S{3, 4}, ints({1, 1}), {}, ints({-1})}), (S{3, 6}));
}

TEST(LayoutRule, PadWantsAValueOfTheInputsType) {
  EXPECT_THAT(refusal(Pad{}, {S{3}, ints({1, 1}), Tensor::scalar<std::int8_t>(1)}),
              HasSubstr("one float32"));
  EXPECT_THAT(refusal(Pad{}, {S{3}, ints({1, 1}), {S{2}}}), HasSubstr("one float32"));
}

TEST(LayoutRule, ReshapeTakesItsShapeFromAConstant) {
  EXPECT_EQ(inferred_shape(Reshape{}, {S{2, 3, 4}, ints({0, -1})}), (S{2, 12}));
  EXPECT_THAT(refusal(Reshape{}, {S{4}, {S{1}, DType::Int64}}), HasSubstr("make it a constant"));
}

TEST(LayoutRule, SliceTakesOptionalAxesAndSteps) {
  EXPECT_EQ(inferred_shape(Slice{}, {S{20, 10, 5}, ints({0, 0}), ints({3, 10})}), (S{3, 10, 5}));
  EXPECT_EQ(inferred_shape(Slice{}, {S{20, 10}, ints({9}), ints({0}), ints({-1}), ints({-3})}),
            (S{20, 3}));
  EXPECT_EQ(inferred_shape(Slice{}, {S{20}, ints({0}), ints({9}), {}, ints({4})}), S{3});
}

TEST(LayoutRule, SplitGivesAPartAnOutput) {
  const auto parts = test::infer(Split{.axis = 1}, {S{2, 7}}, 3);
  ASSERT_TRUE(parts);
  ASSERT_EQ(parts->size(), 3U);
  EXPECT_EQ(parts->at(0).shape, (S{2, 3}));
  EXPECT_EQ(parts->at(2).shape, (S{2, 1}));
  EXPECT_FALSE(test::infer(Split{}, {S{7}, ints({3, 3})}, 2));
}

TEST(LayoutRule, SqueezeDropsOnes) {
  EXPECT_EQ(inferred_shape(Squeeze{}, {S{1, 2, 1}}), S{2});
  EXPECT_EQ(inferred_shape(Squeeze{}, {S{1, 2, 1}, ints({-1})}), (S{1, 2}));
  EXPECT_EQ(inferred_shape(Squeeze{}, {S{1, 2, 1}, ints({})}), (S{1, 2, 1}));
  EXPECT_THAT(refusal(Squeeze{}, {S{1, 2}, ints({1})}), HasSubstr("not 1"));
}

TEST(LayoutRule, TileMultipliesDimensions) {
  EXPECT_EQ(inferred_shape(Tile{}, {S{2, 3}, ints({2, 0})}), (S{4, 0}));
  EXPECT_THAT(refusal(Tile{}, {S{2, 3}, ints({2})}), HasSubstr("2 expected"));
  EXPECT_THAT(refusal(Tile{}, {S{2}, ints({-1})}), HasSubstr("-1 times"));
  EXPECT_THAT(refusal(Tile{}, {S{2}, ints({kHuge})}), HasSubstr("times"));
}

TEST(LayoutRule, TransposeReversesByDefault) {
  EXPECT_EQ(inferred_shape(Transpose{}, {S{2, 3, 4}}), (S{4, 3, 2}));
  EXPECT_EQ(inferred_shape(Transpose{{1, 2, 0}}, {S{2, 3, 4}}), (S{3, 4, 2}));
  EXPECT_THAT(refusal(Transpose{{1, 1, 0}}, {S{2, 3, 4}}), HasSubstr("twice"));
  EXPECT_THAT(refusal(Transpose{{1, 0}}, {S{2, 3, 4}}), HasSubstr("2 entries"));
}

TEST(LayoutRule, UnsqueezePutsOnesAtPlacesOfTheResult) {
  EXPECT_EQ(inferred_shape(Unsqueeze{}, {S{2, 3}, ints({-1, 0})}), (S{1, 2, 3, 1}));
  EXPECT_EQ(inferred_shape(Unsqueeze{}, {S{5}, ints({2, 1})}), (S{5, 1, 1}));
  EXPECT_THAT(refusal(Unsqueeze{}, {S{2}, ints({0, -3})}), HasSubstr("twice"));
  EXPECT_THAT(refusal(Unsqueeze{}, {S{2}, ints(std::vector<std::int64_t>(1000, 0))}),
              HasSubstr("1000 dimensions"));
}

}  // namespace
}  // namespace sluice::ir
