// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "tests/support/onnx_model.hpp"

namespace sluice::importer::onnx {
namespace {

using test::read_one;

TEST(OnnxClip, BoundsBecomeInputsBeforeOpset11) {
  const auto read = read_one(6, "Clip", 1, {{"max", 6.0F}});
  ASSERT_EQ(read.error, "");
  ASSERT_EQ(read.num_inputs(), 3U);
  EXPECT_FALSE(read.constant(1));
  EXPECT_EQ(read.constant(2), Tensor::scalar(6.0F));
}

TEST(OnnxClip, BoundsAsAttributesAreRefusedFromOpset11On) {
  const auto read = read_one(11, "Clip", 1, {{"max", 6.0F}});
  EXPECT_NE(read.error.find("attribute \"max\""), std::string::npos) << read.error;
}

TEST(OnnxUnary, TakesTheirFactors) {
  EXPECT_EQ(read_one(13, "Elu", 1, {{"alpha", 3.0F}}).op<ir::Elu>().alpha, 3.0F);
  EXPECT_EQ(read_one(13, "LeakyRelu", 1, {{"alpha", 3.0F}}).op<ir::LeakyRelu>().alpha, 3.0F);
  EXPECT_EQ(read_one(13, "ThresholdedRelu", 1, {{"alpha", 3.0F}}).op<ir::ThresholdedRelu>().alpha,
            3.0F);
  const auto selu = read_one(13, "Selu", 1, {{"alpha", 3.0F}, {"gamma", 4.0F}});
  EXPECT_EQ(selu.op<ir::Selu>().alpha, 3.0F);
  EXPECT_EQ(selu.op<ir::Selu>().gamma, 4.0F);
  const auto hard = read_one(13, "HardSigmoid", 1, {{"alpha", 3.0F}, {"beta", 4.0F}});
  EXPECT_EQ(hard.op<ir::HardSigmoid>().alpha, 3.0F);
  EXPECT_EQ(hard.op<ir::HardSigmoid>().beta, 4.0F);
}

TEST(OnnxGelu, TakesTheApproximation) {
  EXPECT_FALSE(read_one(20, "Gelu", 1).op<ir::Gelu>().tanh_approximation);
  EXPECT_TRUE(read_one(20, "Gelu", 1, {{"approximate", "tanh"}}).op<ir::Gelu>().tanh_approximation);
}

TEST(OnnxUnary, OnesWithoutAttributesAreRead) {
  for (const char* op_type : {"Abs", "Erf", "Exp", "HardSwish", "Log", "Mish", "Neg", "Relu",
                              "Round", "Sigmoid", "Softplus", "Sqrt", "Tanh"}) {
    const auto read = read_one(18, op_type, 1);
    ASSERT_EQ(read.error, "");
    EXPECT_EQ(ir::op_name(read.node().op), op_type);
  }
}

}  // namespace
}  // namespace sluice::importer::onnx
