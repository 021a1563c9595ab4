// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/infer.hpp"

namespace sluice::ir {
namespace {

using test::inferred_shape;
using test::refusal;
using ::testing::HasSubstr;

sluice::Shape s(std::initializer_list<std::int64_t> dims) {
  return dims;
}

TEST(BatchNormalizationRule, StatisticsMayHaveAnotherFloatType) {
  const test::RuleInput half{s({3}), DType::Float16};
  const auto types = test::infer(BatchNormalization{.training_mode = true},
                                 {s({2, 3, 4}), half, half, half, half}, 3);
  ASSERT_TRUE(types);
  EXPECT_EQ(types->at(0), (ValueType{DType::Float32, {2, 3, 4}}));
  EXPECT_EQ(types->at(2), (ValueType{DType::Float16, {3}}));
}

TEST(BatchNormalizationRule, OnlyTrainingGivesStatistics) {
  const auto types = test::infer(BatchNormalization{}, {s({2, 3}), s({3}), s({3}), s({3}), s({3})});
  ASSERT_TRUE(types);
  EXPECT_EQ(types->size(), 1U);
}

TEST(BatchNormalizationRule, AVectorIsOneChannel) {
  EXPECT_EQ(inferred_shape(BatchNormalization{}, {s({7}), s({1}), s({1}), s({1}), s({1})}), s({7}));
}

TEST(BatchNormalizationRule, EachParameterHasOneEntryAChannel) {
  EXPECT_THAT(refusal(BatchNormalization{}, {s({2, 3}), s({3}), s({3}), s({2}), s({3})}),
              HasSubstr("\"input_mean\""));
  EXPECT_THAT(refusal(BatchNormalization{}, {s({}), s({1}), s({1}), s({1}), s({1})}),
              HasSubstr("1 dimensions or more"));
}

TEST(GroupNormalizationRule, ScaleIsPerChannelOrPerGroup) {
  EXPECT_EQ(inferred_shape(GroupNormalization{.num_groups = 2}, {s({1, 4, 5}), s({4}), s({4})}),
            s({1, 4, 5}));
  EXPECT_EQ(inferred_shape(GroupNormalization{.num_groups = 2, .scale_per_group = true},
                           {s({1, 4, 5}), s({2}), s({2})}),
            s({1, 4, 5}));
  EXPECT_THAT(refusal(GroupNormalization{.num_groups = 2}, {s({1, 4, 5}), s({2}), s({2})}),
              HasSubstr("\"scale\""));
}

TEST(GroupNormalizationRule, HostileGroupCountsAreRefused) {
  for (const std::int64_t groups :
       {INT64_MIN, std::int64_t{-1}, std::int64_t{0}, std::int64_t{3}}) {
    EXPECT_THAT(refusal(GroupNormalization{.num_groups = groups}, {s({1, 4}), s({4}), s({4})}),
                HasSubstr("does not divide 4"));
  }
}

TEST(InstanceNormalizationRule, TypesMustAgree) {
  EXPECT_EQ(inferred_shape(InstanceNormalization{}, {s({1, 4, 5}), s({4}), s({4})}), s({1, 4, 5}));
  EXPECT_THAT(refusal(InstanceNormalization{}, {s({1, 4, 5}), {s({4}), DType::Float64}, s({4})}),
              HasSubstr("one element type"));
}

}  // namespace
}  // namespace sluice::ir
