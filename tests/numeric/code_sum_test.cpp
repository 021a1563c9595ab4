// SPDX-License-Identifier: Apache-2.0
#include "sluice/numeric/code_sum.hpp"

#include <algorithm>
#include <cmath>
#include <gtest/gtest.h>

#include "tests/numeric/quantizations.hpp"

namespace sluice::numeric {
namespace {

Result<CodeSum> sum_of(float a, float b, float y, Arithmetic arithmetic, int sign = 1) {
  return CodeSum::make(arithmetic, int8(a, -128), uint8(b, 200), int8(y, 7), sign);
}

// In units of 2·max(s_a, s_b)/2^20, half of which the larger scale's codes are.
TEST(CodeSum, TermsOfTfliteAreInTwiceTheLargerScale) {
  const auto sum = sum_of(1, 0.25F, 1, Arithmetic::TfliteDouble, -1);
  ASSERT_TRUE(sum) << sum.error().text();
  EXPECT_EQ(sum->term(0, -128), 0);
  EXPECT_EQ(sum->term(0, 127), 255 << 19);
  EXPECT_EQ(sum->term(1, 200), 0);
  EXPECT_EQ(sum->term(1, 0), 200 << 17);
  EXPECT_EQ(sum->term(1, 255), -(55 << 17));
}

// The larger ratio has 21 bits; 0.7 and 0.3 of it to nearest.
TEST(CodeSum, TermsOfXnnpackAreTimesIntegersOf21Bits) {
  const auto sum = sum_of(0.7F, 0.3F, 1, Arithmetic::Xnnpack);
  ASSERT_TRUE(sum) << sum.error().text();
  EXPECT_EQ(sum->term(0, -127), std::lround(0.7 * (1 << 21)));
  EXPECT_EQ(sum->term(1, 201), std::lround(0.3 * (1 << 21)));
  EXPECT_EQ(sum->term(1, 199), -std::lround(0.3 * (1 << 21)));
}

TEST(CodeSum, TheOutputHasItsOwnGrid) {
  for (const Arithmetic arithmetic : {Arithmetic::TfliteDouble, Arithmetic::TfliteSingle,
                                      Arithmetic::TfliteFloat64, Arithmetic::Xnnpack}) {
    const auto sum = sum_of(0.5F, 2, 1, arithmetic);
    ASSERT_TRUE(sum) << sum.error().text();
    EXPECT_EQ(sum->code(-128, 200), 7);
    EXPECT_EQ(sum->code(-126, 200), 8);
    EXPECT_EQ(sum->code(-127, 200), 8);  // 1/2 goes up everywhere
    EXPECT_EQ(sum->code(-128, 150), -93);
    EXPECT_EQ(sum->code(127, 255), 127);
    EXPECT_EQ(sum->code(-128, 0), -128);
  }
}

TEST(CodeSum, HalvesGoTheirArithmeticsWay) {
  const auto half = [](Arithmetic arithmetic, std::int64_t halves) {
    const auto sum = sum_of(0.5F, 2, 1, arithmetic);
    EXPECT_TRUE(sum);
    return sum ? sum->code(-128 + halves, 200) : 0;
  };
  for (const Arithmetic arithmetic : {Arithmetic::Onnx, Arithmetic::ShiftHalfEven}) {
    EXPECT_EQ(half(arithmetic, 1), 7) << to_string(arithmetic);
    EXPECT_EQ(half(arithmetic, 3), 9) << to_string(arithmetic);
  }
  EXPECT_EQ(half(Arithmetic::OnnxRuntime, 1), 8);  // of 7.5: the zero point is added first
  EXPECT_EQ(half(Arithmetic::ShiftHalfUp, 1), 8);
  EXPECT_EQ(half(Arithmetic::ShiftFloor, 1), 7);
}

// Each code is the same as that of tensors of one element, computed on the real numbers.
TEST(CodeSum, OnRealsIsWhatTheRealNumbersAddUpTo) {
  Rng rng(1);
  for (const Arithmetic arithmetic : kEveryArithmetic) {
    if (!is_on_reals(arithmetic)) continue;
    for (int i = 0; i < 20; ++i) {
      const Quantization a = random_quantization(arithmetic, rng);
      const Quantization b = random_quantization(arithmetic, rng);
      const Quantization y = random_quantization(arithmetic, rng);
      const int sign = arithmetic == Arithmetic::OnnxRuntime || i % 2 == 0 ? -1 : 1;
      const auto sum = CodeSum::make(arithmetic, a, b, y, sign);
      ASSERT_TRUE(sum) << sum.error().text();
      for (int pair = 0; pair < 500; ++pair) {
        const std::int64_t of_a = rng.integer(codes_of(a).lowest, codes_of(a).highest);
        const std::int64_t of_b = rng.integer(codes_of(b).lowest, codes_of(b).highest);
        const double real = real_of(of_a, a, arithmetic) + sign * real_of(of_b, b, arithmetic);
        ASSERT_EQ(sum->code(of_a, of_b), code_of_real(real, y, arithmetic))
            << to_string(arithmetic);
      }
    }
  }
}

TEST(CodeSum, IsNearTheSumOfTheRealNumbers) {
  Rng rng(2);
  for (const Arithmetic arithmetic : kEveryArithmetic) {
    for (int i = 0; i < 20; ++i) {
      const Quantization a = random_quantization(arithmetic, rng);
      const Quantization b = random_quantization(arithmetic, rng);
      const Quantization y = random_quantization(arithmetic, rng);
      const auto sum = CodeSum::make(arithmetic, a, b, y, 1);
      ASSERT_TRUE(sum) << sum.error().text();
      for (int pair = 0; pair < 200; ++pair) {
        const std::int64_t of_a = rng.integer(codes_of(a).lowest, codes_of(a).highest);
        const std::int64_t of_b = rng.integer(codes_of(b).lowest, codes_of(b).highest);
        const double real = real_of(of_a, a, arithmetic) + real_of(of_b, b, arithmetic);
        const double code =
            real / static_cast<double>(y.scales[0]) + static_cast<double>(y.zero_points[0]);
        const double nearest = std::clamp(code, static_cast<double>(codes_of(y).lowest),
                                          static_cast<double>(codes_of(y).highest));
        const double most = arithmetic == Arithmetic::ShiftFloor ? 1 : 0.502;
        ASSERT_LE(std::abs(static_cast<double>(sum->code(of_a, of_b)) - nearest), most);
      }
    }
  }
}

TEST(CodeSum, OfXnnpackIsOneExpressionOfBothCodes) {
  for (const int sign : {1, -1}) {
    const auto sum = sum_of(0.37F, 1.9F, 0.8F, Arithmetic::Xnnpack, sign);
    ASSERT_TRUE(sum) << sum.error().text();
    const auto by = sum->factors();
    ASSERT_TRUE(by);
    for (std::int64_t a = -128; a < 128; ++a) {
      for (std::int64_t b = 0; b < 256; ++b) {
        const std::int64_t code = ((a * by->a + b * by->b + by->offset) >> by->shift) + 7;
        ASSERT_EQ(std::clamp<std::int64_t>(code, -128, 127), sum->code(a, b));
      }
    }
  }
  const auto of_tflite = sum_of(0.37F, 1.9F, 0.8F, Arithmetic::TfliteDouble);
  ASSERT_TRUE(of_tflite) << of_tflite.error().text();
  EXPECT_FALSE(of_tflite->factors());
}

TEST(CodeSum, FusedFactorsAreRatiosOfScales) {
  const auto sum =
      CodeSum::make(Arithmetic::OnnxRuntime, int8(0.75F, -2), uint8(0.25F, 200), int8(0.5F, 7), 1);
  ASSERT_TRUE(sum && sum->fused_factors());
  EXPECT_EQ(sum->fused_factors()->a, 1.5F);
  EXPECT_EQ(sum->fused_factors()->b, 0.5F);
  EXPECT_EQ(sum->fused_factors()->fixed, 7 - (1.5F * -2 + 0.5F * 200));
}

TEST(CodeSum, OnlySumsOf8BitCodesAreFused) {
  const Quantization wide{.dtype = DType::Int16, .scales = {1}, .zero_points = {0}};
  const Quantization narrow = int8(1);
  EXPECT_TRUE(has_fused_kernel(Arithmetic::OnnxRuntime, narrow, narrow, narrow));
  EXPECT_FALSE(has_fused_kernel(Arithmetic::OnnxRuntime, wide, narrow, narrow));
  EXPECT_FALSE(has_fused_kernel(Arithmetic::OnnxRuntime, narrow, narrow, wide));
  EXPECT_FALSE(has_fused_kernel(Arithmetic::Onnx, narrow, narrow, narrow));
  const auto difference = CodeSum::make(Arithmetic::OnnxRuntime, narrow, narrow, narrow, -1);
  ASSERT_TRUE(difference);
  EXPECT_FALSE(difference->fused_factors());
}

TEST(CodeSum, TermsHaveRoom) {
  for (const float ratio : {0x1p-18F, 0x1p-10F, 0x1.8p-3F, 1.0F, 0x1.fffffep7F}) {
    for (const Arithmetic arithmetic : {Arithmetic::TfliteDouble, Arithmetic::Xnnpack}) {
      const auto sum = sum_of(ratio, ratio, 1, arithmetic);
      ASSERT_TRUE(sum) << sum.error().text();
      EXPECT_LT(sum->term(0, 127), 1 << 30);
      EXPECT_GT(sum->term(1, 0), -(1 << 30));
    }
  }
}

TEST(CodeSum, ScalesTooFarApartAreRefusedInIntegers) {
  for (const float ratio : {0x1.fffffep-19F, 0x1p8F}) {
    EXPECT_FALSE(sum_of(ratio, 0x1p-20F, 1, Arithmetic::TfliteDouble));
    EXPECT_FALSE(sum_of(0x1p-20F, ratio, 1, Arithmetic::Xnnpack));
    EXPECT_TRUE(sum_of(ratio, 0x1p-20F, 1, Arithmetic::Onnx));
  }
}

}  // namespace
}  // namespace sluice::numeric
