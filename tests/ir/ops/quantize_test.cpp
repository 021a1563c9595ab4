// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/infer.hpp"

namespace sluice::ir {
namespace {

using test::refusal;
using ::testing::HasSubstr;

using S = sluice::Shape;

TEST(QuantizeRule, OutputIsOfTheZeroPointsType) {
  const auto with = test::infer(QuantizeLinear{}, {S{2, 3}, S{}, {S{}, DType::Int4}});
  ASSERT_TRUE(with);
  EXPECT_EQ(with->at(0), (ValueType{DType::Int4, {2, 3}}));
  const auto without =
      test::infer(QuantizeLinear{.output_dtype = DType::Float8E5M2}, {S{2, 3}, S{}});
  ASSERT_TRUE(without);
  EXPECT_EQ(without->at(0).dtype, DType::Float8E5M2);
}

TEST(QuantizeRule, DequantizedIsOfTheScalesTypeOrAsAsked) {
  const std::vector<test::RuleInput> inputs{{S{2}, DType::Int8}, {S{}, DType::Float16}};
  EXPECT_EQ(test::infer(DequantizeLinear{}, inputs)->at(0).dtype, DType::Float16);
  EXPECT_EQ(test::infer(DequantizeLinear{.output_dtype = DType::Float32}, inputs)->at(0).dtype,
            DType::Float32);
}

TEST(QuantizeRule, TypesThatAreNoCodesAreRefused) {
  EXPECT_THAT(refusal(QuantizeLinear{}, {S{2}, S{}, {S{}, DType::Int64}}), HasSubstr("int64"));
  EXPECT_THAT(refusal(QuantizeLinear{}, {{S{2}, DType::Int8}, S{}}), HasSubstr("int8"));
  EXPECT_THAT(refusal(QuantizeLinear{}, {S{2}, {S{}, DType::Int32}}), HasSubstr("scale"));
  EXPECT_THAT(refusal(QuantizeLinear{.precision = DType::Int8}, {S{2}, S{}}),
              HasSubstr("precision"));
  EXPECT_THAT(refusal(DequantizeLinear{}, {S{2}, S{}}), HasSubstr("float32"));
  EXPECT_THAT(refusal(DequantizeLinear{}, {{S{2}, DType::Int8}, S{}, {S{}, DType::UInt8}}),
              HasSubstr("zero_point"));
}

TEST(QuantizeRule, ZeroPointMustBeLikeTheScale) {
  EXPECT_THAT(refusal(QuantizeLinear{}, {S{2, 3}, S{3}, {S{}, DType::Int8}}), HasSubstr("alike"));
  EXPECT_EQ(refusal(QuantizeLinear{}, {S{2, 3}, S{1}, {S{}, DType::Int8}}), "");
}

TEST(QuantizeRule, SnapKeepsFloat32) {
  EXPECT_EQ(test::inferred_shape(Snap{numeric::FixedGrid{}}, {S{2, 3}}), (S{2, 3}));
  EXPECT_THAT(refusal(Snap{numeric::FixedGrid{}}, {{S{2}, DType::Float16}}), HasSubstr("float16"));
  EXPECT_THAT(refusal(Snap{numeric::FixedGrid{.bits = 99}}, {S{2}}), HasSubstr("99"));
}

TEST(ParameterLayout, PerTensorAlwaysTakesTheFirst) {
  const auto layout = resolve_parameters({2, 3}, {1}, 7, 0);
  ASSERT_TRUE(layout);
  EXPECT_EQ(layout->inner, 6);
  EXPECT_EQ(layout->index(0, 0, 5), 0);
}

TEST(ParameterLayout, PerAxisFollowsTheAxis) {
  const auto layout = resolve_parameters({2, 3, 4}, {3}, -2, 0);
  ASSERT_TRUE(layout);
  EXPECT_EQ(layout->outer, 2);
  EXPECT_EQ(layout->index(1, 2, 3), 2);
}

TEST(ParameterLayout, BlocksShareAndTheLastMayBeShort) {
  const auto layout = resolve_parameters({2, 5, 3}, {2, 3, 3}, 1, 2);
  ASSERT_TRUE(layout);
  EXPECT_EQ(layout->index(0, 1, 2), 2);
  EXPECT_EQ(layout->index(1, 4, 0), 9 + 6);
}

TEST(ParameterLayout, OtherShapesAreRefused) {
  EXPECT_FALSE(resolve_parameters({2, 3}, {2}, 1, 0));
  EXPECT_FALSE(resolve_parameters({2, 3}, {2}, 2, 0));
  EXPECT_FALSE(resolve_parameters({2, 3}, {2, 1}, 1, 0));
  EXPECT_FALSE(resolve_parameters({2, 4}, {2, 3}, 1, 2));
  EXPECT_FALSE(resolve_parameters({2, 4}, {2}, 0, -1));
  EXPECT_FALSE(resolve_parameters({2, 4}, {0}, 0, 0));
}

}  // namespace
}  // namespace sluice::ir
