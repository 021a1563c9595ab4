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

TEST(TensorRule, CastKeepsTheShape) {
  const auto types = test::infer(Cast{.to = DType::Int4}, {S{2, 3}});
  ASSERT_TRUE(types);
  EXPECT_EQ(types->at(0), (ValueType{DType::Int4, {2, 3}}));
}

TEST(TensorRule, ConstantOfShapeTakesTypeFromItsValue) {
  const ConstantOfShape op{Tensor::from<std::int8_t>({1}, {7})};
  const auto types = test::infer(op, {Tensor::from<std::int64_t>({2}, {3, 0})});
  ASSERT_TRUE(types);
  EXPECT_EQ(types->at(0), (ValueType{DType::Int8, {3, 0}}));
  EXPECT_THAT(refusal(ConstantOfShape{Tensor::from<float>({2}, {1, 2})}, {S{2}}),
              HasSubstr("one element, has 2"));
}

TEST(TensorRule, DropoutHasAMaskOfBools) {
  const auto types = test::infer(Dropout{}, {{S{2, 3}, DType::Float16}}, 2);
  ASSERT_TRUE(types);
  EXPECT_EQ(types->at(0), (ValueType{DType::Float16, {2, 3}}));
  EXPECT_EQ(types->at(1), (ValueType{DType::Bool, {2, 3}}));
}

TEST(TensorRule, DropoutRefusesInputsThatAreNotScalars) {
  EXPECT_THAT(refusal(Dropout{}, {{S{2}, DType::Int8}}), HasSubstr("float type"));
  EXPECT_THAT(refusal(Dropout{}, {S{2}, S{2}}), HasSubstr("the ratio"));
  EXPECT_THAT(refusal(Dropout{}, {S{2}, {}, S{}}), HasSubstr("training mode"));
}

TEST(TensorRule, ShapeIsClampedLikeASlice) {
  EXPECT_EQ(inferred_shape(Shape{}, {S{2, 3, 4}}), S{3});
  EXPECT_EQ(inferred_shape(Shape{.start = -2}, {S{2, 3, 4}}), S{2});
  EXPECT_EQ(inferred_shape(Shape{.start = 2, .end = 1}, {S{2, 3, 4}}), S{0});
  EXPECT_EQ(inferred_shape(Shape{.start = -9, .end = 9}, {S{2, 3, 4}}), S{3});
}

}  // namespace
}  // namespace sluice::ir
