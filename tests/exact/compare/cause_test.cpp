// SPDX-License-Identifier: Apache-2.0
#include "sluice/exact/compare/cause.hpp"

#include <gtest/gtest.h>

namespace sluice::exact::compare {
namespace {

using numeric::Arithmetic;
using numeric::CodeRange;
using numeric::Requantizer;

constexpr CodeRange kInt8{-128, 127};
constexpr CodeRange kUInt8{0, 255};
constexpr CodeRange kInt16{-32768, 32767};

Requantizer requantizer(Arithmetic arithmetic, float factor, std::int32_t zero_point = 0,
                        CodeRange codes = {-128, 127}) {
  const auto made = numeric::make_requantizer(arithmetic, {factor, 1, 1}, zero_point, codes);
  EXPECT_TRUE(made);
  return *made;
}

std::int64_t code(std::int32_t accumulator, Requantizer by, Arithmetic arithmetic) {
  by.arithmetic = arithmetic;
  return numeric::requantize(accumulator, by);
}

TEST(CauseOf, AResultHalfWayIsATie) {
  const Requantizer away = requantizer(Arithmetic::TfliteDouble, 0.5F, -3);
  EXPECT_EQ(numeric::requantize(5, away), 0);  // 2.5
  EXPECT_EQ(cause_of(5, away, kInt8, -1), Cause::Tie);
  const Requantizer even = requantizer(Arithmetic::Onnx, 0.5F);
  EXPECT_EQ(cause_of(5, even, kInt8, 3), Cause::Tie);
  // One more than the higher of both is no rounding of it.
  EXPECT_EQ(cause_of(5, requantizer(Arithmetic::TfliteDouble, 0.5F), kInt8, 4), Cause::Real);
}

TEST(CauseOf, OneRoundingAgainstTwoIsDoubleRounding) {
  const Requantizer twice = requantizer(Arithmetic::TfliteDouble, 0.00123F);
  std::int32_t accumulator = 0;
  while (code(accumulator, twice, Arithmetic::TfliteDouble) ==
         code(accumulator, twice, Arithmetic::TfliteSingle)) {
    ASSERT_LT(++accumulator, 100'000);
  }
  const std::int64_t once = code(accumulator, twice, Arithmetic::TfliteSingle);
  EXPECT_EQ(cause_of(accumulator, twice, kInt8, once), Cause::DoubleRounding);
  const Requantizer single = requantizer(Arithmetic::TfliteSingle, 0.00123F);
  EXPECT_EQ(cause_of(accumulator, single, kInt8, numeric::requantize(accumulator, twice)),
            Cause::DoubleRounding);
}

TEST(CauseOf, ASumThatFloat32DoesNotHoldIsAFloatAccumulator) {
  const Requantizer exact = requantizer(Arithmetic::TfliteFloat64, 3.1e-6F);
  std::int32_t accumulator = (1 << 24) + 1;
  while (code(accumulator, exact, Arithmetic::Xnnpack) == numeric::requantize(accumulator, exact) ||
         code(accumulator, exact, Arithmetic::TfliteSingle) !=
             code(accumulator, exact, Arithmetic::TfliteDouble)) {
    accumulator += 2;
    ASSERT_LT(accumulator, 1 << 25);
  }
  const std::int64_t theirs = code(accumulator, exact, Arithmetic::Xnnpack);
  EXPECT_EQ(cause_of(accumulator, exact, kInt8, theirs), Cause::FloatAccumulator);
}

TEST(CauseOf, WhatAnotherArithmeticMakesOfTheSumIsNamedSo) {
  // Below 2^24 it is the factor that float32 rounds.
  const auto by = numeric::make_requantizer(Arithmetic::TfliteFloat64, {0.0312F, 0.00341F, 0.0173F},
                                            0, {-32768, 32767});
  ASSERT_TRUE(by);
  std::int32_t accumulator = 1 << 20;
  while (code(accumulator, *by, Arithmetic::Xnnpack) == numeric::requantize(accumulator, *by) ||
         code(accumulator, *by, Arithmetic::TfliteSingle) !=
             code(accumulator, *by, Arithmetic::TfliteDouble)) {
    ASSERT_LT(++accumulator, 1 << 22);
  }
  EXPECT_EQ(cause_of(accumulator, *by, kInt16, code(accumulator, *by, Arithmetic::Xnnpack)),
            Cause::OtherArithmetic);
}

TEST(CauseOf, AnotherClampIsSaturation) {
  // A fused Relu on one side only; the lowest code left out; no clamp at all.
  const Requantizer relu = requantizer(Arithmetic::TfliteDouble, 1, 0, {0, 127});
  EXPECT_EQ(cause_of(-5, relu, kInt8, -5), Cause::Saturation);
  const Requantizer all = requantizer(Arithmetic::TfliteDouble, 1);
  EXPECT_EQ(cause_of(-300, all, kInt8, -127), Cause::Saturation);
  EXPECT_EQ(cause_of(-5, all, kInt8, 0), Cause::Saturation);
}

TEST(CauseOf, TheLowBitsOfAResultOutOfRangeAreAWrap) {
  const Requantizer by = requantizer(Arithmetic::TfliteDouble, 1);
  EXPECT_EQ(cause_of(130, by, kInt8, -126), Cause::Wrap);
  const Requantizer unsigned_codes = requantizer(Arithmetic::TfliteDouble, 1, 0, {0, 255});
  EXPECT_EQ(cause_of(260, unsigned_codes, kUInt8, 4), Cause::Wrap);
}

TEST(CauseOf, WhatNothingExplainsIsReal) {
  const Requantizer by = requantizer(Arithmetic::TfliteDouble, 0.3F);
  const std::int64_t ours = numeric::requantize(100, by);
  for (const std::int64_t step : {-7, -1, 1, 7}) {
    EXPECT_EQ(cause_of(100, by, kInt8, ours + step), Cause::Real);
  }
  EXPECT_EQ(cause_of(std::int64_t{1} << 40, by, kInt8, 0), Cause::Real);
}

// Scales that are powers of two: 2^-shift.
Requantizer shifted(Arithmetic arithmetic, float factor) {
  return requantizer(arithmetic, factor);
}

TEST(CauseOf, ShiftsHaveTheirTiesAndWideSums) {
  const Requantizer even = shifted(Arithmetic::ShiftHalfEven, 0x1p-4F);
  EXPECT_EQ(cause_of(40, even, kInt8, 3), Cause::Tie);                     // 2.5
  EXPECT_EQ(cause_of(45, even, kInt8, 2), Cause::OtherArithmetic);         // 2.8, cut off
  EXPECT_EQ(cause_of(std::int64_t{3000}, even, kInt8, -68), Cause::Wrap);  // 187.5, to even 188
  const Requantizer wide = shifted(Arithmetic::ShiftHalfUp, 0x1p-40F);
  EXPECT_EQ(cause_of((std::int64_t{5} << 39), wide, kInt8, 2), Cause::Tie);
  EXPECT_EQ(cause_of((std::int64_t{11} << 38), wide, kInt8, 2), Cause::OtherArithmetic);
  EXPECT_EQ(cause_of((std::int64_t{11} << 38), wide, kInt8, 5), Cause::Real);
}

TEST(CauseOf, ANarrowCodeSaturatesAtItsOwnBounds) {
  const CodeRange six{-32, 31};
  const Requantizer by = requantizer(Arithmetic::ShiftFloor, 1, 0, six);
  EXPECT_EQ(cause_of(40, by, six, -24), Cause::Wrap);
  EXPECT_EQ(cause_of(-50, by, six, -31), Cause::Saturation);
}

TEST(CauseOf, WithoutSumsTheArithmeticsResultsExplain) {
  const std::vector<Candidate> candidates{
      {Arithmetic::TfliteDouble, 4}, {Arithmetic::TfliteSingle, 5}, {Arithmetic::Xnnpack, 6}};
  EXPECT_EQ(cause_of(4, 5, candidates), Cause::DoubleRounding);
  EXPECT_EQ(cause_of(5, 4, candidates), Cause::DoubleRounding);
  EXPECT_EQ(cause_of(4, 6, candidates), Cause::OtherArithmetic);
  EXPECT_EQ(cause_of(4, 7, candidates), Cause::Real);
}

TEST(Cause, HasAName) {
  EXPECT_EQ(to_string(Cause::Tie), "tie");
  EXPECT_EQ(to_string(Cause::Real), "real");
}

}  // namespace
}  // namespace sluice::exact::compare
