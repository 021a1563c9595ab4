// SPDX-License-Identifier: Apache-2.0
#include "sluice/ir/ops/pool.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/infer.hpp"

namespace sluice::ir {
namespace {

using test::dims;
using test::inferred_shape;
using test::refusal;
using ::testing::HasSubstr;

TEST(PoolRule, ChannelsAreKept) {
  EXPECT_EQ(inferred_shape(AveragePool{.window = {.kernel = {2, 2}, .strides = {2, 2}}},
                           {dims({2, 3, 5, 4})}),
            dims({2, 3, 2, 2}));
}

TEST(PoolRule, CeilModeKeepsAPartialWindow) {
  EXPECT_EQ(inferred_shape(LpPool{.window = {.kernel = {2}, .strides = {2}}, .ceil_mode = true},
                           {dims({1, 1, 5})}),
            dims({1, 1, 3}));
}

TEST(PoolRule, MaxPoolOffersIndices) {
  const auto types =
      test::infer(MaxPool{.window = {.kernel = {2}}}, {{dims({1, 1, 5}), DType::UInt8}}, 2);
  ASSERT_TRUE(types);
  EXPECT_EQ(types->at(0), (ValueType{DType::UInt8, {1, 1, 4}}));
  EXPECT_EQ(types->at(1), (ValueType{DType::Int64, {1, 1, 4}}));
}

TEST(PoolRule, OnlyMaxPoolTakesBytes) {
  const std::vector<test::RuleInput> bytes{{dims({1, 1, 5}), DType::Int8}};
  EXPECT_EQ(refusal(MaxPool{.window = {.kernel = {2}}}, bytes), "");
  EXPECT_THAT(refusal(AveragePool{.window = {.kernel = {2}}}, bytes), HasSubstr("int8"));
  EXPECT_THAT(refusal(GlobalMaxPool{}, bytes), HasSubstr("int8"));
}

TEST(PoolRule, TheKernelNeedsOneEntryASpatialDimension) {
  EXPECT_THAT(refusal(MaxPool{}, {dims({1, 1, 5})}), HasSubstr("kernel_shape of 0 entries"));
  EXPECT_THAT(refusal(MaxPool{.window = {.kernel = {2, 2}}}, {dims({1, 1, 5})}),
              HasSubstr("kernel_shape of 2 entries"));
  EXPECT_THAT(refusal(MaxPool{}, {dims({1, 1})}), HasSubstr("3 dimensions or more"));
}

TEST(PoolRule, LpPoolNeedsAPositivePower) {
  EXPECT_THAT(refusal(LpPool{.window = {.kernel = {2}}, .p = 0}, {dims({1, 1, 5})}),
              HasSubstr("p must be positive"));
}

TEST(PoolRule, HostileKernelsAreRefused) {
  for (const std::int64_t value : {INT64_MIN, std::int64_t{0}, INT64_MAX}) {
    EXPECT_NE(refusal(MaxPool{.window = {.kernel = {value}}}, {dims({1, 1, 5})}), "");
  }
}

TEST(PoolRule, GlobalPoolsLeaveOnePosition) {
  EXPECT_EQ(inferred_shape(GlobalAveragePool{}, {dims({2, 3, 5, 4})}), dims({2, 3, 1, 1}));
  EXPECT_EQ(inferred_shape(GlobalMaxPool{}, {dims({2, 3, 5})}), dims({2, 3, 1}));
  EXPECT_THAT(refusal(GlobalMaxPool{}, {dims({2})}), HasSubstr("2 dimensions or more"));
}

}  // namespace
}  // namespace sluice::ir
