// SPDX-License-Identifier: Apache-2.0
#include "sluice/ir/ops/rule.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace sluice::ir {
namespace {

using ::testing::HasSubstr;

const ValueType kHalf{DType::Float16, {2}};
const ValueType kByte{DType::UInt8, {2, 1}};

TEST(Rule, TypeSetsHoldWhatTheyName) {
  EXPECT_TRUE(kFloats.contains(DType::BFloat16));
  EXPECT_FALSE(kFloats.contains(DType::Float8E4M3Fn));
  EXPECT_TRUE(kIntegers.contains(DType::UInt64));
  EXPECT_FALSE(kIntegers.contains(DType::Int4));
  EXPECT_FALSE(kIntegers.contains(DType::Bool));
  EXPECT_FALSE(kSignedNumbers.contains(DType::UInt8));
  EXPECT_TRUE(kNumbersAndBool.contains(DType::Bool));
}

TEST(Rule, ATypeOutsideTheSetIsNamed) {
  const std::vector<InferContext::Input> inputs{{&kByte, nullptr}, {}};
  const InferContext context(inputs, 1);
  EXPECT_TRUE(require_type(context, 0, kNumbers));
  EXPECT_TRUE(require_type(context, 1, kFloats)) << "an absent input has no type to refuse";
  EXPECT_THAT(require_type(context, 0, kFloats).error().message, HasSubstr("uint8"));
}

TEST(Rule, SameTypeLooksAtPresentInputsFromTheFirstNamed) {
  const std::vector<InferContext::Input> inputs{{&kByte, nullptr}, {&kHalf, nullptr}, {}};
  const InferContext context(inputs, 1);
  EXPECT_TRUE(require_same_type(context, 1));
  EXPECT_THAT(require_same_type(context).error().message, HasSubstr("uint8 and float16"));
}

TEST(Rule, AVectorHasOneDimensionOfTheSizeAsked) {
  const std::vector<InferContext::Input> inputs{{&kHalf, nullptr}, {&kByte, nullptr}};
  const InferContext context(inputs, 1);
  EXPECT_TRUE(require_vector(context, 0, "bias", 2));
  EXPECT_THAT(require_vector(context, 0, "bias", 3).error().message, HasSubstr("\"bias\""));
  EXPECT_FALSE(require_vector(context, 1, "bias", 2));
}

}  // namespace
}  // namespace sluice::ir
