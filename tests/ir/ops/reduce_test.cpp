// SPDX-License-Identifier: Apache-2.0
#include "sluice/ir/ops/reduce.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/infer.hpp"

namespace sluice::ir {
namespace {

using test::dims;
using test::inferred_shape;
using test::refusal;
using ::testing::HasSubstr;

Tensor axes(const std::vector<std::int64_t>& values) {
  return Tensor::from<std::int64_t>({static_cast<std::int64_t>(values.size())}, values);
}

TEST(ReduceRule, AxesAreKeptAsOnesOrDropped) {
  EXPECT_EQ(inferred_shape(ReduceMean{}, {dims({2, 3, 4}), axes({-1, 0})}), dims({1, 3, 1}));
  EXPECT_EQ(inferred_shape(ReduceSum{.keep_dims = false}, {dims({2, 3, 4}), axes({1})}),
            dims({2, 4}));
}

TEST(ReduceRule, NoAxesMeanAllOrNone) {
  EXPECT_EQ(inferred_shape(ReduceMax{.keep_dims = false}, {dims({2, 3})}), dims({}));
  EXPECT_EQ(inferred_shape(ReduceMax{}, {dims({2, 3}), axes({})}), dims({1, 1}));
  EXPECT_EQ(inferred_shape(ReduceMin{.noop_with_empty_axes = true}, {dims({2, 3}), axes({})}),
            dims({2, 3}));
}

TEST(ReduceRule, AxesOutOfRangeOrTwiceAreRefused) {
  EXPECT_THAT(refusal(ReduceSum{}, {dims({2, 3}), axes({2})}), HasSubstr("axis 2"));
  EXPECT_THAT(refusal(ReduceSum{}, {dims({2, 3}), axes({INT64_MIN})}), HasSubstr("outside"));
  EXPECT_THAT(refusal(ReduceSum{}, {dims({2, 3}), axes({1, -1})}), HasSubstr("named twice"));
}

TEST(ReduceRule, AxesMustBeKnown) {
  EXPECT_THAT(refusal(ReduceSum{}, {dims({2, 3}), {dims({1}), DType::Int64}}),
              HasSubstr("must be known before running"));
}

TEST(ReduceRule, OnlyExtremesAreDefinedOnBool) {
  EXPECT_EQ(refusal(ReduceMax{}, {{dims({2}), DType::Bool}}), "");
  EXPECT_THAT(refusal(ReduceSum{}, {{dims({2}), DType::Bool}}), HasSubstr("bool"));
}

TEST(ArgMaxRule, GivesInt64) {
  const auto types = test::infer(ArgMax{.axis = -1, .keep_dims = false}, {dims({2, 3})});
  ASSERT_TRUE(types);
  EXPECT_EQ(types->at(0), (ValueType{DType::Int64, {2}}));
}

TEST(ArgMaxRule, AnEmptyAxisIsRefused) {
  EXPECT_THAT(refusal(ArgMax{.axis = 1}, {dims({2, 0})}), HasSubstr("no element"));
  EXPECT_EQ(inferred_shape(ArgMax{.axis = 0}, {dims({2, 0})}), dims({1, 0}));
}

TEST(SoftmaxRule, FlattenJoinsAllDimensionsFromAxisOn) {
  const auto one = softmax_shape({.axis = 1}, dims({2, 3, 4}));
  ASSERT_TRUE(one);
  EXPECT_EQ((std::vector{one->outer, one->reduced, one->inner}),
            (std::vector<std::int64_t>{2, 3, 4}));
  const auto joined = softmax_shape({.axis = 1, .flatten = true}, dims({2, 3, 4}));
  ASSERT_TRUE(joined);
  EXPECT_EQ((std::vector{joined->outer, joined->reduced, joined->inner}),
            (std::vector<std::int64_t>{2, 12, 1}));
}

TEST(SoftmaxRule, AnAxisOutOfRangeIsRefused) {
  EXPECT_THAT(refusal(Softmax{.axis = 2}, {dims({2, 3})}), HasSubstr("axis 2"));
  EXPECT_THAT(refusal(Softmax{}, {dims({})}), HasSubstr("axis -1"));
}

}  // namespace
}  // namespace sluice::ir
