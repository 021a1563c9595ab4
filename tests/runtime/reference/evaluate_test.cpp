// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "sluice/runtime/reference/kernel.hpp"

namespace sluice::runtime::reference {
namespace {

TEST(Evaluate, MakesOutputsOfTheTypesAskedFor) {
  const Tensor x = Tensor::from<float>({2}, {-1, 2});
  const std::vector<const Tensor*> inputs{&x};
  const std::vector<ir::ValueType> types{{DType::Float32, {2}}};
  const auto outputs = evaluate(ir::Relu{}, inputs, types);
  ASSERT_TRUE(outputs);
  EXPECT_EQ(outputs->at(0), Tensor::from<float>({2}, {0, 2}));
}

TEST(Evaluate, EmptyOutputsCostNothingHoweverLongTheirDimensions) {
  const Tensor x(DType::Float32, {kMaxTensorElements, 0});
  const std::vector<const Tensor*> inputs{&x};
  const ir::ValueType half{DType::Float32, {kMaxTensorElements / 2, 0}};
  const auto outputs = evaluate(ir::Split{}, inputs, std::vector<ir::ValueType>{half, half});
  ASSERT_TRUE(outputs);
  EXPECT_EQ(outputs->at(1).shape(), half.shape);
}

TEST(Evaluate, ANodeWithoutAnOperatorIsOurMistake) {
  const auto outputs = evaluate(ir::Op(), {}, {});
  ASSERT_FALSE(outputs);
  EXPECT_EQ(outputs.error().code, ErrorCode::Internal);
}

}  // namespace
}  // namespace sluice::runtime::reference
