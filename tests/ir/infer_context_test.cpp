// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sluice/ir/infer.hpp"

namespace sluice::ir {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

const ValueType kType{DType::Float32, {2}};

TEST(InferContext, AbsentInputsInTheMiddleAreNotThere) {
  const std::vector<InferContext::Input> inputs{{&kType, nullptr}, {}, {&kType, nullptr}};
  const InferContext context(inputs, 1);
  EXPECT_TRUE(context.has(0));
  EXPECT_FALSE(context.has(1));
  EXPECT_FALSE(context.has(3));
  EXPECT_TRUE(context.require(1, 3));
  EXPECT_THAT(context.require(2, 3).error().message, HasSubstr("input 1 is missing"));
  EXPECT_THAT(context.require(1, 2).error().message, HasSubstr("3 inputs"));
}

TEST(InferContext, IntegersReadBothWidthsAndScalars) {
  const auto wide = Tensor::from<std::int64_t>({2}, {-1, INT64_MAX});
  EXPECT_THAT(*integers(wide, "axes"), ElementsAre(-1, INT64_MAX));
  EXPECT_THAT(*integers(Tensor::scalar<std::int32_t>(7), "axes"), ElementsAre(7));
}

TEST(InferContext, IntegersOfAnotherTypeOrRankAreRefusedByName) {
  EXPECT_THAT(integers(Tensor(DType::Float32, {1}), "axes").error().message,
              HasSubstr("\"axes\" must be int64, is float32"));
  EXPECT_THAT(integers(Tensor(DType::Int64, {1, 1}), "axes").error().message,
              HasSubstr("\"axes\" must be 1-D"));
}

TEST(InferContext, IntegersNotKnownBeforeRunningAreUnsupported) {
  const std::vector<InferContext::Input> inputs{{&kType, nullptr}};
  const auto result = InferContext(inputs, 1).integers(0, "axes");
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, ErrorCode::Unsupported);
}

}  // namespace
}  // namespace sluice::ir
