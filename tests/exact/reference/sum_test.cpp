// SPDX-License-Identifier: Apache-2.0
#include "sluice/exact/reference/sum.hpp"

#include <gtest/gtest.h>

#include "tests/exact/one_op.hpp"

namespace sluice::exact::reference {
namespace {

TEST(CodeSumOfANode, IsOfItsQuantizations) {
  const OneNode node(ir::Sub{}, {int8(1, -128), uint8(0.5F, 200)}, int8(0.5F, 7),
                     Arithmetic::TfliteDouble);
  const auto sum = code_sum(node.view(), -1);
  ASSERT_TRUE(sum) << sum.error().text();
  EXPECT_EQ(sum->code(-128, 200), 7);
  EXPECT_EQ(sum->code(-118, 200), 27);
  EXPECT_EQ(sum->code(-128, 210), -3);
}

TEST(CodeSumOfANode, NeedsOneScaleForTheTensor) {
  const OneNode node(ir::Add{}, {int8(1), per_channel({1, 2}, 0)}, int8(1), Arithmetic::Onnx);
  const auto sum = code_sum(node.view(), 1);
  ASSERT_FALSE(sum);
  EXPECT_EQ(sum.error().message, "has one scale a channel where one for the tensor is needed");
}

TEST(SumRescalerOfANode, DividesMeansOnly) {
  const OneNode node(ir::ReduceMean{}, {int8(1, -100)}, int8(1, 5), Arithmetic::TfliteDouble);
  const auto mean = sum_rescaler(node.view(), 8, true);
  const auto sum = sum_rescaler(node.view(), 8, false);
  ASSERT_TRUE(mean && sum);
  EXPECT_EQ(mean->code(-800 + 16), 7);
  EXPECT_EQ(sum->code(-800 + 16), 21);
}

TEST(SumRescalerOfANode, TheMeanOfNothingIsRefused) {
  const OneNode node(ir::ReduceMean{}, {int8(1)}, int8(1), Arithmetic::Xnnpack);
  EXPECT_FALSE(sum_rescaler(node.view(), 0, true));
  EXPECT_TRUE(sum_rescaler(node.view(), 0, false));
}

}  // namespace
}  // namespace sluice::exact::reference
