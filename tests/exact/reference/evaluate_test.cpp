// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/exact/one_op.hpp"

namespace sluice::exact::reference {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

class Evaluate : public testing::TestWithParam<Arithmetic> {};
INSTANTIATE_TEST_SUITE_P(Arithmetics, Evaluate, testing::ValuesIn(kArithmetics));

const Operand kMatrix({2, 3}, {-128, -1, 0, 1, 5, 127}, int8(0.1F, -3));

// ---- on codes

TEST_P(Evaluate, MovingKeepsCodes) {
  const auto q = int8(0.1F, -3);
  EXPECT_THAT(codes_of_op(ir::Transpose{{1, 0}}, {kMatrix}, q, GetParam()),
              ElementsAre(-128, 1, -1, 5, 0, 127));
  EXPECT_THAT(codes_of_op(ir::Reshape{}, {kMatrix, integers({3, 2})}, q, GetParam()),
              ElementsAre(-128, -1, 0, 1, 5, 127));
  EXPECT_THAT(
      codes_of_op(ir::Concat{.axis = 1}, {kMatrix, Operand({2, 1}, {7, 8}, q)}, q, GetParam()),
      ElementsAre(-128, -1, 0, 7, 1, 5, 127, 8));
  EXPECT_THAT(codes_of_op(ir::Gather{.axis = 1}, {kMatrix, integers({2, 0})}, q, GetParam()),
              ElementsAre(0, -128, 127, 1));
}

TEST_P(Evaluate, ComparingKeepsCodes) {
  const auto q = int8(0.1F, -3);
  const Operand other({1, 3}, {2, -2, 2}, q);
  EXPECT_THAT(codes_of_op(ir::Max{}, {kMatrix, other}, q, GetParam()),
              ElementsAre(2, -1, 2, 2, 5, 127));
  EXPECT_THAT(codes_of_op(ir::Min{}, {kMatrix, other}, q, GetParam()),
              ElementsAre(-128, -2, 0, 1, -2, 2));
  EXPECT_THAT(codes_of_op(ir::ReduceMax{}, {kMatrix, integers({1})}, q, GetParam()),
              ElementsAre(0, 127));
  EXPECT_THAT(codes_of_op(ir::ReduceMin{}, {kMatrix, integers({0})}, q, GetParam()),
              ElementsAre(-128, -1, 0));
  EXPECT_THAT(codes_of_op(ir::MaxPool{.window = {.kernel = {2}, .pads = {1, 0}}},
                          {{{1, 1, 3}, {-100, -120, -90}, q}}, q, GetParam()),
              ElementsAre(-100, -100, -90));
}

TEST_P(Evaluate, AnIndexIsNoCode) {
  const auto y = run_op(ir::ArgMax{.axis = 1}, {kMatrix}, std::nullopt, GetParam());
  ASSERT_TRUE(y) << y.error().text();
  EXPECT_EQ(*y, Tensor::from<std::int64_t>({2, 1}, {2, 2}));
}

TEST_P(Evaluate, PaddingIsTheZeroPointUnlessGiven) {
  const auto q = int8(0.1F, -3);
  const Operand x({2}, {4, 5}, q);
  EXPECT_THAT(codes_of_op(ir::Pad{}, {x, integers({1, 2})}, q, GetParam()),
              ElementsAre(-3, 4, 5, -3, -3));
  EXPECT_THAT(codes_of_op(ir::Pad{}, {x, integers({1, 0}), Operand({}, {99}, q)}, q, GetParam()),
              ElementsAre(99, 4, 5));
}

TEST_P(Evaluate, OtherQuantizationsMixOnRealNumbersOnly) {
  const auto q = int8(0.1F, -3);
  const auto expect_refused_unless_onnx = [](const ir::Op& op, const std::vector<Operand>& operands,
                                             const std::optional<Quantization>& output) {
    const std::string message = is_onnx(GetParam())
                                    ? ""
                                    : "moves or compares codes of different scales or zero points";
    EXPECT_THAT(refusal(op, operands, output, GetParam()), HasSubstr(message));
    EXPECT_EQ(refusal(op, operands, output, GetParam()).empty(), message.empty());
  };
  const ir::Transpose transpose{{1, 0}};
  expect_refused_unless_onnx(transpose, {kMatrix}, int8(0.1F, -2));
  expect_refused_unless_onnx(transpose, {kMatrix}, int8(0.2F, -3));
  expect_refused_unless_onnx(ir::Max{}, {kMatrix, Operand({1}, {0}, int8(0.2F, -3))}, q);
  expect_refused_unless_onnx(transpose, {kMatrix}, std::nullopt);
  expect_refused_unless_onnx(ir::Max{}, {kMatrix, Tensor::scalar(1.0F)}, q);
  expect_refused_unless_onnx(ir::Max{}, {Tensor::scalar(1.0F), kMatrix}, q);
  const auto channels = per_channel({1, 2}, 0);
  expect_refused_unless_onnx(transpose, {{{2, 2}, Codes(4, 0), channels}}, channels);
  EXPECT_THAT(refusal(ir::Relu{}, {kMatrix}, std::nullopt, Arithmetic::TfliteDouble),
              HasSubstr("mixes quantized and real values"));
}

// ---- on real numbers

TEST(EvaluateOnnx, CodesOfSeveralGridsMeetAsRealNumbers) {
  const std::vector<Operand> operands{{{3}, {-4, 0, 5}, int8(0.5F)}, {{3}, {1, 1, 1}, int8(1, 0)}};
  EXPECT_THAT(codes_of_op(ir::Max{}, operands, int8(0.25F), Arithmetic::Onnx),
              ElementsAre(4, 4, 10));
}

TEST(EvaluateOnnx, OperatorsWithoutKernelsAreThoseOfRealNumbers) {
  for (const Arithmetic arithmetic : {Arithmetic::Onnx, Arithmetic::OnnxRuntime}) {
    // |x| in halves on a grid of ones with zero point 1: 0.5, 1.5 and 2.5 go to the even codes.
    EXPECT_THAT(
        codes_of_op(ir::Abs{}, {{{4}, {-1, 3, -5, -128}, int8(0.5F)}}, int8(1, 1), arithmetic),
        ElementsAre(1, 3, 3, 65));
    EXPECT_THAT(codes_of_op(ir::Div{}, {{{2}, {7, -7}, int8(1)}, Tensor::scalar(2.0F)}, int8(1),
                            arithmetic),
                ElementsAre(4, -4));
  }
}

TEST(EvaluateTflite, OperatorsWithoutKernelsAreRefused) {
  EXPECT_THAT(refusal(ir::Abs{}, {kMatrix}, int8(1), Arithmetic::TfliteDouble),
              HasSubstr("is not computed on codes in the arithmetic tflite-double; leave it in "
                        "float32"));
  EXPECT_THAT(refusal(ir::Erf{}, {kMatrix}, int8(1), Arithmetic::Xnnpack),
              HasSubstr("in the arithmetic xnnpack"));
}

TEST_P(Evaluate, NodesWithoutCodesAreFloat32) {
  const auto y =
      run_op(ir::Abs{}, {Tensor::from<float>({2}, {-1.5F, 2})}, std::nullopt, GetParam());
  ASSERT_TRUE(y) << y.error().text();
  EXPECT_EQ(*y, Tensor::from<float>({2}, {1.5F, 2}));
}

}  // namespace
}  // namespace sluice::exact::reference
