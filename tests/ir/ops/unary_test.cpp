// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/infer.hpp"

namespace sluice::ir {
namespace {

using test::inferred_shape;
using test::refusal;
using ::testing::HasSubstr;

TEST(UnaryRule, ShapeAndTypeAreKept) {
  const auto types = test::infer(Exp{}, {{{2, 3}, DType::BFloat16}});
  ASSERT_TRUE(types);
  EXPECT_EQ(types->at(0), (ValueType{DType::BFloat16, {2, 3}}));
}

TEST(UnaryRule, FloatFunctionsRefuseIntegersByName) {
  EXPECT_THAT(refusal(Sigmoid{}, {{{2}, DType::Int8}}), HasSubstr("int8"));
  EXPECT_THAT(refusal(Sqrt{}, {{{2}, DType::Float8E5M2}}), HasSubstr("float8e5m2"));
}

TEST(UnaryRule, AMissingOrSecondInputIsRefused) {
  EXPECT_THAT(refusal(Relu{}, {}), HasSubstr("missing"));
  EXPECT_THAT(refusal(Relu{}, {{{2}}, {{2}}}), HasSubstr("at most 1"));
}

TEST(UnaryRule, ClipWantsScalarBoundsOfItsType) {
  EXPECT_EQ(inferred_shape(Clip{}, {{{2}}, sluice::Shape{}, sluice::Shape{1}}), (sluice::Shape{2}));
  EXPECT_THAT(refusal(Clip{}, {{{2}}, {{2}}}), HasSubstr("\"min\" must be a scalar"));
  EXPECT_THAT(refusal(Clip{}, {{{2}}, {}, sluice::Shape{0}}),
              HasSubstr("\"max\" must be a scalar"));
  EXPECT_THAT(refusal(Clip{}, {{{2}}, {sluice::Shape{}, DType::Int8}}),
              HasSubstr("one element type"));
}

}  // namespace
}  // namespace sluice::ir
