// SPDX-License-Identifier: Apache-2.0
#include <cmath>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <limits>

#include "tests/exact/one_op.hpp"

namespace sluice::exact::reference {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

class Rescale : public testing::TestWithParam<Arithmetic> {};
INSTANTIATE_TEST_SUITE_P(Arithmetics, Rescale, testing::ValuesIn(kArithmetics));

// ---- real numbers and codes

TEST_P(Rescale, QuantizingTies) {
  const Operand x(Tensor::from<float>({6}, {0.25F, 0.75F, -0.25F, -0.75F, 1000, -1000}));
  const bool is_tflite = numeric::is_tflite(GetParam());
  EXPECT_THAT(
      codes_of_op(ir::Identity{}, {x}, int8(0.5F, 1), GetParam()),
      is_tflite ? ElementsAre(2, 3, 0, -1, 127, -128) : ElementsAre(1, 3, 1, -1, 127, -128));
}

TEST_P(Rescale, DequantizingIsExact) {
  const auto y =
      run_op(ir::Identity{}, {{{3}, {0, 128, 255}, uint8(0.1F, 128)}}, std::nullopt, GetParam());
  ASSERT_TRUE(y) << y.error().text();
  EXPECT_EQ(*y, Tensor::from<float>({3}, {-128 * 0.1F, 0, 127 * 0.1F}));
}

// ---- codes of one grid to another

// TFLite as its layers; XNNPACK in steps of 2^−8, halves up; ONNX on the real numbers.
double rescaled(Arithmetic arithmetic, double centred, int shift) {
  switch (arithmetic) {
    case Arithmetic::Xnnpack:
      return half_up(std::ldexp(centred, -shift));
    case Arithmetic::Onnx:
      return half_even(std::ldexp(centred, -shift));
    default:
      return scaled_by_power(arithmetic, centred, shift, 0);
  }
}

TEST_P(Rescale, PowersOfTwoTie) {
  for (const auto& [x, y] :
       {std::pair{int8(1, -128), int8(4, 100)}, std::pair{int8(0.5F, 127), int8(2, -128)},
        std::pair{uint8(1, 128), uint8(4, 255)}, std::pair{uint8(1), uint8(4, 3)}}) {
    const Codes inputs = all_codes(x.dtype);
    const Codes codes = codes_of_op(ir::Identity{}, {{{256}, inputs, x}}, y, GetParam());
    for (std::size_t i = 0; i < codes.size(); ++i) {
      const double code =
          rescaled(GetParam(), static_cast<double>(inputs[i] - x.zero_points[0]), 2);
      EXPECT_EQ(codes[i], clamped(code + static_cast<double>(y.zero_points[0]), y.dtype));
    }
  }
}

TEST_P(Rescale, AnotherTypeOfTheSameGridKeepsAllCodes) {
  const Codes inputs = all_codes(DType::Int8);
  const Codes codes =
      codes_of_op(ir::Identity{}, {{{256}, inputs, int8(0.3F, -128)}}, uint8(0.3F), GetParam());
  EXPECT_EQ(codes, all_codes(DType::UInt8));
}

// Quarters between the types: the half of −3 is −1 and −1's half up 0, where one rounding and two
// away from zero make −1.
TEST(RescaleXnnpack, BetweenTheTypesRoundsTwiceHalvesUp) {
  const auto codes = [](const Codes& x, Arithmetic arithmetic) {
    return codes_of_op(ir::Identity{}, {{{4}, x, int8(1)}}, uint8(4, 128), arithmetic);
  };
  EXPECT_THAT(codes({-3, -2, 1, 2}, Arithmetic::Xnnpack), ElementsAre(128, 128, 129, 129));
  EXPECT_THAT(codes({-3, -2, 1, 2}, Arithmetic::TfliteDouble), ElementsAre(127, 127, 129, 129));
  EXPECT_THAT(codes({-3, -2, 1, 2}, Arithmetic::TfliteSingle), ElementsAre(127, 128, 128, 129));
}

// 0.37 is 95/256 in XNNPACK; beyond 2^−8 to 2^7 it does not take a factor.
TEST(RescaleXnnpack, RoundsTheFactor) {
  const auto code = [](float factor, std::int64_t x, Arithmetic arithmetic) {
    return codes_of_op(ir::Identity{}, {{{1}, {x}, int8(factor)}}, int8(1), arithmetic)[0];
  };
  EXPECT_EQ(code(0.37F, 124, Arithmetic::Xnnpack), 46);         // 46.02
  EXPECT_EQ(code(0.3708F, 120, Arithmetic::Xnnpack), 45);       // 44.53
  EXPECT_EQ(code(0.3708F, 120, Arithmetic::TfliteSingle), 44);  // 44.496
  EXPECT_EQ(code(0x1.8p-9F, -128, Arithmetic::Xnnpack), 0);     // −0.375; 1/256 would make −0.5
  EXPECT_EQ(code(0x1.8p-9F, 127, Arithmetic::Xnnpack), 0);
}

// ---- between two bounds

struct Bounds {
  float low, high;
};

Codes clipped(const Bounds& bounds, const Operand& x, const Quantization& y,
              Arithmetic arithmetic) {
  return codes_of_op(ir::Clip{}, {x, Tensor::scalar(bounds.low), Tensor::scalar(bounds.high)}, y,
                     arithmetic);
}

TEST_P(Rescale, OnOneGridActivationsOnlyClamp) {
  const Codes inputs = all_codes(DType::Int8);
  const Operand x({256}, inputs, int8(0.1F, -20));
  const Codes relu = codes_of_op(ir::Relu{}, {x}, int8(0.1F, -20), GetParam());
  const Codes relu6 = clipped({0, 6}, x, int8(0.1F, -20), GetParam());
  const Codes around = clipped({-1, 1}, x, int8(0.1F, -20), GetParam());
  const Codes open = codes_of_op(ir::Clip{}, {x}, int8(0.1F, -20), GetParam());
  ASSERT_EQ(relu.size(), 256U);
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    EXPECT_EQ(relu[i], std::max<std::int64_t>(inputs[i], -20));
    EXPECT_EQ(relu6[i], std::clamp<std::int64_t>(inputs[i], -20, 40));
    EXPECT_EQ(around[i], std::clamp<std::int64_t>(inputs[i], -30, -10));
    EXPECT_EQ(open[i], inputs[i]);
  }
}

// A bound of 2.5 codes becomes 3.
TEST(Clip, BoundsRoundHalvesAwayFromZero) {
  for (const Arithmetic arithmetic : {Arithmetic::TfliteDouble, Arithmetic::Xnnpack}) {
    EXPECT_THAT(clipped({-5, 5}, {{4}, {-100, -3, 3, 100}, int8(2)}, int8(2), arithmetic),
                ElementsAre(-3, -3, 3, 3));
  }
}

TEST(Clip, BoundsMayBeCodes) {
  const std::vector<Operand> operands{
      {{3}, {-100, 0, 100}, int8(1)}, {{}, {-2}, int8(0.5F)}, {{}, {130}, uint8(0.1F, 100)}};
  EXPECT_THAT(codes_of_op(ir::Clip{}, operands, int8(1), Arithmetic::TfliteDouble),
              ElementsAre(-1, 0, 3));
}

TEST(Clip, BoundsBeyondTheCodesAreTheirEnds) {
  const Operand x({2}, {0, 255}, uint8(0x1p-10F, 3));
  EXPECT_THAT(clipped({-1e30F, 1e30F}, x, uint8(0x1p-10F, 3), Arithmetic::Xnnpack),
              ElementsAre(0, 255));
  EXPECT_THAT(clipped({1, 6}, x, uint8(0x1p-10F, 3), Arithmetic::TfliteDouble),
              ElementsAre(255, 255));
}

TEST(Relu, OfAnotherGridRoundsAsTfliteEvenInXnnpack) {
  const Codes inputs = all_codes(DType::Int8);
  for (const auto& [arithmetic, as] :
       {std::pair{Arithmetic::TfliteDouble, Arithmetic::TfliteDouble},
        std::pair{Arithmetic::TfliteSingle, Arithmetic::TfliteSingle},
        std::pair{Arithmetic::Xnnpack, Arithmetic::TfliteDouble}}) {
    const Codes codes =
        codes_of_op(ir::Relu{}, {{{256}, inputs, int8(0.5F, -100)}}, int8(2, -7), arithmetic);
    for (std::size_t i = 0; i < codes.size(); ++i) {
      const double code = scaled_by_power(as, static_cast<double>(inputs[i] + 100), 2, -7);
      EXPECT_EQ(codes[i], std::max<std::int64_t>(-7, clamped(code, DType::Int8)));
    }
  }
}

TEST(Rescaling, OfMixedOrPerChannelValuesIsRefused) {
  const Operand channels({2}, {0, 0}, per_channel({1, 2}, 0));
  const auto per_tensor = HasSubstr("has one scale a channel");
  EXPECT_THAT(refusal(ir::Identity{}, {channels}, int8(1), Arithmetic::Xnnpack), per_tensor);
  EXPECT_THAT(refusal(ir::Relu{}, {channels}, int8(1), Arithmetic::Xnnpack), per_tensor);
  const auto mixed = HasSubstr("mixes quantized and real values");
  EXPECT_THAT(refusal(ir::Relu{}, {{{1}, {0}, int8(1)}}, std::nullopt, Arithmetic::Xnnpack), mixed);
  EXPECT_THAT(refusal(ir::Clip{}, {Tensor::scalar(1.0F)}, int8(1), Arithmetic::Xnnpack), mixed);
  EXPECT_THAT(refusal(ir::Identity{}, {{{1}, {0}, int8(0x1p20F)}}, int8(0x1p-20F),
                      Arithmetic::TfliteDouble),
              HasSubstr("2^30 is the most there is room for"));
}

}  // namespace
}  // namespace sluice::exact::reference
