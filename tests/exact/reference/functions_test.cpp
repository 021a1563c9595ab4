// SPDX-License-Identifier: Apache-2.0
#include <cmath>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/exact/one_op.hpp"

namespace sluice::exact::reference {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

// The codes of f(every code).
Codes of_all_codes(const ir::Op& op, const Quantization& x, const Quantization& y,
                   Arithmetic arithmetic) {
  return codes_of_op(op, {{{256}, all_codes(x.dtype), x}}, y, arithmetic);
}

double real(std::int64_t code, const Quantization& of) {
  return static_cast<double>(of.scales[0]) * static_cast<double>(code - of.zero_points[0]);
}

// ---- Sigmoid and Tanh

struct Curve {
  ir::Op op;
  double (*function)(double);
  Quantization signed_output, unsigned_output;
};

class Curves : public testing::TestWithParam<Arithmetic> {};

// Nearest to the function in float64, but where that is within float32's reach of a tie.
TEST_P(Curves, AreTheNearestCodes) {
  const std::vector<Curve> curves = {
      {ir::Sigmoid{}, [](double x) { return 1 / (1 + std::exp(-x)); }, int8(0x1p-8F, -128),
       uint8(0x1p-8F)},
      {ir::Tanh{}, [](double x) { return std::tanh(x); }, int8(0x1p-7F), uint8(0x1p-7F, 128)}};
  for (const auto& [op, function, signed_output, unsigned_output] : curves) {
    for (const float scale : {0.001F, 0.017F, 0.05F, 0.3F, 4.0F}) {
      for (const Quantization& x : {int8(scale, -128), int8(scale, 5), int8(scale, 127),
                                    uint8(scale), uint8(scale, 128), uint8(scale, 255)}) {
        const Quantization& y = x.dtype == DType::Int8 ? signed_output : unsigned_output;
        const Codes inputs = all_codes(x.dtype);
        const Codes codes = of_all_codes(op, x, y, GetParam());
        ASSERT_EQ(codes.size(), inputs.size());
        for (std::size_t i = 0; i < codes.size(); ++i) {
          const double steps = function(real(inputs[i], x)) / static_cast<double>(y.scales[0]);
          if (std::abs(steps - std::floor(steps) - 0.5) < 1e-4) continue;
          ASSERT_EQ(codes[i],
                    clamped(half_up(steps) + static_cast<double>(y.zero_points[0]), y.dtype));
        }
      }
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Arithmetics, Curves, testing::ValuesIn(kArithmetics));

// Of 0: 1/2 is the tie 0.5 for an output in halves of 1.
TEST(Sigmoid, TiesGoAwayFromZeroInTfliteAndToTheEvenCodeInXnnpack) {
  const auto half = [](Arithmetic arithmetic, std::int64_t zero_point) {
    return codes_of_op(ir::Sigmoid{}, {{{1}, {0}, int8(1)}}, int8(1, zero_point), arithmetic)[0];
  };
  EXPECT_EQ(half(Arithmetic::TfliteDouble, 0), 1);
  EXPECT_EQ(half(Arithmetic::TfliteDouble, 1), 2);
  EXPECT_EQ(half(Arithmetic::Xnnpack, 0), 0);
  EXPECT_EQ(half(Arithmetic::Xnnpack, 1), 2);
}

TEST(Functions, MixedWithRealValuesAreRefused) {
  const Operand x({1}, {0}, int8(1));
  EXPECT_THAT(refusal(ir::Sigmoid{}, {x}, std::nullopt, Arithmetic::TfliteDouble),
              HasSubstr("mixes quantized and real values"));
  EXPECT_THAT(refusal(ir::Tanh{}, {Tensor::scalar(1.0F)}, int8(1), Arithmetic::Xnnpack),
              HasSubstr("mixes quantized and real values"));
}

// ---- HardSwish

// Its 16 bits are less than one code of the output away from the function.
TEST(HardSwish, IsWithinACodeOfTheFunction) {
  for (const float scale : {0.004F, 0.0235F, 0.06F, 0.3F}) {
    for (const Quantization& x :
         {int8(scale, -128), int8(scale, 7), uint8(scale), uint8(scale, 200)}) {
      for (const float ratio : {0.5F, 1.0F, 1.9F}) {
        Quantization y = x;
        y.scales[0] = scale / ratio;
        y.zero_points[0] = x.dtype == DType::Int8 ? -20 : 108;
        const Codes inputs = all_codes(x.dtype);
        const Codes codes = of_all_codes(ir::HardSwish{}, x, y, Arithmetic::TfliteDouble);
        for (std::size_t i = 0; i < codes.size(); ++i) {
          const double at = real(inputs[i], x);
          const double value = at * std::clamp(at / 6 + 0.5, 0.0, 1.0);
          const double code =
              value / static_cast<double>(y.scales[0]) + static_cast<double>(y.zero_points[0]);
          ASSERT_NEAR(static_cast<double>(codes[i]),
                      static_cast<double>(clamped(half_up(code), y.dtype)), 1)
              << scale << " " << ratio << " " << inputs[i];
        }
      }
    }
  }
}

TEST(HardSwish, IsZeroFromMinusThreeDownAndTheInputFromThreeUp) {
  EXPECT_THAT(codes_of_op(ir::HardSwish{}, {{{5}, {-128, -48, 0, 48, 127}, int8(0x1p-4F)}},
                          int8(0x1p-4F), Arithmetic::Xnnpack),
              ElementsAre(0, 0, 0, 48, 127));
}

TEST(HardSwish, AnInputFarCoarserThanTheOutputIsRefused) {
  EXPECT_THAT(refusal(ir::HardSwish{}, {{{1}, {0}, int8(1)}}, int8(0x1p-7F), Arithmetic::Xnnpack),
              HasSubstr("one step of its input, 1, is more than 128 of its output"));
}

// ---- LeakyRelu

// Halves of the input's steps above, quarters below: in TFLite rounded twice, in XNNPACK as
// multiples of 2^−8.
TEST(LeakyRelu, TiesOfEveryArithmetic) {
  const Codes inputs = all_codes(DType::Int8);
  for (const Arithmetic arithmetic :
       {Arithmetic::TfliteDouble, Arithmetic::TfliteSingle, Arithmetic::Xnnpack}) {
    const Codes codes = of_all_codes(ir::LeakyRelu{0.5F}, int8(1, 1), int8(2, -3), arithmetic);
    const auto same = arithmetic == Arithmetic::Xnnpack ? Arithmetic::TfliteSingle : arithmetic;
    for (std::size_t i = 0; i < codes.size(); ++i) {
      const auto x = static_cast<double>(inputs[i] - 1);
      EXPECT_EQ(codes[i], clamped(scaled_by_power(same, x, x < 0 ? 2 : 1, -3), DType::Int8)) << x;
    }
  }
}

// 0.3 is 77/256 in XNNPACK: −5·0.3 = −1.5 is −385/256.
TEST(LeakyRelu, XnnpackRoundsTheSlope) {
  const auto code = [](Arithmetic arithmetic, float alpha, std::int64_t x) {
    return codes_of_op(ir::LeakyRelu{alpha}, {{{1}, {x}, int8(1)}}, int8(1), arithmetic)[0];
  };
  EXPECT_EQ(code(Arithmetic::Xnnpack, 0.3F, -5), -2);
  EXPECT_EQ(code(Arithmetic::Xnnpack, 0.3F, -85), -26);          // −25.57
  EXPECT_EQ(code(Arithmetic::TfliteDouble, 0.3F, -85), -26);     // −25.5
  EXPECT_EQ(code(Arithmetic::Xnnpack, 0.1F, -125), -13);         // 26/256: −12.70
  EXPECT_EQ(code(Arithmetic::TfliteDouble, 0.101F, -123), -12);  // −12.42
  EXPECT_EQ(code(Arithmetic::Xnnpack, 0.101F, -123), -12);
}

// A slope below 2^−8 is none of XNNPACK's, which would make it 0 or 2^−8.
TEST(LeakyRelu, WhatXnnpackDoesNotTakeIsComputedAsTfliteDoes) {
  const Codes inputs = all_codes(DType::Int8);
  const std::vector<std::pair<float, float>> ratios_and_slopes = {
      {1, 0.0038F}, {1, 0.002F}, {0x1p-9F, 1}, {0x1.01p7F, 0.5F}, {0.37F, 0.01F}};
  for (const auto& [ratio, slope] : ratios_and_slopes) {
    const ir::LeakyRelu op{slope};
    EXPECT_EQ(of_all_codes(op, int8(ratio, 3), int8(1, -9), Arithmetic::Xnnpack),
              of_all_codes(op, int8(ratio, 3), int8(1, -9), Arithmetic::TfliteDouble))
        << ratio << " " << slope;
  }
}

TEST(LeakyRelu, ANegativeSlopeIsRefused) {
  EXPECT_THAT(refusal(ir::LeakyRelu{-0.5F}, {{{1}, {0}, int8(1)}}, int8(1), Arithmetic::Xnnpack),
              HasSubstr("has a negative slope, -0.5"));
}

}  // namespace
}  // namespace sluice::exact::reference
