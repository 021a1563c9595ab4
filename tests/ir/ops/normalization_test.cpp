// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/infer.hpp"

namespace sluice::ir {
namespace {

using test::dims;
using test::inferred_shape;
using test::refusal;
using ::testing::HasSubstr;

TEST(BatchNormalizationRule, StatisticsMayHaveAnotherFloatType) {
  const test::RuleInput half{dims({3}), DType::Float16};
  const auto types = test::infer(BatchNormalization{.training_mode = true},
                                 {dims({2, 3, 4}), half, half, half, half}, 3);
  ASSERT_TRUE(types);
  EXPECT_EQ(types->at(0), (ValueType{DType::Float32, {2, 3, 4}}));
  EXPECT_EQ(types->at(2), (ValueType{DType::Float16, {3}}));
}

TEST(BatchNormalizationRule, OnlyTrainingGivesStatistics) {
  const auto types =
      test::infer(BatchNormalization{}, {dims({2, 3}), dims({3}), dims({3}), dims({3}), dims({3})});
  ASSERT_TRUE(types);
  EXPECT_EQ(types->size(), 1U);
}

TEST(BatchNormalizationRule, AVectorIsOneChannel) {
  EXPECT_EQ(
      inferred_shape(BatchNormalization{}, {dims({7}), dims({1}), dims({1}), dims({1}), dims({1})}),
      dims({7}));
}

TEST(BatchNormalizationRule, EachParameterHasOneEntryAChannel) {
  EXPECT_THAT(
      refusal(BatchNormalization{}, {dims({2, 3}), dims({3}), dims({3}), dims({2}), dims({3})}),
      HasSubstr("\"input_mean\""));
  EXPECT_THAT(refusal(BatchNormalization{}, {dims({}), dims({1}), dims({1}), dims({1}), dims({1})}),
              HasSubstr("1 dimensions or more"));
}

TEST(GroupNormalizationRule, ScaleIsPerChannelOrPerGroup) {
  EXPECT_EQ(
      inferred_shape(GroupNormalization{.num_groups = 2}, {dims({1, 4, 5}), dims({4}), dims({4})}),
      dims({1, 4, 5}));
  EXPECT_EQ(inferred_shape(GroupNormalization{.num_groups = 2, .scale_per_group = true},
                           {dims({1, 4, 5}), dims({2}), dims({2})}),
            dims({1, 4, 5}));
  EXPECT_THAT(refusal(GroupNormalization{.num_groups = 2}, {dims({1, 4, 5}), dims({2}), dims({2})}),
              HasSubstr("\"scale\""));
}

TEST(GroupNormalizationRule, HostileGroupCountsAreRefused) {
  for (const std::int64_t groups :
       {INT64_MIN, std::int64_t{-1}, std::int64_t{0}, std::int64_t{3}}) {
    EXPECT_THAT(
        refusal(GroupNormalization{.num_groups = groups}, {dims({1, 4}), dims({4}), dims({4})}),
        HasSubstr("does not divide 4"));
  }
}

TEST(InstanceNormalizationRule, TypesMustAgree) {
  EXPECT_EQ(inferred_shape(InstanceNormalization{}, {dims({1, 4, 5}), dims({4}), dims({4})}),
            dims({1, 4, 5}));
  EXPECT_THAT(
      refusal(InstanceNormalization{}, {dims({1, 4, 5}), {dims({4}), DType::Float64}, dims({4})}),
      HasSubstr("one element type"));
}

}  // namespace
}  // namespace sluice::ir
