// SPDX-License-Identifier: Apache-2.0
#include "sluice/numeric/requantize.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <gtest/gtest.h>
#include <limits>
#include <random>

namespace sluice::numeric {
namespace {

constexpr std::int32_t kMin32 = std::numeric_limits<std::int32_t>::min();
constexpr std::int32_t kMax32 = std::numeric_limits<std::int32_t>::max();
constexpr std::array kArithmetics{Arithmetic::TfliteDouble,  Arithmetic::TfliteSingle,
                                  Arithmetic::TfliteFloat64, Arithmetic::Xnnpack,
                                  Arithmetic::OnnxRuntime,   Arithmetic::Onnx};

__extension__ using Wide = __int128;

// Where rounding and saturation turn, and what lies around there.
std::vector<std::int32_t> hard_integers(std::size_t random_count) {
  std::vector<std::int32_t> values{kMin32, kMin32 + 1, kMax32, kMax32 - 1, 0};
  for (int bit = 0; bit < 31; ++bit) {
    for (const std::int32_t near : {-1, 0, 1}) {
      values.push_back((std::int32_t{1} << bit) + near);
      values.push_back(-(std::int32_t{1} << bit) + near);
    }
  }
  std::mt19937 random(1);
  for (std::size_t i = 0; i < random_count; ++i) {
    values.push_back(static_cast<std::int32_t>(random()) >> (random() % 31));
  }
  return values;
}

// The definitions in words of wide integers: floor division by a power of two.
Wide floor_shift(Wide value, int shift) {
  const Wide one = static_cast<Wide>(1) << shift;
  Wide quotient = value / one;
  if (quotient * one > value) --quotient;
  return quotient;
}

std::int64_t clamped(Wide value) {
  if (value > kMax32) return kMax32;
  return value < kMin32 ? kMin32 : static_cast<std::int64_t>(value);
}

// To nearest; ties away from zero.
Wide divided_by_power(Wide value, int shift) {
  const Wide half = shift == 0 ? 0 : static_cast<Wide>(1) << (shift - 1);
  return value >= 0 ? floor_shift(value + half, shift) : -floor_shift(-value + half, shift);
}

TEST(FixedMultiplier, IsTheNearestOfAFactor) {
  EXPECT_EQ(fixed_multiplier(0.5), (FixedMultiplier{1 << 30, 0}));
  EXPECT_EQ(fixed_multiplier(1.0), (FixedMultiplier{1 << 30, 1}));
  EXPECT_EQ(fixed_multiplier(0.75), (FixedMultiplier{3 << 29, 0}));
  EXPECT_EQ(fixed_multiplier(0), FixedMultiplier{});
}

TEST(FixedMultiplier, AMantissaThatRoundsUpToTwoMovesTheExponent) {
  EXPECT_EQ(fixed_multiplier(1 - 0x1p-40), (FixedMultiplier{1 << 30, 1}));
  EXPECT_EQ(fixed_multiplier(1 - 0x1p-32), (FixedMultiplier{1 << 30, 1}));  // a tie
  EXPECT_EQ(fixed_multiplier(1 - 0x1p-31), (FixedMultiplier{kMax32, 0}));
}

TEST(FixedMultiplier, BelowTwoToMinus32IsZero) {
  EXPECT_EQ(fixed_multiplier(0x1p-32), (FixedMultiplier{1 << 30, -31}));
  EXPECT_EQ(fixed_multiplier(0x1.fffp-33), FixedMultiplier{});
}

TEST(HighMul, IsTheDoubledProductsHighHalfToNearest) {
  const std::vector<std::int32_t> values = hard_integers(300);
  for (const std::int32_t a : values) {
    for (const std::int32_t b : values) {
      const Wide product = static_cast<Wide>(a) * b;
      EXPECT_EQ(saturating_rounding_doubling_high_mul(a, b),
                clamped(floor_shift(product + (1 << 30), 31)))
          << a << " · " << b;
    }
  }
}

TEST(MultiplyRoundingTwice, EqualsBothStepsInWideIntegers) {
  const std::vector<std::int32_t> values = hard_integers(2000);
  for (int exponent = -31; exponent <= 30; ++exponent) {
    for (const std::int32_t mantissa : {1 << 30, (1 << 30) + 1, 1527099593, kMax32}) {
      for (const std::int32_t x : values) {
        const Wide scaled =
            clamped(static_cast<Wide>(x) * (std::int64_t{1} << std::max(exponent, 0)));
        const Wide high = clamped(floor_shift(scaled * mantissa + (1 << 30), 31));
        ASSERT_EQ(multiply_rounding_twice(x, {mantissa, exponent}),
                  static_cast<std::int64_t>(divided_by_power(high, std::max(-exponent, 0))))
            << x << " " << mantissa << " " << exponent;
      }
    }
  }
}

TEST(MultiplyRoundingOnce, EqualsTheFormulaInWideIntegers) {
  const std::vector<std::int32_t> values = hard_integers(2000);
  for (int exponent = -31; exponent <= 30; ++exponent) {
    for (const std::int32_t mantissa : {0, 1 << 30, (1 << 30) + 1, 1527099593, kMax32}) {
      for (const std::int32_t x : values) {
        const int shift = 31 - exponent;
        const Wide half = static_cast<Wide>(1) << (shift - 1);
        ASSERT_EQ(multiply_rounding_once(x, {mantissa, exponent}),
                  clamped(floor_shift(static_cast<Wide>(x) * mantissa + half, shift)))
            << x << " " << mantissa << " " << exponent;
      }
    }
  }
}

TEST(MultiplyReduced, RoundsTheMantissaTo15BitsFirst) {
  std::mt19937_64 random(3);
  for (int i = 0; i < 100'000; ++i) {
    const auto x = static_cast<std::int64_t>(random()) >> (17 + random() % 40);
    const auto mantissa = static_cast<std::int32_t>((1U << 30) + random() % (1U << 30));
    const int exponent = static_cast<int>(random() % 46) - 31;
    const std::int64_t reduced = mantissa >= 0x7FFF0000 ? 0x7FFF : (mantissa + (1 << 15)) >> 16;
    const int shift = 15 - exponent;
    const Wide half = static_cast<Wide>(1) << (shift - 1);
    ASSERT_EQ(multiply_reduced(x, {mantissa, exponent}),
              clamped(floor_shift(static_cast<Wide>(x) * reduced + half, shift)));
  }
}

// The numbers of TensorFlow's issue 102943, where TFLite with XNNPACK says -120: 585·factor is just
// above 6.5, and exactly 6.5 in float32, whose steps leave the factor a unit lower.
TEST(Requantize, ArithmeticsDifferAtATie) {
  Requantizer by;
  by.multiplier = {1527099593, -6};
  by.factor = 11930465 * 0x1p-30F;
  by.zero_point = -126;
  const auto code = [&](Arithmetic arithmetic) {
    by.arithmetic = arithmetic;
    return requantize(585, by);
  };
  EXPECT_EQ(code(Arithmetic::TfliteDouble), -119);
  EXPECT_EQ(code(Arithmetic::TfliteSingle), -119);
  EXPECT_EQ(code(Arithmetic::Xnnpack), -120);
  EXPECT_EQ(code(Arithmetic::OnnxRuntime), -120);
}

// ±2.5: away from zero; the product in float64 is exact, so 31 bits of accumulator count.
TEST(Requantize, InFloat64TiesGoAwayFromZero) {
  const Requantizer by =
      *make_requantizer(Arithmetic::TfliteFloat64, {0.5F, 1, 1}, 1, {kMin32, kMax32});
  EXPECT_EQ(requantize(5, by), 4);
  EXPECT_EQ(requantize(-5, by), -2);
  EXPECT_EQ(requantize((1 << 30) + 1, by), (1 << 29) + 2);
}

TEST(Multiply, RoundsOnceOnlyInSingle) {
  const FixedMultiplier multiplier = fixed_multiplier(0.3);
  for (const std::int32_t x : hard_integers(500)) {
    EXPECT_EQ(multiply(Arithmetic::TfliteSingle, x, multiplier),
              multiply_rounding_once(x, multiplier));
    EXPECT_EQ(multiply(Arithmetic::TfliteDouble, x, multiplier),
              multiply_rounding_twice(x, multiplier));
  }
}

TEST(Arithmetic, TheFirstThreeAreTflites) {
  EXPECT_TRUE(is_tflite(Arithmetic::TfliteDouble));
  EXPECT_TRUE(is_tflite(Arithmetic::TfliteFloat64));
  EXPECT_FALSE(is_tflite(Arithmetic::Xnnpack));
  EXPECT_FALSE(is_tflite(Arithmetic::Onnx));
}

// 2.5 with zero point 1: the reference rounds 3.5 to 4, the runtimes 2.5 to 2.
TEST(Requantize, OnnxRoundsAfterTheZeroPoint) {
  Requantizer by = *make_requantizer(Arithmetic::Onnx, {0.5F, 1, 1}, 1, {0, 255});
  EXPECT_EQ(requantize(5, by), 4);
  by.arithmetic = Arithmetic::OnnxRuntime;
  EXPECT_EQ(requantize(5, by), 3);
}

TEST(Requantize, AccumulatorsBeyondFloat32ArePutOnItsGridFirst) {
  Requantizer by = *make_requantizer(Arithmetic::Xnnpack, {0.5F, 1, 1}, 0, {kMin32, kMax32});
  EXPECT_EQ(requantize((1 << 24) + 3, by), (1 << 23) + 2);
  by.arithmetic = Arithmetic::Onnx;
  EXPECT_EQ(requantize((1 << 25) + 2, by), (1 << 24) + 1);
}

TEST(Requantize, ClampsToTheCodes) {
  for (const Arithmetic arithmetic : kArithmetics) {
    const Requantizer by = *make_requantizer(arithmetic, {1, 1, 1}, 3, {-10, 20});
    EXPECT_EQ(requantize(kMax32, by), 20) << to_string(arithmetic);
    EXPECT_EQ(requantize(kMin32, by), -10) << to_string(arithmetic);
    EXPECT_EQ(requantize(4, by), 7) << to_string(arithmetic);
  }
}

// Of random factors, as published measurements have it: 1.03 % of the codes differ between one
// rounding and two, and hardly any between one rounding and float32.
TEST(Requantize, TheArithmeticsDifferAsOftenAsKnown) {
  std::mt19937 random(5);
  std::uniform_real_distribution<double> exponent(-10, -4);
  constexpr int kCount = 400'000;
  int twice = 0;
  int in_float = 0;
  for (int i = 0; i < kCount; ++i) {
    const auto factor = static_cast<float>(std::exp2(exponent(random)));
    std::uniform_real_distribution<double> code(-128, 127);
    const auto accumulator =
        static_cast<std::int32_t>(std::llround(code(random) / static_cast<double>(factor)));
    Requantizer by = *make_requantizer(Arithmetic::TfliteSingle, {factor, 1, 1}, 0, {-128, 127});
    const std::int32_t once = requantize(accumulator, by);
    by.arithmetic = Arithmetic::TfliteDouble;
    twice += requantize(accumulator, by) != once ? 1 : 0;
    by.arithmetic = Arithmetic::Xnnpack;
    in_float += requantize(accumulator, by) != once ? 1 : 0;
  }
  EXPECT_NEAR(static_cast<double>(twice) / kCount, 0.0103, 0.0008);
  EXPECT_LT(in_float, 20);
}

TEST(Thresholds, GiveTheCodeOfEveryAccumulatorAroundThem) {
  std::mt19937 random(11);
  for (const Arithmetic arithmetic : kArithmetics) {
    for (const float factor : {0x1p-31F, 0.0009765625F, 0.013F, 0.5F, 0.7F, 1.0F, 3.1F}) {
      const CodeRange codes{-8, 7};
      const Requantizer by = *make_requantizer(arithmetic, {factor, 1, 1}, -2, codes);
      const std::vector<std::int64_t> thresholds = thresholds_of(by);
      ASSERT_EQ(thresholds.size(), 15U);
      std::vector<std::int64_t> accumulators{kMin32, kMax32};
      for (const std::int64_t threshold : thresholds) {
        accumulators.insert(accumulators.end(), {threshold - 1, threshold});
      }
      for (int i = 0; i < 500; ++i) accumulators.push_back(static_cast<std::int32_t>(random()));
      for (const std::int64_t accumulator : accumulators) {
        if (accumulator < kMin32 || accumulator > kMax32) continue;
        EXPECT_EQ(count_thresholds(accumulator, thresholds, codes.lowest),
                  requantize(static_cast<std::int32_t>(accumulator), by))
            << to_string(arithmetic) << " " << factor << " " << accumulator;
      }
    }
  }
}

TEST(Arithmetic, NamesGoBothWaysAndNearMissesAreOffered) {
  for (const Arithmetic arithmetic : kArithmetics) {
    EXPECT_EQ(*arithmetic_from_string(to_string(arithmetic)), arithmetic);
  }
  const auto typo = arithmetic_from_string("xnnpac");
  ASSERT_FALSE(typo);
  EXPECT_NE(typo.error().message.find("did you mean \"xnnpack\""), std::string::npos);
}

TEST(MakeRequantizer, RefusesScalesThatAreNone) {
  const auto is_refused = [](LayerScales scales, CodeRange codes = {-128, 127}) {
    const auto made = make_requantizer(Arithmetic::Onnx, scales, 0, codes);
    return !made && made.error().code == ErrorCode::InvalidArgument;
  };
  EXPECT_TRUE(is_refused({0, 1, 1}));
  EXPECT_TRUE(is_refused({1, -1, 1}));
  EXPECT_TRUE(is_refused({1, 1, std::nanf("")}));
  EXPECT_TRUE(is_refused({1, std::numeric_limits<float>::infinity(), 1}));
  EXPECT_TRUE(is_refused({0x1p20F, 1, 0x1p-20F}));
  EXPECT_TRUE(is_refused({0x1p100F, 0x1p100F, 0x1p120F}));
  EXPECT_TRUE(is_refused({1, 1, 1}, {5, 4}));
  EXPECT_TRUE(is_refused({1, 1, 1}, {0, std::int64_t{1} << 31}));
  EXPECT_FALSE(is_refused({1, 1, 1}));
}

// ---- shifts

constexpr std::array kShifts{Arithmetic::ShiftHalfEven, Arithmetic::ShiftHalfUp,
                             Arithmetic::ShiftFloor};

// value·2^−shift, by the remainder of a division.
Wide shifted(Wide value, int shift, Arithmetic arithmetic) {
  if (shift <= 0) return value * (static_cast<Wide>(1) << -shift);
  const Wide one = static_cast<Wide>(1) << shift;
  const Wide floor = floor_shift(value, shift);
  const Wide rest = value - floor * one;
  if (arithmetic == Arithmetic::ShiftFloor || 2 * rest < one) return floor;
  if (2 * rest > one || arithmetic == Arithmetic::ShiftHalfUp) return floor + 1;
  return floor % 2 == 0 ? floor : floor + 1;
}

TEST(ExactLog2, IsForPowersOfTwo) {
  for (int exponent = -149; exponent <= 127; ++exponent) {
    const float power = std::ldexp(1.0F, exponent);
    EXPECT_EQ(exact_log2(power), exponent);
    EXPECT_EQ(exact_log2(-power), std::nullopt);
  }
  for (const float other : {0.0F, 3.0F, 0.1F, std::nextafter(1.0F, 2.0F), 0x3p-149F,
                            std::numeric_limits<float>::infinity(), std::nanf("")}) {
    EXPECT_EQ(exact_log2(other), std::nullopt) << other;
  }
}

TEST(Arithmetic, TheLastThreeShift) {
  for (const Arithmetic arithmetic : kArithmetics) EXPECT_FALSE(is_shift(arithmetic));
  for (const Arithmetic arithmetic : kShifts) {
    EXPECT_TRUE(is_shift(arithmetic));
    EXPECT_FALSE(is_tflite(arithmetic));
    EXPECT_EQ(*arithmetic_from_string(to_string(arithmetic)), arithmetic);
  }
  EXPECT_EQ(shift_rounding(Arithmetic::ShiftHalfEven), Rounding::HalfToEven);
  EXPECT_EQ(shift_rounding(Arithmetic::ShiftHalfUp), Rounding::HalfUp);
  EXPECT_EQ(shift_rounding(Arithmetic::ShiftFloor), Rounding::Floor);
}

TEST(RequantizeByShift, EqualsTheQuotientInWideIntegersForEveryShift) {
  std::vector<std::int64_t> accumulators{std::numeric_limits<std::int64_t>::min(),
                                         std::numeric_limits<std::int64_t>::max()};
  for (const std::int32_t small : hard_integers(400)) {
    accumulators.push_back(small);
    accumulators.push_back(std::int64_t{small} * (std::int64_t{1} << 31) + small);
  }
  for (const Arithmetic arithmetic : kShifts) {
    for (int shift = -40; shift <= 70; ++shift) {
      const Requantizer by = *make_requantizer(arithmetic, {std::ldexp(1.0F, -shift - 3), 4, 0.5F},
                                               -7, {-(1 << 20), 1 << 21});
      ASSERT_EQ(by.shift, shift);
      for (const std::int64_t accumulator : accumulators) {
        const Wide code = shifted(accumulator, shift, arithmetic) - 7;
        const auto clamped_code =
            static_cast<std::int64_t>(std::clamp<Wide>(code, by.codes.lowest, by.codes.highest));
        ASSERT_EQ(requantize_wide(accumulator, by), clamped_code)
            << to_string(arithmetic) << " " << accumulator << " >> " << shift;
        if (accumulator < kMin32 || accumulator > kMax32) continue;
        ASSERT_EQ(requantize(static_cast<std::int32_t>(accumulator), by), clamped_code);
      }
    }
  }
}

// From 2 bits to 32, signed and unsigned, with any zero point.
TEST(RequantizeByShift, SaturatesToEveryWidth) {
  for (int bits = 2; bits <= 32; ++bits) {
    for (const bool is_signed : {false, true}) {
      const CodeRange codes = code_range(bits, is_signed);
      for (const std::int64_t zero_point : {codes.lowest, std::int64_t{1}, codes.highest}) {
        const Requantizer by =
            *make_requantizer(Arithmetic::ShiftHalfUp, {1, 1, 2}, zero_point, codes);
        for (const std::int64_t code : {codes.lowest, codes.highest, zero_point}) {
          const std::int64_t even = 2 * (code - zero_point);
          EXPECT_EQ(requantize_wide(even, by), code);
          EXPECT_EQ(requantize_wide(even - 1, by), code);
          EXPECT_EQ(requantize_wide(even - 2, by), std::max(code - 1, codes.lowest));
          EXPECT_EQ(requantize_wide(even + 1, by), std::min(code + 1, codes.highest));
        }
      }
    }
  }
}

TEST(RequantizeByShift, HasNoLimitToItsFactor) {
  const Requantizer up =
      *make_requantizer(Arithmetic::ShiftHalfEven, {0x1p100F, 0x1p100F, 0x1p-100F}, 3, {-9, 9});
  EXPECT_EQ(requantize_wide(1, up), 9);
  EXPECT_EQ(requantize_wide(0, up), 3);
  EXPECT_EQ(requantize_wide(-1, up), -9);
  const Requantizer down =
      *make_requantizer(Arithmetic::ShiftFloor, {0x1p-100F, 0x1p-100F, 0x1p100F}, 3, {-9, 9});
  EXPECT_EQ(requantize_wide(std::numeric_limits<std::int64_t>::max(), down), 3);
  EXPECT_EQ(requantize_wide(-1, down), 2);
}

TEST(RequantizeByShift, HasThresholds) {
  for (const Arithmetic arithmetic : kShifts) {
    const Requantizer by = *make_requantizer(arithmetic, {1, 1, 8}, 2, {-8, 7});
    const std::vector<std::int64_t> thresholds = thresholds_of(by);
    for (std::int32_t accumulator = -200; accumulator <= 200; ++accumulator) {
      EXPECT_EQ(count_thresholds(accumulator, thresholds, -8), requantize(accumulator, by));
    }
  }
}

TEST(MakeRequantizer, ShiftsNeedPowersOfTwo) {
  for (const LayerScales scales : {LayerScales{3, 1, 1}, {1, 0.1F, 1}, {1, 1, 1.5F}}) {
    const auto made = make_requantizer(Arithmetic::ShiftFloor, scales, 0, {-128, 127});
    ASSERT_FALSE(made);
    EXPECT_NE(made.error().message.find("is no power of two"), std::string::npos);
  }
  const CodeRange uint32{0, std::numeric_limits<std::uint32_t>::max()};
  EXPECT_TRUE(make_requantizer(Arithmetic::ShiftFloor, {1, 1, 1}, 0, uint32));
  EXPECT_FALSE(make_requantizer(Arithmetic::ShiftFloor, {1, 1, 1}, 0, {-1, std::int64_t{1} << 32}));
}

}  // namespace
}  // namespace sluice::numeric
