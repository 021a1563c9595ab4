// SPDX-License-Identifier: Apache-2.0
#include "tests/hw/build/built_text.hpp"

namespace sluice::hw {
namespace {

Function function_of(const std::string& op) {
  const Layer layer = built_layer("input %x: float32[1x2x4x4]\n%y = " + op + "(%x)\noutput %y");
  return layer.as<Elementwise>() == nullptr ? Function::Silu : layer.as<Elementwise>()->function;
}

TEST(BuildUnary, TakesTheNearestFunction) {
  EXPECT_EQ(function_of("Relu"), Function::Relu);
  EXPECT_EQ(function_of("LeakyRelu"), Function::Relu);
  EXPECT_EQ(function_of("Clip"), Function::Relu);
  EXPECT_EQ(function_of("Sigmoid"), Function::Sigmoid);
  EXPECT_EQ(function_of("Tanh"), Function::Sigmoid);
  EXPECT_EQ(function_of("HardSigmoid"), Function::HardSigmoid);
  EXPECT_EQ(function_of("HardSwish"), Function::HardSwish);
}

TEST(BuildUnary, KeepsAThreshold) {
  const Layer layer =
      built_layer("input %x: float32[1x2]\n%y = ThresholdedRelu(%x) {alpha=0.25}\noutput %y");
  EXPECT_TRUE(layer.as<Elementwise>()->has_threshold);
  EXPECT_EQ(layer.as<Elementwise>()->threshold, 0.25);
}

TEST(BuildUnary, NegatesByAFactor) {
  const Layer layer = built_layer("input %x: float32[1x2]\n%y = Neg(%x)\noutput %y");
  EXPECT_FALSE(layer.as<ChannelAffine>()->has_offset);
}

TEST(BuildUnary, RefusesFunctionsWithoutHardware) {
  EXPECT_EQ(refusal("input %x: float32[1x2]\n%y = Gelu(%x)\noutput %y"),
            "there is no hardware for it yet");
}

}  // namespace
}  // namespace sluice::hw
