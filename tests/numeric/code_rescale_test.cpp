// SPDX-License-Identifier: Apache-2.0
#include "sluice/numeric/code_rescale.hpp"

#include <algorithm>
#include <cmath>
#include <gtest/gtest.h>
#include <limits>

#include "tests/numeric/quantizations.hpp"

namespace sluice::numeric {
namespace {

constexpr double kUnbounded = std::numeric_limits<double>::infinity();

TEST(CodeRescale, OfOneQuantizationKeepsCodes) {
  for (const Arithmetic arithmetic : kEveryArithmetic) {
    const auto by = CodeRescale::make(arithmetic, int8(0.25F, 3), int8(0.25F, 3));
    ASSERT_TRUE(by) << by.error().text();
    for (std::int64_t code = -128; code < 128; ++code) EXPECT_EQ(by->code(code), code);
  }
}

TEST(CodeRescale, HalvesGoTheirArithmeticsWay) {
  const auto half = [](Arithmetic arithmetic, std::int64_t halves) {
    const auto by = CodeRescale::make(arithmetic, int8(0.5F, 2), int8(1, 10));
    EXPECT_TRUE(by);
    return by ? by->code(2 + halves) : 0;
  };
  for (const Arithmetic arithmetic : {Arithmetic::TfliteDouble, Arithmetic::TfliteFloat64}) {
    EXPECT_EQ(half(arithmetic, 1), 11) << to_string(arithmetic);
  }
  EXPECT_EQ(half(Arithmetic::TfliteFloat64, -1), 9);
  EXPECT_EQ(half(Arithmetic::TfliteSingle, -1), 10);
  EXPECT_EQ(half(Arithmetic::Xnnpack, -1), 10);
  EXPECT_EQ(half(Arithmetic::Xnnpack, 1), 11);
  EXPECT_EQ(half(Arithmetic::Onnx, 1), 10);
  EXPECT_EQ(half(Arithmetic::OnnxRuntime, 3), 12);
  EXPECT_EQ(half(Arithmetic::ShiftHalfEven, 1), 10);
  EXPECT_EQ(half(Arithmetic::ShiftHalfUp, -1), 10);
  EXPECT_EQ(half(Arithmetic::ShiftFloor, -1), 9);
}

// 0.3 is 77/256, of which 100 codes are 30.08.
TEST(CodeRescale, XnnpackRoundsTheFactorTo256ths) {
  const auto by = CodeRescale::make(Arithmetic::Xnnpack, int8(0.3F), int8(1));
  ASSERT_TRUE(by) << by.error().text();
  for (std::int64_t code = -128; code < 128; ++code) {
    EXPECT_EQ(by->code(code), (code * 77 + 128) >> 8);
  }
}

TEST(CodeRescale, XnnpackHasTflitesFactorWhereSignsChange) {
  const auto by = CodeRescale::make(Arithmetic::Xnnpack, uint8(0.3F, 128), int8(1));
  ASSERT_TRUE(by) << by.error().text();
  for (std::int64_t code = 0; code < 256; ++code) {
    const double exact = static_cast<double>(code - 128) * static_cast<double>(0.3F);
    const double halves = std::floor(2 * exact + 0.5);  // the high product, of 0.6
    EXPECT_EQ(by->code(code), static_cast<std::int64_t>(std::floor((halves + 1) / 2))) << code;
  }
}

TEST(CodeRescale, OnRealsIsTheCodeOfTheRealNumber) {
  Rng rng(1);
  for (const Arithmetic arithmetic : kEveryArithmetic) {
    if (!is_on_reals(arithmetic)) continue;
    for (int i = 0; i < 10; ++i) {
      const Quantization x = random_quantization(arithmetic, rng);
      const Quantization y = random_quantization(arithmetic, rng);
      const double low = i % 3 == 0 ? -kUnbounded : -2.75;
      const double high = i % 2 == 0 ? kUnbounded : 6;
      const auto same = CodeRescale::make(arithmetic, x, y);
      const auto between = CodeRescale::clamped(arithmetic, x, y, low, high);
      ASSERT_TRUE(same && between);
      for (std::int64_t code = codes_of(x).lowest; code <= codes_of(x).highest; ++code) {
        const double real = real_of(code, x, arithmetic);
        EXPECT_EQ(same->code(code), code_of_real(real, y, arithmetic));
        EXPECT_EQ(between->code(code), code_of_real(std::clamp(real, low, high), y, arithmetic));
      }
    }
  }
}

TEST(CodeRescale, OfTfliteIsRequantizing) {
  for (const Arithmetic arithmetic :
       {Arithmetic::TfliteDouble, Arithmetic::TfliteSingle, Arithmetic::TfliteFloat64}) {
    const auto by = CodeRescale::make(arithmetic, int8(0.3F, 5), uint8(0.7F, 100));
    const auto requantizer = make_requantizer(arithmetic, {0.3F, 1, 0.7F}, 100, {0, 255});
    ASSERT_TRUE(by && requantizer);
    for (std::int64_t code = -128; code < 128; ++code) {
      EXPECT_EQ(by->code(code), requantize(static_cast<std::int32_t>(code - 5), *requantizer));
    }
  }
}

TEST(CodeRescale, ClampsToTheCodesOfTheBounds) {
  for (const Arithmetic arithmetic : kEveryArithmetic) {
    const auto relu6 = CodeRescale::clamped(arithmetic, int8(0.25F, -10), int8(0.25F, -10), 0, 6);
    ASSERT_TRUE(relu6) << relu6.error().text();
    for (std::int64_t code = -128; code < 128; ++code) {
      EXPECT_EQ(relu6->code(code), std::clamp<std::int64_t>(code, -10, 14));
    }
  }
}

TEST(CodeRescale, BoundsBetweenCodesAreRoundedAwayFromZero) {
  const auto clip =
      CodeRescale::clamped(Arithmetic::TfliteDouble, int8(0.5F), int8(0.5F), -1.25, 1.25);
  ASSERT_TRUE(clip) << clip.error().text();
  EXPECT_EQ(clip->code(-100), -3);
  EXPECT_EQ(clip->code(100), 3);
}

TEST(CodeRescale, AClampMayChangeTheScale) {
  for (const Arithmetic arithmetic : kEveryArithmetic) {
    const auto relu = CodeRescale::clamped(arithmetic, int8(1, 4), uint8(0.5F, 0), 0, kUnbounded);
    ASSERT_TRUE(relu) << relu.error().text();
    EXPECT_EQ(relu->code(-128), 0);
    EXPECT_EQ(relu->code(4), 0);
    EXPECT_EQ(relu->code(10), 12);
    EXPECT_EQ(relu->code(127), 246);
  }
}

TEST(CodeRescale, FactorsWithoutRoomAreRefused) {
  EXPECT_FALSE(CodeRescale::make(Arithmetic::TfliteDouble, int8(0x1p20F), int8(0x1p-20F)));
  EXPECT_FALSE(
      CodeRescale::clamped(Arithmetic::Xnnpack, int8(0x1p20F), int8(0x1p-20F), 0, kUnbounded));
  EXPECT_TRUE(CodeRescale::make(Arithmetic::Onnx, int8(0x1p20F), int8(0x1p-20F)));
}

}  // namespace
}  // namespace sluice::numeric
