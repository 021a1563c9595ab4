// SPDX-License-Identifier: Apache-2.0
#include "sluice/exact/reference/linear.hpp"

#include <array>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <random>

#include "tests/exact/one_op.hpp"

namespace sluice::exact::reference {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

Codes random_codes(std::int64_t count, DType dtype, unsigned seed) {
  std::mt19937 random(seed);
  Codes codes(static_cast<std::size_t>(count));
  for (std::int64_t& code : codes) {
    code = numeric::codes_of(dtype).lowest + static_cast<std::int64_t>(random() % 256);
  }
  return codes;
}

// A bias: int32 with a scale.
Operand bias(const Codes& numbers, const std::vector<float>& scales) {
  Quantization of = per_channel(scales, 0);
  of.dtype = DType::Int32;
  return {{static_cast<std::int64_t>(numbers.size())}, numbers, of};
}

class Linear : public testing::TestWithParam<Arithmetic> {};
INSTANTIATE_TEST_SUITE_P(Arithmetics, Linear, testing::ValuesIn(kArithmetics));

// ---- convolutions over images of 2·group channels, 6 x 7, padded with 1

constexpr std::int64_t kImageHeight = 6;
constexpr std::int64_t kImageWidth = 7;
constexpr std::int64_t kKernel = 3;
constexpr std::int64_t kPad = 1;

struct ConvCase {
  std::int64_t stride = 1;
  std::int64_t dilation = 1;
  std::int64_t group = 1;
  Quantization x, w, y;
};

// Sums over taps inside the image, in integers.
struct ConvSums {
  const ConvCase& c;
  Codes x, w, b;
  std::int64_t in_channels, out_channels;

  [[nodiscard]] std::int64_t size_of(std::int64_t input) const {
    return (input + 2 * kPad - c.dilation * (kKernel - 1) - 1) / c.stride + 1;
  }
  [[nodiscard]] std::int64_t at(std::int64_t m, std::int64_t row, std::int64_t column) const {
    const std::int64_t of_group = in_channels / c.group;
    const std::int64_t first = m / (out_channels / c.group) * of_group;
    std::int64_t sum = b[static_cast<std::size_t>(m)];
    for (std::int64_t tap = 0; tap < of_group * kKernel * kKernel; ++tap) {
      const std::int64_t channel = tap / (kKernel * kKernel);
      const std::int64_t y = row * c.stride - kPad + tap / kKernel % kKernel * c.dilation;
      const std::int64_t z = column * c.stride - kPad + tap % kKernel * c.dilation;
      if (y < 0 || y >= kImageHeight || z < 0 || z >= kImageWidth) continue;
      const auto from =
          static_cast<std::size_t>(((first + channel) * kImageHeight + y) * kImageWidth + z);
      const auto by = static_cast<std::size_t>(m * of_group * kKernel * kKernel + tap);
      sum += (x[from] - c.x.zero_points[0]) * (w[by] - c.w.zero_points[0]);
    }
    return sum;
  }
};

// `shift(m)`: output channel m's factor is 2^−shift.
template <class Shift>
void expect_conv(const ConvCase& c, Arithmetic arithmetic, Shift shift) {
  const std::int64_t in_channels = 2 * c.group;
  const std::int64_t out_channels = 4;
  const std::int64_t of_group = in_channels / c.group;
  const ConvSums sums{c,
                      random_codes(in_channels * kImageHeight * kImageWidth, c.x.dtype, 1),
                      random_codes(out_channels * of_group * kKernel * kKernel, c.w.dtype, 2),
                      {-5000, 7, 12'345, -1},
                      in_channels,
                      out_channels};
  const ir::Conv op{.window = {.strides = {c.stride, c.stride},
                               .dilations = {c.dilation, c.dilation},
                               .pads = {kPad, kPad, kPad, kPad}},
                    .group = c.group};
  const Codes codes = codes_of_op(op,
                                  {{{1, in_channels, kImageHeight, kImageWidth}, sums.x, c.x},
                                   {{out_channels, of_group, kKernel, kKernel}, sums.w, c.w},
                                   bias(sums.b, c.w.scales)},
                                  c.y, arithmetic);
  const std::int64_t rows = sums.size_of(kImageHeight);
  const std::int64_t columns = sums.size_of(kImageWidth);
  ASSERT_EQ(codes.size(), static_cast<std::size_t>(out_channels * rows * columns));
  for (std::size_t i = 0; i < codes.size(); ++i) {
    const auto at = static_cast<std::int64_t>(i);
    const std::int64_t m = at / (rows * columns);
    const auto sum = static_cast<double>(sums.at(m, at / columns % rows, at % columns));
    const auto zero_point = static_cast<double>(c.y.zero_points[0]);
    ASSERT_EQ(codes[i], clamped(scaled_by_power(arithmetic, sum, shift(m), zero_point), c.y.dtype))
        << "element " << i << ", accumulator " << sum;
  }
}

TEST_P(Linear, ConvolutionsOfInt8) {
  for (const std::int64_t stride : {1, 2}) {
    for (const std::int64_t dilation : {1, 2}) {
      for (const std::int64_t group : {1, 2, 4}) {
        expect_conv({stride, dilation, group, int8(0.75F, -128), int8(0x1p-6F), int8(3, 5)},
                    GetParam(), [](std::int64_t) { return 8; });
      }
    }
  }
}

TEST_P(Linear, ConvolutionsWithAScaleAChannel) {
  constexpr std::array kShifts{8, 11, 7, 14};
  expect_conv(
      {2, 1, 2, int8(1, 127), per_channel({0x1p-6F, 0x1p-9F, 0x1p-5F, 0x1p-12F}, 0), int8(4, -128)},
      GetParam(), [&](std::int64_t m) { return kShifts.at(static_cast<std::size_t>(m)); });
}

TEST_P(Linear, ConvolutionsOfUint8HaveZeroPointsOfWeights) {
  expect_conv({1, 1, 1, uint8(0.75F, 255), uint8(0x1p-6F, 100), uint8(3, 128)}, GetParam(),
              [](std::int64_t) { return 8; });
}

// ---- transposed convolutions and matrix products, small enough to write down

TEST_P(Linear, TransposedConvolutions) {
  const ir::ConvTranspose op{.window = {.strides = {2}, .pads = {1, 0}}};
  // x − z = 1, −2, 3; each times (4, −5, 6) two apart, the first position cut off.
  const Operand x({1, 1, 3}, {4, 1, 6}, int8(1, 3));
  const Operand w({1, 2, 3}, {4, -5, 6, 1, 0, 0}, per_channel({0.5F, 0.25F}, 1));
  const Codes y = codes_of_op(op, {x, w, bias({1, 2}, {0.5F, 0.25F})}, int8(1), GetParam());
  const std::vector<double> sums = {-4, -1, 11, 1, -14, 19, 2, 0, 2, 5, 2, 2};
  ASSERT_EQ(y.size(), sums.size());
  for (std::size_t i = 0; i < y.size(); ++i) {
    EXPECT_EQ(y[i], scaled_by_power(GetParam(), sums[i], i < 6 ? 1 : 2, 0)) << i;
  }
}

TEST_P(Linear, MatrixProducts) {
  const Operand a({2, 2}, {1, 2, -3, 4}, int8(1));
  const Operand b({2, 2}, {5, 6, -7, 8}, per_channel({0.5F, 0.125F}, 1));
  const Operand transposed({2, 2}, {5, -7, 6, 8}, per_channel({0.5F, 0.125F}, 0));
  const Codes expected = {clamped(scaled_by_power(GetParam(), -9, 1, 1), DType::Int8),
                          clamped(scaled_by_power(GetParam(), 22, 3, 1), DType::Int8),
                          clamped(scaled_by_power(GetParam(), -43, 1, 1), DType::Int8),
                          clamped(scaled_by_power(GetParam(), 14, 3, 1), DType::Int8)};
  EXPECT_EQ(codes_of_op(ir::Gemm{}, {a, b}, int8(1, 1), GetParam()), expected);
  EXPECT_EQ(codes_of_op(ir::Gemm{.trans_b = true}, {a, transposed}, int8(1, 1), GetParam()),
            expected);
  EXPECT_EQ(codes_of_op(ir::MatMul{}, {a, b}, int8(1, 1), GetParam()), expected);
}

TEST_P(Linear, ProductsOfVectorsAndStacks) {
  const Operand v({2}, {3, -4}, int8(1));
  EXPECT_THAT(codes_of_op(ir::MatMul{}, {v, v}, int8(1), GetParam()), ElementsAre(25));
  const Operand stack({2, 1, 2}, {1, 2, 3, 4}, int8(1));
  EXPECT_THAT(
      codes_of_op(ir::MatMul{}, {stack, Operand({2, 1}, {5, -6}, int8(1))}, int8(1), GetParam()),
      ElementsAre(-7, -9));
}

// ---- scales that are no powers of two

// TFLite's float32 product of uint8's scales is a little larger than the exact one, so that 1.5 of
// it rounds to 2 where the exact one is below.
TEST(LinearUint8, TfliteMultipliesScalesInFloat32) {
  constexpr float kInput = 0x1.000002p0F;
  constexpr float kWeight = 0x1.fffffep-1F;  // the product is 1 + 2^−24 − 2^−46: 1 in float32
  const auto code = [](const Quantization& x, const Quantization& w, const Quantization& y) {
    return codes_of_op(ir::Gemm{}, {{{1, 1}, {3}, x}, {{1, 1}, {1}, w}}, y,
                       Arithmetic::TfliteDouble)[0];
  };
  EXPECT_EQ(code(uint8(kInput), uint8(kWeight), uint8(2)), 2);
  EXPECT_EQ(code(int8(kInput), int8(kWeight), int8(2)), 2);
}

// ---- refusals

TEST(LinearRefusals, AccumulatorsBeyond32Bits) {
  const std::vector<Operand> operands{
      {{1, 2}, {127, 127}, int8(1)}, {{2, 1}, {127, 127}, int8(1)}, bias({INT32_MAX}, {1})};
  EXPECT_THAT(refusal(ir::Gemm{}, operands, int8(1), Arithmetic::TfliteDouble),
              HasSubstr("its accumulator reaches 2147515905, which 32 bits do not hold"));
}

TEST(LinearRefusals, ScalesAlongAnotherDimension) {
  const Operand image({1, 2, 3}, Codes(6, 0), int8(1));
  const Operand along_inputs({2, 2, 1}, Codes(4, 0), per_channel({1, 2}, 1));
  const Operand along_outputs({2, 2, 1}, Codes(4, 0), per_channel({1, 2}, 0));
  const auto message = HasSubstr("its weights have a scale for each index of dimension");
  EXPECT_THAT(refusal(ir::Conv{}, {image, along_inputs}, int8(1), Arithmetic::Xnnpack), message);
  EXPECT_THAT(refusal(ir::ConvTranspose{}, {image, along_outputs}, int8(1), Arithmetic::Xnnpack),
              message);
  const Operand rows({1, 2}, {0, 0}, int8(1));
  const Operand weights({2, 2}, Codes(4, 0), per_channel({1, 2}, 0));
  EXPECT_THAT(refusal(ir::Gemm{}, {rows, weights}, int8(1), Arithmetic::Xnnpack), message);
  EXPECT_THAT(refusal(ir::MatMul{}, {rows, weights}, int8(1), Arithmetic::Xnnpack), message);
  EXPECT_THAT(refusal(ir::MatMul{}, {rows, {{2}, {0, 0}, per_channel({1, 2}, 0)}}, int8(1),
                      Arithmetic::Xnnpack),
              HasSubstr("has one scale a channel where one for the tensor is needed"));
}

// Where sums of integers are not the real ones, ONNX's arithmetics compute on real numbers.
TEST(LinearOnnx, MixesOnRealNumbers) {
  const Operand rows({1, 2}, {2, 4}, int8(0.5F));
  const Operand weights({2, 2}, {1, 2, 3, 4}, int8(0.25F));
  const Operand reals(Tensor::from<float>({2, 2}, {1, 2, 3, 4}));
  const auto y = [](const ir::Op& op, const std::vector<Operand>& operands) {
    return codes_of_op(op, operands, int8(0.25F), Arithmetic::Onnx);
  };
  EXPECT_THAT(y(ir::Gemm{}, {rows, reals}), ElementsAre(28, 40));
  EXPECT_THAT(y(ir::Gemm{}, {rows, weights, Tensor::from<float>({2}, {1, 0.26F})}),
              ElementsAre(11, 11));
  EXPECT_THAT(y(ir::Gemm{.alpha = 2}, {rows, weights}), ElementsAre(14, 20));
  const Operand along_inputs({2, 2}, {1, 2, 3, 4}, per_channel({0.25F, 0.5F}, 0));
  EXPECT_THAT(y(ir::MatMul{}, {rows, along_inputs}), ElementsAre(13, 18));
}

TEST(LinearReals, AreTheAccumulatorsTimesTheirScale) {
  const Operand rows({1, 2}, {2, 4}, int8(0.5F, 1));
  const Operand weights({2, 2}, {1, 2, 3, 4}, per_channel({0.25F, 0.5F}, 1));
  for (const Arithmetic arithmetic : kArithmetics) {
    const auto y = run_op(ir::Gemm{}, {rows, weights}, std::nullopt, arithmetic);
    ASSERT_TRUE(y) << y.error().text();
    EXPECT_THAT(numeric::to_doubles(*y), ElementsAre(1.25, 3.5));
  }
}

TEST(LinearRefusals, MixedFactorsAndGroups) {
  const Operand rows({1, 2}, {0, 0}, int8(1));
  const Operand weights({2, 1}, {0, 0}, int8(1));
  const Operand reals(Tensor::from<float>({2, 1}, {0, 0}));
  const auto mixed = HasSubstr("mixes quantized and real values");
  EXPECT_THAT(refusal(ir::Gemm{}, {rows, reals}, int8(1), Arithmetic::Xnnpack), mixed);
  EXPECT_THAT(refusal(ir::Gemm{}, {Tensor::from<float>({1, 2}, {0, 0}), weights}, int8(1),
                      Arithmetic::Xnnpack),
              mixed);
  EXPECT_THAT(refusal(ir::Gemm{}, {rows, weights, Tensor::from<float>({1}, {0})}, int8(1),
                      Arithmetic::Xnnpack),
              mixed);
  EXPECT_THAT(refusal(ir::Gemm{.alpha = 2}, {rows, weights}, int8(1), Arithmetic::Xnnpack),
              HasSubstr("has a factor alpha or beta other than 1"));
  EXPECT_THAT(refusal(ir::ConvTranspose{.group = 2},
                      {{{1, 2, 3}, Codes(6, 0), int8(1)}, {{2, 1, 1}, {0, 0}, int8(1)}}, int8(1),
                      Arithmetic::TfliteDouble),
              HasSubstr("is transposed and has groups"));
  EXPECT_THAT(refusal(ir::Gemm{}, {{{1, 2}, {0, 0}, int8(0x1p20F)}, weights}, int8(0x1p-20F),
                      Arithmetic::TfliteDouble),
              HasSubstr("2^30 is the most there is room for"));
}

TEST(LinearAccumulators, AreTheSumsWithTheBiasBeforeTheyAreRequantized) {
  // (code − 1)·weight summed over two inputs, and 7.
  const Quantization x = int8(1, 1);
  ir::Graph graph;
  const ir::ValueId in = graph.add_input("x", DType::Int8, {1, 2});
  graph[in].quantization = x;
  const auto constant = [&](const Operand& operand) {
    const ir::ValueId id = graph.add_constant("c", operand.tensor);
    graph[id].quantization = operand.quantization;
    return id;
  };
  const ir::ValueId w = constant({{1, 2}, {127, -3}, int8(1)});
  const ir::ValueId b = constant(bias({7}, {1}));
  graph.add_node("n", ir::Gemm{.trans_b = true}, {in, w, b});
  graph.outputs = graph.nodes[0].outputs;
  graph[graph.outputs[0]].quantization = int8(1);
  const std::vector<sluice::Shape> shapes{{1, 2}};
  ASSERT_TRUE(ir::infer_types(graph, shapes, runtime::reference::evaluate));
  const Tensor codes = Tensor::from<std::int8_t>({1, 2}, {-127, 101});
  const std::vector<const Tensor*> inputs{&codes, &*graph[w].constant, &*graph[b].constant};
  const NodeView node(graph, graph.nodes[0], inputs, Arithmetic::TfliteDouble);
  const auto sums = accumulators_of(node);
  ASSERT_TRUE(sums) << sums.error().text();
  EXPECT_THAT(*sums, ElementsAre(-128 * 127 - 300 + 7));
  EXPECT_EQ(requantizer_axis(node), 1U);
}

}  // namespace
}  // namespace sluice::exact::reference
