// SPDX-License-Identifier: Apache-2.0
#include "sluice/numeric/sum_rescaler.hpp"

#include <algorithm>
#include <cmath>
#include <gtest/gtest.h>

#include "tests/numeric/quantizations.hpp"

namespace sluice::numeric {
namespace {

constexpr std::int64_t kZeroOfInput = -100;
constexpr std::int64_t kZeroOfOutput = 5;

Result<SumRescaler> rescaler(float x, float y, std::int64_t count, std::int64_t divisor,
                             Arithmetic arithmetic) {
  return SumRescaler::make(arithmetic, int8(x, kZeroOfInput), int8(y, kZeroOfOutput), count,
                           divisor);
}

std::int64_t clamped(double code) {
  return static_cast<std::int64_t>(std::clamp(code, -128.0, 127.0));
}

// Sums over 8 codes around the zero point, in eighths.
TEST(SumRescaler, MeansTieAsTheirArithmeticsRound) {
  for (const Arithmetic arithmetic :
       {Arithmetic::TfliteDouble, Arithmetic::TfliteSingle, Arithmetic::Xnnpack,
        Arithmetic::ShiftHalfEven, Arithmetic::ShiftHalfUp, Arithmetic::ShiftFloor}) {
    const auto by = rescaler(0.5F, 0.5F, 8, 8, arithmetic);
    ASSERT_TRUE(by) << by.error().text();
    for (std::int64_t sum = -200; sum <= 200; ++sum) {
      const double mean = static_cast<double>(sum) / 8;
      double code = std::floor(mean + 0.5) + kZeroOfOutput;
      if (arithmetic == Arithmetic::TfliteDouble) {  // first to quarters, halves up
        const double quarters = std::floor(static_cast<double>(sum) / 2 + 0.5) / 4;
        code = std::round(quarters) + kZeroOfOutput;
      }
      if (arithmetic == Arithmetic::Xnnpack) code = std::nearbyint(mean + kZeroOfOutput);
      if (arithmetic == Arithmetic::ShiftHalfEven) code = std::nearbyint(mean) + kZeroOfOutput;
      if (arithmetic == Arithmetic::ShiftFloor) code = std::floor(mean) + kZeroOfOutput;
      EXPECT_EQ(by->code(sum + 8 * kZeroOfInput), clamped(code))
          << sum << " " << to_string(arithmetic);
    }
  }
}

TEST(SumRescaler, SumsAreOneNumber) {
  for (const Arithmetic arithmetic :
       {Arithmetic::TfliteDouble, Arithmetic::Xnnpack, Arithmetic::ShiftHalfUp}) {
    const auto by = rescaler(1, 4, 1000, 1, arithmetic);
    ASSERT_TRUE(by) << by.error().text();
    EXPECT_EQ(by->code(1000 * kZeroOfInput), kZeroOfOutput);
    EXPECT_EQ(by->code(1000 * kZeroOfInput + 40), kZeroOfOutput + 10);
    EXPECT_EQ(by->code(127'000), 127);
    EXPECT_EQ(by->code(-128'000), -128);
  }
}

// Of 1/3: TFLite's multiplier is cut, so that 3·(2^k + 1/2) is below the tie; the codes of whole
// means are right all the same.
TEST(SumRescaler, MeansOfThreesAreRight) {
  for (const Arithmetic arithmetic :
       {Arithmetic::TfliteDouble, Arithmetic::Xnnpack, Arithmetic::ShiftFloor}) {
    const float scale = is_shift(arithmetic) ? 0.25F : 0.3F;
    for (const std::int64_t count : {3, 7, 49, 1000, 50'176}) {
      const auto by = rescaler(scale, scale, count, count, arithmetic);
      ASSERT_TRUE(by) << by.error().text();
      for (std::int64_t mean = -28; mean <= 122; ++mean) {
        EXPECT_EQ(by->code((mean + kZeroOfInput) * count),
                  std::clamp<std::int64_t>(mean + kZeroOfOutput, -128, 127))
            << count << " " << mean;
      }
    }
  }
}

// As of windows that count their padding.
TEST(SumRescaler, TheDivisorMayExceedTheCount) {
  const auto by = rescaler(0.5F, 0.5F, 4, 8, Arithmetic::ShiftFloor);
  ASSERT_TRUE(by) << by.error().text();
  EXPECT_EQ(by->code(4 * kZeroOfInput), kZeroOfOutput);
  EXPECT_EQ(by->code(4 * kZeroOfInput + 80), kZeroOfOutput + 10);
}

TEST(SumRescaler, TheMeanOfNothingIsRefusedAndItsSumIsZero) {
  EXPECT_FALSE(rescaler(1, 1, 0, 0, Arithmetic::Xnnpack));
  const auto by = rescaler(1, 1, 0, 1, Arithmetic::TfliteDouble);
  ASSERT_TRUE(by) << by.error().text();
  EXPECT_EQ(by->code(0), kZeroOfOutput);
}

TEST(SumRescaler, TheMeanOfNothingIsTheZeroPointOfShifts) {
  const auto by = rescaler(1, 1, 0, 0, Arithmetic::ShiftHalfUp);
  ASSERT_TRUE(by) << by.error().text();
  EXPECT_EQ(by->code(0), kZeroOfOutput);
}

TEST(SumRescaler, SumsOfRoundedNumbersAreNotOfCodes) {
  for (const Arithmetic arithmetic : {Arithmetic::Onnx, Arithmetic::OnnxRuntime}) {
    const auto by = rescaler(0.3F, 0.3F, 9, 9, arithmetic);
    ASSERT_FALSE(by);
    EXPECT_EQ(by.error().code, ErrorCode::Unsupported);
  }
}

TEST(MeanOfCodes, RoundsHalvesAwayFromZero) {
  EXPECT_EQ(mean_of_codes(10, 4), 3);
  EXPECT_EQ(mean_of_codes(-10, 4), -3);
  EXPECT_EQ(mean_of_codes(9, 4), 2);
  EXPECT_EQ(mean_of_codes(-9, 4), -2);
  EXPECT_EQ(mean_of_codes(0, 3), 0);
  EXPECT_EQ(mean_of_codes(4, 3), 1);
  EXPECT_EQ(mean_of_codes(5, 3), 2);
}

}  // namespace
}  // namespace sluice::numeric
