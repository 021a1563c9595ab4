// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/infer.hpp"

namespace sluice::ir {
namespace {

using test::inferred_shape;
using test::refusal;
using ::testing::HasSubstr;

TEST(BinaryRule, ShapesBroadcastBothWays) {
  EXPECT_EQ(inferred_shape(Add{}, {{{2, 1, 4}}, {{3, 1}}}), (sluice::Shape{2, 3, 4}));
  EXPECT_EQ(inferred_shape(Max{}, {{{2, 1}}, {{3}}, {{4, 1, 1}}}), (sluice::Shape{4, 2, 3}));
}

TEST(BinaryRule, ShapesThatDoNotBroadcastAreRefused) {
  EXPECT_THAT(refusal(Mul{}, {{{2}}, {{3}}}), HasSubstr("do not broadcast"));
}

TEST(BinaryRule, TypesMustAgree) {
  EXPECT_THAT(refusal(Div{}, {{{2}}, {{2}, DType::Float64}}), HasSubstr("float32 and float64"));
  EXPECT_THAT(refusal(Add{}, {{{2}, DType::Bool}, {{2}, DType::Bool}}), HasSubstr("bool"));
}

TEST(BinaryRule, MaxNeedsAnInputAndAllOfThemPresent) {
  EXPECT_THAT(refusal(Max{}, {}), HasSubstr("missing"));
  EXPECT_THAT(refusal(Min{}, {{{2}}, {}, {{2}}}), HasSubstr("input 1 is missing"));
}

TEST(BinaryRule, PowTakesTheBasesType) {
  const auto types = test::infer(Pow{}, {{{2}, DType::Int32}, {{2}, DType::Float32}});
  ASSERT_TRUE(types);
  EXPECT_EQ(types->at(0).dtype, DType::Int32);
}

TEST(BinaryRule, EqualGivesBool) {
  const auto types = test::infer(Equal{}, {{{2}, DType::Int8}, {{1}, DType::Int8}});
  ASSERT_TRUE(types);
  EXPECT_EQ(types->at(0), (ValueType{DType::Bool, {2}}));
}

TEST(BinaryRule, PReluSlopeMustNotWidenTheInput) {
  EXPECT_EQ(inferred_shape(PRelu{}, {{{1, 3, 2}}, {{3, 1}}}), (sluice::Shape{1, 3, 2}));
  EXPECT_THAT(refusal(PRelu{}, {{{3, 1}}, {{3, 2}}}), HasSubstr("does not broadcast"));
}

TEST(BinaryRule, WhereNeedsABoolConditionAndLikeBranches) {
  EXPECT_EQ(inferred_shape(Where{}, {{{2, 1}, DType::Bool}, {{3}}, {{1}}}), (sluice::Shape{2, 3}));
  EXPECT_THAT(refusal(Where{}, {{{2}}, {{2}}, {{2}}}), HasSubstr("must be bool"));
  EXPECT_THAT(refusal(Where{}, {{{2}, DType::Bool}, {{2}}, {{2}, DType::Int8}}),
              HasSubstr("one element type"));
}

}  // namespace
}  // namespace sluice::ir
