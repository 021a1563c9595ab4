// SPDX-License-Identifier: Apache-2.0
#include "sluice/ir/ops/conv.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/infer.hpp"

namespace sluice::ir {
namespace {

using test::dims;
using test::inferred_shape;
using test::refusal;
using ::testing::HasSubstr;

TEST(ConvRule, OneTwoAndThreeSpatialDimensions) {
  EXPECT_EQ(inferred_shape(Conv{}, {dims({1, 2, 8}), dims({4, 2, 3})}), dims({1, 4, 6}));
  EXPECT_EQ(inferred_shape(Conv{.window = {.strides = {2, 2}, .pads = {1, 1, 1, 1}}},
                           {dims({5, 3, 8, 9}), dims({4, 3, 3, 3}), dims({4})}),
            dims({5, 4, 4, 5}));
  EXPECT_EQ(inferred_shape(Conv{.window = {.dilations = {1, 2, 3}}},
                           {dims({1, 1, 4, 4, 7}), dims({1, 1, 2, 2, 2})}),
            dims({1, 1, 3, 2, 4}));
}

TEST(ConvRule, AutoPadSameKeepsTheInputOverTheStride) {
  const Conv op{.window = {.strides = {2, 2}, .auto_pad = AutoPad::SameUpper}};
  EXPECT_EQ(inferred_shape(op, {dims({1, 1, 5, 6}), dims({1, 1, 3, 3})}), dims({1, 1, 3, 3}));
}

TEST(ConvRule, GroupsDivideBothCountsOfChannels) {
  EXPECT_EQ(inferred_shape(Conv{.group = 4}, {dims({1, 4, 3}), dims({8, 1, 1})}), dims({1, 8, 3}));
  EXPECT_THAT(refusal(Conv{.group = 3}, {dims({1, 4, 3}), dims({8, 1, 1})}),
              HasSubstr("group of 3"));
  EXPECT_THAT(refusal(Conv{.group = 2}, {dims({1, 4, 3}), dims({3, 2, 1})}),
              HasSubstr("group of 2"));
}

TEST(ConvRule, HostileGroupsAreRefused) {
  for (const std::int64_t group : {INT64_MIN, std::int64_t{-1}, std::int64_t{0}, INT64_MAX}) {
    EXPECT_NE(refusal(Conv{.group = group}, {dims({1, 4, 3}), dims({4, 4, 1})}), "");
    EXPECT_NE(refusal(ConvTranspose{.group = group}, {dims({1, 4, 3}), dims({4, 4, 1})}), "");
  }
}

TEST(ConvRule, ChannelsOfWeightsAndInputMustAgree) {
  EXPECT_THAT(refusal(Conv{}, {dims({1, 3, 8}), dims({4, 2, 3})}), HasSubstr("do not fit"));
  EXPECT_THAT(refusal(ConvTranspose{}, {dims({1, 3, 8}), dims({2, 4, 3})}),
              HasSubstr("do not fit"));
}

TEST(ConvRule, RanksMustAgreeAndLeaveASpatialDimension) {
  EXPECT_THAT(refusal(Conv{}, {dims({1, 3, 8, 8}), dims({4, 3, 3})}),
              HasSubstr("as many dimensions"));
  EXPECT_THAT(refusal(Conv{}, {dims({1, 3}), dims({4, 3})}), HasSubstr("three or more"));
}

TEST(ConvRule, ANamedKernelMustBeTheWeights) {
  EXPECT_THAT(refusal(Conv{.window = {.kernel = {2}}}, {dims({1, 3, 8}), dims({4, 3, 3})}),
              HasSubstr("kernel_shape 2"));
}

TEST(ConvRule, BiasHasOneEntryAnOutputChannel) {
  EXPECT_THAT(refusal(Conv{}, {dims({1, 2, 8}), dims({4, 2, 3}), dims({2})}), HasSubstr("\"B\""));
  EXPECT_THAT(refusal(ConvTranspose{.group = 2}, {dims({1, 2, 8}), dims({2, 2, 3}), dims({2})}),
              HasSubstr("\"B\""));
}

TEST(ConvRule, IntegersAreRefused) {
  EXPECT_THAT(refusal(Conv{}, {{dims({1, 1, 3}), DType::Int8}, {dims({1, 1, 1}), DType::Int8}}),
              HasSubstr("int8"));
}

TEST(ConvRule, HostileWindowsAreRefusedWithoutOverflow) {
  for (const std::int64_t value : {INT64_MIN, std::int64_t{-1}, INT64_MAX}) {
    EXPECT_NE(refusal(Conv{.window = {.strides = {value}}}, {dims({1, 1, 3}), dims({1, 1, 1})}),
              "");
    EXPECT_NE(refusal(Conv{.window = {.dilations = {value}}}, {dims({1, 1, 3}), dims({1, 1, 2})}),
              "");
    EXPECT_NE(refusal(Conv{.window = {.pads = {value, value}}}, {dims({1, 1, 1}), dims({1, 1, 2})}),
              "");
    EXPECT_NE(
        refusal(ConvTranspose{.window = {.strides = {value}}}, {dims({1, 1, 3}), dims({1, 1, 1})}),
        "");
    EXPECT_NE(refusal(ConvTranspose{.output_padding = {value}}, {dims({1, 1, 3}), dims({1, 1, 1})}),
              "");
    EXPECT_NE(refusal(ConvTranspose{.output_shape = {value}}, {dims({1, 1, 3}), dims({1, 1, 1})}),
              "");
  }
}

TEST(ConvTransposeRule, OutputGrowsWithStrideAndShrinksWithPads) {
  const ConvTranspose op{.window = {.strides = {3, 2}, .pads = {1, 2, 1, 2}},
                         .output_padding = {1, 0}};
  EXPECT_EQ(inferred_shape(op, {dims({1, 1, 3, 3}), dims({1, 2, 3, 3})}), dims({1, 2, 8, 3}));
}

TEST(ConvTransposeRule, OutputShapeIsTakenAsGiven) {
  const ConvTranspose op{.window = {.strides = {3, 2}}, .output_shape = {10, 8}};
  EXPECT_EQ(inferred_shape(op, {dims({1, 1, 3, 3}), dims({1, 2, 3, 3})}), dims({1, 2, 10, 8}));
}

TEST(ConvTransposeRule, GroupsMultiplyTheOutputChannels) {
  EXPECT_EQ(inferred_shape(ConvTranspose{.group = 2}, {dims({1, 4, 3}), dims({4, 3, 1})}),
            dims({1, 6, 3}));
}

}  // namespace
}  // namespace sluice::ir
