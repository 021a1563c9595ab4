// SPDX-License-Identifier: Apache-2.0
#include "sluice/exact/reference/sum.hpp"

#include <algorithm>
#include <cmath>
#include <gtest/gtest.h>

#include "tests/exact/one_op.hpp"

namespace sluice::exact::reference {
namespace {

Result<Sum> sum_of(float a, float b, float y, Arithmetic arithmetic, int sign = 1) {
  const OneNode node(ir::Add{}, {int8(a, -128), uint8(b, 200)}, int8(y, 7), arithmetic);
  return Sum::make(node.view(), sign);
}

// In units of 2·max(s_a, s_b)/2^20, half of which the larger scale's codes are.
TEST(Sum, TermsOfTfliteAreInTwiceTheLargerScale) {
  const auto sum = sum_of(1, 0.25F, 1, Arithmetic::TfliteDouble, -1);
  ASSERT_TRUE(sum) << sum.error().text();
  EXPECT_EQ(sum->term(0, -128), 0);
  EXPECT_EQ(sum->term(0, 127), 255 << 19);
  EXPECT_EQ(sum->term(1, 200), 0);
  EXPECT_EQ(sum->term(1, 0), 200 << 17);
  EXPECT_EQ(sum->term(1, 255), -(55 << 17));
}

// The larger ratio has 21 bits; 0.7 and 0.3 of it to nearest.
TEST(Sum, TermsOfXnnpackAreTimesIntegersOf21Bits) {
  const auto sum = sum_of(0.7F, 0.3F, 1, Arithmetic::Xnnpack);
  ASSERT_TRUE(sum) << sum.error().text();
  EXPECT_EQ(sum->term(0, -127), std::lround(0.7 * (1 << 21)));
  EXPECT_EQ(sum->term(1, 201), std::lround(0.3 * (1 << 21)));
  EXPECT_EQ(sum->term(1, 199), -std::lround(0.3 * (1 << 21)));
}

TEST(Sum, TheOutputHasItsOwnGrid) {
  for (const Arithmetic arithmetic : {Arithmetic::TfliteDouble, Arithmetic::TfliteSingle,
                                      Arithmetic::TfliteFloat64, Arithmetic::Xnnpack}) {
    const auto sum = sum_of(0.5F, 2, 1, arithmetic);
    ASSERT_TRUE(sum) << sum.error().text();
    const auto code = [&](std::int64_t a, std::int64_t b) {
      return numeric::requantize(sum->term(0, a) + sum->term(1, b), sum->output());
    };
    EXPECT_EQ(code(-128, 200), 7);
    EXPECT_EQ(code(-126, 200), 8);
    EXPECT_EQ(code(-127, 200), 8);  // 1/2 goes up everywhere
    EXPECT_EQ(code(-128, 150), -93);
    EXPECT_EQ(code(127, 255), 127);
    EXPECT_EQ(code(-128, 0), -128);
  }
}

TEST(Sum, OfXnnpackIsOneExpressionOfBothCodes) {
  for (const int sign : {1, -1}) {
    const auto sum = sum_of(0.37F, 1.9F, 0.8F, Arithmetic::Xnnpack, sign);
    ASSERT_TRUE(sum) << sum.error().text();
    const auto by = sum->factors();
    ASSERT_TRUE(by);
    for (std::int64_t a = -128; a < 128; ++a) {
      for (std::int64_t b = 0; b < 256; ++b) {
        const std::int64_t code = ((a * by->a + b * by->b + by->offset) >> by->shift) + 7;
        ASSERT_EQ(std::clamp<std::int64_t>(code, -128, 127),
                  numeric::requantize(sum->term(0, a) + sum->term(1, b), sum->output()));
      }
    }
  }
  const auto of_tflite = sum_of(0.37F, 1.9F, 0.8F, Arithmetic::TfliteDouble);
  ASSERT_TRUE(of_tflite) << of_tflite.error().text();
  EXPECT_FALSE(of_tflite->factors());
}

TEST(FusedFactors, AreRatiosOfScales) {
  const OneNode node(ir::Add{}, {int8(0.75F, -2), uint8(0.25F, 200)}, int8(0.5F, 7),
                     Arithmetic::OnnxRuntime);
  const auto by = fused_factors(node.view());
  ASSERT_TRUE(by) << by.error().text();
  EXPECT_EQ(by->a, 1.5F);
  EXPECT_EQ(by->b, 0.5F);
  EXPECT_EQ(by->fixed, 7 - (1.5F * -2 + 0.5F * 200));
}

TEST(Sum, TermsHaveRoom) {
  for (const float ratio : {0x1p-18F, 0x1p-10F, 0x1.8p-3F, 1.0F, 0x1.fffffep7F}) {
    for (const Arithmetic arithmetic : {Arithmetic::TfliteDouble, Arithmetic::Xnnpack}) {
      const auto sum = sum_of(ratio, ratio, 1, arithmetic);
      ASSERT_TRUE(sum) << sum.error().text();
      EXPECT_LT(sum->term(0, 127), 1 << 30);
      EXPECT_GT(sum->term(1, 0), -(1 << 30));
    }
  }
}

TEST(Sum, ScalesTooFarApartAreRefused) {
  for (const float ratio : {0x1.fffffep-19F, 0x1p8F}) {
    EXPECT_FALSE(sum_of(ratio, 0x1p-20F, 1, Arithmetic::TfliteDouble));
    EXPECT_FALSE(sum_of(0x1p-20F, ratio, 1, Arithmetic::Xnnpack));
  }
}

}  // namespace
}  // namespace sluice::exact::reference
