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
    const std::string message =
        is_on_reals(GetParam()) ? "" : "moves or compares codes of different scales or zero points";
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

// ---- by shifts

class EvaluateShift : public testing::TestWithParam<Arithmetic> {};
INSTANTIATE_TEST_SUITE_P(Shifts, EvaluateShift, testing::ValuesIn(kShifts));

// numerator/denominator as the arithmetic rounds, by the remainder.
std::int64_t rounded_quotient(Arithmetic arithmetic, std::int64_t numerator,
                              std::int64_t denominator) {
  std::int64_t floor = numerator / denominator;
  if (floor * denominator > numerator) --floor;
  const std::int64_t rest = numerator - floor * denominator;
  if (arithmetic == Arithmetic::ShiftFloor || 2 * rest < denominator) return floor;
  if (2 * rest > denominator || arithmetic == Arithmetic::ShiftHalfUp) return floor + 1;
  return floor % 2 == 0 ? floor : floor + 1;
}

std::int64_t clamped_code(std::int64_t code, const Quantization& by) {
  const numeric::CodeRange codes = numeric::codes_of(by);
  return std::clamp(code, codes.lowest, codes.highest);
}

Quantization int16(float scale, std::int64_t zero_point = 0, std::optional<int> bits = {}) {
  return {DType::Int16, {scale}, {zero_point}, 0, bits};
}

TEST_P(EvaluateShift, SumsAndProductsAreRoundedOnce) {
  const Codes a = {-30000, -17, -3, -1, 0, 1, 2, 5, 29, 32767};
  const Codes b = {-32768, 13, 7, -5, 1, -1, 3, 6, -100, 32767};
  const Quantization x = int16(0x1p-6F, 3);
  const Quantization z = int16(0x1p-9F, -1);
  const Quantization y = int16(0x1p-4F, 5, 12);
  Codes sums, products;
  for (std::size_t i = 0; i < a.size(); ++i) {
    const std::int64_t of_a = a[i] - 3;
    const std::int64_t of_b = b[i] + 1;
    sums.push_back(clamped_code(rounded_quotient(GetParam(), 8 * of_a + of_b, 32) + 5, y));
    products.push_back(clamped_code(rounded_quotient(GetParam(), of_a * of_b, 1 << 11) + 5, y));
  }
  const std::vector<Operand> operands{{{10}, a, x}, {{10}, b, z}};
  EXPECT_EQ(codes_of_op(ir::Add{}, operands, y, GetParam()), sums);
  EXPECT_EQ(codes_of_op(ir::Mul{}, operands, y, GetParam()), products);
}

TEST_P(EvaluateShift, RescalingBoundsAndSlopesAreRoundedOnce) {
  const Codes x = {-128, -9, -8, -7, -6, -5, -4, -3, -2, -1, 0, 1, 2, 3, 4, 5, 127};
  const auto shape = static_cast<std::int64_t>(x.size());
  const Quantization y = int8(1, 2);
  Codes rescaled, relu, clip, leaky;
  for (const std::int64_t code : x) {
    const std::int64_t whole = rounded_quotient(GetParam(), code, 4);
    rescaled.push_back(clamped_code(whole + 2, y));
    relu.push_back(
        clamped_code(rounded_quotient(GetParam(), std::max<std::int64_t>(code, 0), 4) + 2, y));
    clip.push_back(clamped_code(
        rounded_quotient(GetParam(), std::clamp<std::int64_t>(code, -5, 3), 4) + 2, y));
    leaky.push_back(
        clamped_code(rounded_quotient(GetParam(), code < 0 ? code : 8 * code, 32) + 2, y));
  }
  const Operand operand({shape}, x, int8(0.25F));
  EXPECT_EQ(codes_of_op(ir::Identity{}, {operand}, y, GetParam()), rescaled);
  EXPECT_EQ(codes_of_op(ir::Relu{}, {operand}, y, GetParam()), relu);
  EXPECT_EQ(codes_of_op(ir::Clip{}, {operand, Tensor::scalar(-1.25F), Tensor::scalar(0.75F)}, y,
                        GetParam()),
            clip);
  EXPECT_EQ(codes_of_op(ir::LeakyRelu{0.125F}, {operand}, y, GetParam()), leaky);
}

TEST_P(EvaluateShift, MeansAreRoundedOnce) {
  const Quantization x = int8(0.5F, -3);
  const Quantization y = int8(1, 1);
  for (const std::int64_t count : {3, 4, 6, 7}) {
    std::vector<Operand> image;
    Codes codes;
    for (std::int64_t i = 0; i < 20 * count; ++i) codes.push_back((i * i * 7 + i) % 40 - 20);
    Codes expected;
    for (std::size_t row = 0; row < 20; ++row) {
      std::int64_t sum = 0;
      for (std::int64_t i = 0; i < count; ++i) {
        sum += codes[row * static_cast<std::size_t>(count) + static_cast<std::size_t>(i)] + 3;
      }
      expected.push_back(clamped_code(rounded_quotient(GetParam(), sum, 2 * count) + 1, y));
    }
    const Operand rows({1, 20, 1, count}, codes, x);
    EXPECT_EQ(codes_of_op(ir::ReduceMean{}, {rows, integers({3})}, y, GetParam()), expected);
    EXPECT_EQ(codes_of_op(ir::GlobalAveragePool{}, {rows}, y, GetParam()), expected);
    EXPECT_EQ(codes_of_op(ir::AveragePool{.window = {.kernel = {1, count}}}, {rows}, y, GetParam()),
              expected);
  }
}

TEST_P(EvaluateShift, FunctionsAreThoseOfFloat64) {
  const Quantization x = int16(0x1p-12F);
  const Quantization y = {.dtype = DType::Int32, .scales = {0x1p-30F}, .zero_points = {0}};
  const Codes codes = {-32768, -4096, -1, 0, 1, 3000, 32767};
  Codes expected;
  for (const std::int64_t code : codes) {
    const double real = std::ldexp(static_cast<double>(code), -12);
    const double steps = std::ldexp(std::tanh(real), 30);
    expected.push_back(static_cast<std::int64_t>(
        numeric::round_to_integer(steps, numeric::shift_rounding(GetParam()))));
  }
  EXPECT_EQ(codes_of_op(ir::Tanh{}, {{{7}, codes, x}}, y, GetParam()), expected);
}

TEST_P(EvaluateShift, MovingAndComparingMayChangeScales) {
  const Operand a({2}, {4, -6}, int8(0.5F));
  const Operand b({2}, {3, -16}, int8(0.25F, 1));
  const Quantization y = int8(0.25F, 1);
  EXPECT_THAT(codes_of_op(ir::Concat{.axis = 0}, {a, b}, y, GetParam()),
              ElementsAre(9, -11, 3, -16));
  EXPECT_THAT(codes_of_op(ir::Max{}, {a, b}, y, GetParam()), ElementsAre(9, -11));
  EXPECT_THAT(codes_of_op(ir::Pad{}, {a, integers({1, 0})}, y, GetParam()), ElementsAre(1, 9, -11));
  EXPECT_THAT(codes_of_op(ir::Reshape{}, {a, integers({2, 1})}, int8(0.5F), GetParam()),
              ElementsAre(4, -6));
  const auto index = run_op(ir::ArgMax{.axis = 0}, {{{2}, {4, 3}, per_channel({0.5F, 1}, 0)}},
                            std::nullopt, GetParam());
  ASSERT_TRUE(index) << index.error().text();
  EXPECT_EQ(*index, Tensor::from<std::int64_t>({1}, {1}));
}

TEST_P(EvaluateShift, EachChannelMayHaveItsScale) {
  Quantization x = per_channel({0.5F, 0.125F}, 1);
  x.zero_points = {1, -2};
  Quantization y = per_channel({0.25F, 0.25F}, 1);
  y.zero_points = {0, 7};
  const Codes codes = {5, 6, -3, -9};
  const auto& by = GetParam();
  EXPECT_THAT(codes_of_op(ir::Relu{}, {{{2, 2}, codes, x}}, y, by),
              ElementsAre(8, rounded_quotient(by, 8, 2) + 7, 0, 7));
  EXPECT_THAT(codes_of_op(ir::Identity{}, {{{2, 2}, codes, x}}, y, by),
              ElementsAre(8, rounded_quotient(by, 8, 2) + 7, -8, rounded_quotient(by, -7, 2) + 7));
}

// The scales of a Resize stay float32, its codes go through float64.
TEST_P(EvaluateShift, ResizedCodesAreRoundedOnce) {
  ir::Graph graph;
  const ir::ValueId x = graph.add_input("x", DType::Int8, {1, 1, 1, 2});
  const ir::ValueId roi = graph.add_constant("roi", Tensor(DType::Float32, {0}));
  const ir::ValueId scales = graph.add_constant("scales", Tensor::from<float>({4}, {1, 1, 1, 2}));
  const ir::NodeId node =
      graph.add_node("n", ir::Resize{.mode = ir::ResizeMode::Linear}, {x, roi, scales});
  graph[node].arithmetic = GetParam();
  graph.outputs = graph[node].outputs;
  for (const ir::ValueId id : {x, graph.outputs[0]}) graph[id].quantization = int8(1);
  const sluice::Shape shape{1, 1, 1, 2};
  ASSERT_TRUE(ir::infer_types(graph, {&shape, 1}, runtime::reference::evaluate));
  const auto executor = make_reference_executor(graph);
  ASSERT_TRUE(executor) << executor.error().text();
  const Tensor codes = Tensor::from<std::int8_t>(shape, {0, 10});
  const auto found = (*executor)->run({&codes, 1});
  ASSERT_TRUE(found) << found.error().text();
  EXPECT_THAT(
      numeric::to_integers((*found)[0]),
      ElementsAre(0, rounded_quotient(GetParam(), 10, 4), rounded_quotient(GetParam(), 30, 4), 10));
}

TEST_P(EvaluateShift, RealNumbersBecomeCodesAndBack) {
  const Tensor reals = Tensor::from<float>({4}, {-0.75F, 0.25F, 0.75F, 1000});
  const auto& by = GetParam();
  const auto codes = run_op(ir::Identity{}, {reals}, int8(0.5F, 1), by);
  ASSERT_TRUE(codes) << codes.error().text();
  EXPECT_THAT(numeric::to_integers(*codes),
              ElementsAre(rounded_quotient(by, -3, 2) + 1, rounded_quotient(by, 1, 2) + 1,
                          rounded_quotient(by, 3, 2) + 1, 127));
  const auto back = run_op(ir::Identity{}, {{{2}, {5, -3}, int8(0.5F, 1)}}, std::nullopt, by);
  ASSERT_TRUE(back) << back.error().text();
  EXPECT_EQ(*back, Tensor::from<float>({2}, {2, -2}));
}

TEST_P(EvaluateShift, OtherScalesAreRefused) {
  const Operand odd({1}, {1}, int8(0.3F));
  for (const ir::Op& op : {ir::Op(ir::Relu{}), ir::Op(ir::Reshape{}), ir::Op(ir::Abs{})}) {
    const std::vector<Operand> operands =
        ir::is<ir::Reshape>(op) ? std::vector<Operand>{odd, integers({1, 1})} : std::vector{odd};
    EXPECT_THAT(refusal(op, operands, int8(0.3F), GetParam()),
                HasSubstr("has the scale 0.3, which is no power of two"));
  }
}

}  // namespace
}  // namespace sluice::exact::reference
