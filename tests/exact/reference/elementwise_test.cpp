// SPDX-License-Identifier: Apache-2.0
#include <cmath>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/exact/one_op.hpp"

namespace sluice::exact::reference {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

// f(a, b) of every pair of some codes that hold the ends, in rows of equal a.
struct Pairs {
  Quantization a, b;
  [[nodiscard]] static Codes sample(DType dtype) {
    const std::int64_t lowest = numeric::codes_of(dtype).lowest;
    Codes codes;
    for (std::int64_t code = 0; code < 256; code += 3) codes.push_back(lowest + code);
    return codes;
  }
  // Operands that broadcast against each other; with `repeated` the second one to the first.
  [[nodiscard]] std::vector<Operand> operands(bool repeated = false) const {
    const Codes of_a = sample(a.dtype);
    const Codes of_b = sample(b.dtype);
    const auto count = static_cast<std::int64_t>(of_a.size());
    if (repeated) {
      Codes rows;
      rows.reserve(of_a.size() * of_a.size());
      for (const std::int64_t code : of_a) rows.insert(rows.end(), of_b.size(), code);
      return {Operand({count, count}, rows, a), Operand({1, count}, of_b, b)};
    }
    return {Operand({count, 1}, of_a, a), Operand({1, count}, of_b, b)};
  }
};

class Elementwise : public testing::TestWithParam<Arithmetic> {
 protected:
  // `expected(a − z_a, b − z_b)` is the code before the clamp.
  template <class Expected>
  static void expect_all(const ir::Op& op, const Pairs& pairs, const Quantization& y,
                         Expected expected) {
    const auto operands = pairs.operands();
    const Codes codes = codes_of_op(op, operands, y, GetParam());
    const Codes a = numeric::to_integers(operands[0].tensor);
    const Codes b = numeric::to_integers(operands[1].tensor);
    ASSERT_EQ(codes.size(), a.size() * b.size());
    for (std::size_t i = 0; i < codes.size(); ++i) {
      const auto of_a = static_cast<double>(a[i / b.size()] - pairs.a.zero_points[0]);
      const auto of_b = static_cast<double>(b[i % b.size()] - pairs.b.zero_points[0]);
      ASSERT_EQ(codes[i], clamped(expected(of_a, of_b), y.dtype)) << of_a << ", " << of_b;
    }
  }
};
INSTANTIATE_TEST_SUITE_P(Arithmetics, Elementwise, testing::ValuesIn(kArithmetics));

// How a sum that has one more bit than the output is rounded.
double rounded_sum(Arithmetic arithmetic, double sum) {
  switch (arithmetic) {
    case Arithmetic::TfliteDouble:
    case Arithmetic::TfliteFloat64:
      return half_away(sum);
    case Arithmetic::TfliteSingle:
    case Arithmetic::Xnnpack:
      return half_up(sum);
    default:
      return half_even(sum);
  }
}

// ONNX Runtime's own kernels add the zero point to what is rounded.
double code_of_sum(Arithmetic arithmetic, double sum, double zero_point) {
  if (arithmetic == Arithmetic::OnnxRuntime) return half_even(sum + zero_point);
  return rounded_sum(arithmetic, sum) + zero_point;
}

TEST_P(Elementwise, SumsAndDifferencesTie) {
  const Pairs pairs{int8(1, -128), int8(1, 127)};
  expect_all(ir::Add{}, pairs, int8(2, 3),
             [](double a, double b) { return code_of_sum(GetParam(), (a + b) / 2, 3); });
  expect_all(ir::Sub{}, pairs, int8(2, 3),
             [](double a, double b) { return rounded_sum(GetParam(), (a - b) / 2) + 3; });
}

// Powers of two apart: every arithmetic holds all of the smaller operand's bits.
TEST_P(Elementwise, SumsOfDifferentScales) {
  const Pairs pairs{uint8(0.25F, 255), uint8(4, 0)};
  expect_all(ir::Add{}, pairs, uint8(1, 17),
             [](double a, double b) { return code_of_sum(GetParam(), a / 4 + b * 4, 17); });
  expect_all(ir::Sub{}, pairs, uint8(1, 200),
             [](double a, double b) { return rounded_sum(GetParam(), a / 4 - b * 4) + 200; });
}

TEST_P(Elementwise, ProductsTie) {
  const Pairs pairs{int8(0.5F, 5), int8(0x1p-5F, -128)};
  expect_all(ir::Mul{}, pairs, int8(2, -7), [](double a, double b) {
    if (GetParam() == Arithmetic::Onnx) return half_even(a * b / 128) - 7;
    if (GetParam() == Arithmetic::OnnxRuntime) return half_even(a * b / 128 - 7);
    return scaled_by_power(GetParam(), a * b, 7, -7);
  });
}

// Scales that no arithmetic holds exactly: the nearest code wherever that is clear. Of two
// roundings the first is to 1/64 of a code.
TEST_P(Elementwise, AreTheNearestCodesOfRealResults) {
  const Pairs pairs{int8(0.0173F, -31), int8(0.0391F, 64)};
  const auto y = int8(0.0527F, 2);
  const double scale = static_cast<double>(y.scales[0]);
  const auto check = [&](const ir::Op& op, double margin, auto function) {
    const Codes codes = codes_of_op(op, pairs.operands(ir::is<ir::PRelu>(op)), y, GetParam());
    const Codes sample = Pairs::sample(DType::Int8);
    ASSERT_EQ(codes.size(), sample.size() * sample.size());
    for (std::size_t i = 0; i < codes.size(); ++i) {
      const auto a = static_cast<double>(sample[i / sample.size()] + 31);
      const auto b = static_cast<double>(sample[i % sample.size()] - 64);
      const double code = function(0.0173 * a, 0.0391 * b) / scale + 2;
      if (std::abs(code - std::floor(code) - 0.5) < margin) continue;
      ASSERT_EQ(codes[i], clamped(half_up(code), DType::Int8)) << a << ", " << b;
    }
  };
  check(ir::Add{}, 0.01, [](double a, double b) { return a + b; });
  check(ir::Sub{}, 0.01, [](double a, double b) { return a - b; });
  check(ir::Mul{}, 0.01, [](double a, double b) { return a * b; });
  check(ir::PRelu{}, 0.26, [](double a, double b) { return a < 0 ? a * b : a; });
}

TEST_P(Elementwise, BroadcastEitherWay) {
  const auto q = int8(1);
  const std::vector<Operand> operands{{{3}, {1, 2, 3}, q}, {{2, 1}, {10, 20}, q}};
  EXPECT_THAT(codes_of_op(ir::Add{}, operands, q, GetParam()), ElementsAre(11, 12, 13, 21, 22, 23));
  EXPECT_THAT(codes_of_op(ir::Sub{}, operands, q, GetParam()),
              ElementsAre(-9, -8, -7, -19, -18, -17));
  EXPECT_THAT(codes_of_op(ir::Mul{}, operands, q, GetParam()), ElementsAre(10, 20, 30, 20, 40, 60));
}

// ±1·1/2: away from zero by two roundings is up for −1/2, whose first rounding made it 0.
TEST(PRelu, OnlyNegativeInputsTakeTheSlope) {
  const std::vector<Operand> operands{{{1, 5}, {-3, -1, 0, 1, 4}, int8(1)}, {{1}, {1}, int8(0.5F)}};
  EXPECT_THAT(codes_of_op(ir::PRelu{}, operands, int8(1), Arithmetic::TfliteDouble),
              ElementsAre(-1, 0, 0, 1, 4));
  EXPECT_THAT(codes_of_op(ir::PRelu{}, operands, int8(1), Arithmetic::Onnx),
              ElementsAre(-2, 0, 0, 1, 4));
}

// One operand's steps are too fine for XNNPACK: its 21 bits would be cut.
TEST(Add, WhatXnnpackDoesNotTakeIsComputedAsTfliteDoes) {
  for (const float scale : {0x1p-11F, 0x1.3p-13F}) {
    const auto operands = Pairs{int8(scale, 1), int8(0.37F, -9)}.operands();
    for (const ir::Op& op : std::vector<ir::Op>{ir::Add{}, ir::Sub{}}) {
      EXPECT_EQ(codes_of_op(op, operands, int8(1, 5), Arithmetic::Xnnpack),
                codes_of_op(op, operands, int8(1, 5), Arithmetic::TfliteDouble));
    }
  }
}

TEST(Elementwise, ScalesOutOfProportionAreRefused) {
  const Operand one({1}, {0}, int8(1));
  for (const Arithmetic arithmetic : {Arithmetic::TfliteDouble, Arithmetic::Xnnpack}) {
    for (const float output : {0x1p-8F, 0x1.000002p18F}) {
      EXPECT_THAT(refusal(ir::Add{}, {one, one}, int8(output), arithmetic),
                  HasSubstr("one code of an input may be 2^-18 to 256 codes of the output"));
    }
    EXPECT_EQ(refusal(ir::Add{}, {one, one}, int8(0x1.02p-8F), arithmetic), "");
    EXPECT_EQ(refusal(ir::Sub{}, {one, one}, int8(0x1p18F), arithmetic), "");
  }
  EXPECT_THAT(refusal(ir::Mul{}, {{{1}, {0}, int8(0x1p20F)}, one}, int8(0x1p-20F),
                      Arithmetic::TfliteDouble),
              HasSubstr("2^30 is the most there is room for"));
}

TEST(Elementwise, MixedAndPerChannelOperandsAreRefused) {
  const Operand codes({1, 2}, {0, 0}, int8(1));
  const Operand channels({1, 2}, {0, 0}, per_channel({1, 2}, 1));
  const Operand reals(Tensor::from<float>({1, 2}, {0, 0}));
  for (const ir::Op& op : std::vector<ir::Op>{ir::Add{}, ir::Mul{}, ir::PRelu{}}) {
    EXPECT_THAT(refusal(op, {codes, reals}, int8(1), Arithmetic::TfliteDouble),
                HasSubstr("mixes quantized and real values"));
    EXPECT_THAT(refusal(op, {codes, channels}, int8(1), Arithmetic::TfliteDouble),
                HasSubstr("has one scale a channel"));
    EXPECT_THAT(refusal(op, {codes, codes}, std::nullopt, Arithmetic::TfliteDouble),
                HasSubstr("mixes quantized and real values"));
  }
}

// What ONNX Runtime 1.31 gives; on real numbers each would be rounded the other way.
TEST(ElementwiseOnnxRuntime, SumsAndProductsAreThoseOfItsOwnKernels) {
  const Shape six{6};
  EXPECT_THAT(codes_of_op(ir::Add{},
                          {{six, {-128, -128, -128, -128, -128, -128}, int8(0.11F, 12)},
                           {six, {75, 79, 87, 91, 95, 103}, int8(0.19F, 17)}},
                          int8(0.04F, -11), Arithmetic::OnnxRuntime),
              ElementsAre(-120, -102, -64, -44, -26, 12));
  EXPECT_THAT(codes_of_op(ir::Mul{},
                          {{six, {-118, -118, -83, -83, -83, -83}, int8(0.09F, -8)},
                           {six, {0, 10, -1, 3, 7, 11}, int8(0.17F, 5)}},
                          int8(0.09F, 1), Arithmetic::OnnxRuntime),
              ElementsAre(94, -92, 78, 26, -24, -76));
}

}  // namespace
}  // namespace sluice::exact::reference
