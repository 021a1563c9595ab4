// SPDX-License-Identifier: Apache-2.0
#include "sluice/rtl/pair_scaler.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <gtest/gtest.h>
#include <string>

#include "sluice/base/rng.hpp"

namespace sluice::rtl {
namespace {

using numeric::Arithmetic;
using numeric::CodeRange;
using numeric::CodeSum;
using numeric::Quantization;

Quantization codes_at(float scale, std::int64_t zero_point, DType dtype = DType::Int8) {
  return {.dtype = dtype, .scales = {scale}, .zero_points = {zero_point}};
}

// As calibration makes them: sums of about the output's range; powers of two where the arithmetic
// shifts.
Quantization random_codes(Arithmetic arithmetic, double least, Rng& rng) {
  const double exponent = rng.real(least, -3);
  const auto scale = static_cast<float>(
      std::exp2(numeric::is_shift(arithmetic) ? std::round(exponent) : exponent));
  const DType dtype = rng.below(2) == 0 ? DType::Int8 : DType::UInt8;
  const CodeRange codes = numeric::codes_of(dtype);
  const bool is_relu = rng.below(2) == 0;  // zero is the lowest code
  return codes_at(scale, is_relu ? codes.lowest : rng.integer(codes.lowest, codes.highest), dtype);
}

void expect_equal_everywhere(const PairScaler& scaler, const PairRule& rule) {
  for (std::int64_t a = rule.a.lowest; a <= rule.a.highest; ++a) {
    for (std::int64_t b = rule.b.lowest; b <= rule.b.highest; ++b) {
      ASSERT_EQ(scaler.code(a, b), rule.code(a, b)) << a << " and " << b;
    }
  }
}

bool has_room(std::int64_t value, int bits) {
  return value >= -(std::int64_t{1} << (bits - 1)) && value < std::int64_t{1} << (bits - 1);
}

void expect_pair_widths_hold(const PairScaler& scaler, const PairRule& rule) {
  EXPECT_TRUE(has_room(scaler.multiplier_a, scaler.multiplier_bits));
  EXPECT_TRUE(has_room(scaler.multiplier_b, scaler.multiplier_bits));
  EXPECT_TRUE(has_room(scaler.offset, scaler.offset_bits));
  EXPECT_TRUE(has_room(scaler.negative_offset, scaler.offset_bits));
  for (const std::int64_t a : {rule.a.lowest, rule.a.highest}) {
    for (const std::int64_t b : {rule.b.lowest, rule.b.highest}) {
      const std::int64_t sum = a * scaler.multiplier_a + b * scaler.multiplier_b;
      EXPECT_TRUE(has_room(sum, scaler.sum_bits));
      const std::int64_t offset = sum < scaler.pivot ? scaler.negative_offset : scaler.offset;
      EXPECT_TRUE(has_room(sum + offset, scaler.sum_bits));
    }
  }
}

class PairsOfEveryArithmetic : public testing::TestWithParam<Arithmetic> {};

TEST_P(PairsOfEveryArithmetic, AreMetAtEveryPair) {
  Rng rng(1);
  constexpr int kSums = 24;
  int num_refused = 0;
  int most_bits = 0;
  for (int i = 0; i < kSums; ++i) {
    const Quantization a = random_codes(GetParam(), -6, rng);
    const Quantization b = random_codes(GetParam(), -6, rng);
    const Quantization y = random_codes(GetParam(), -5, rng);
    const auto sum = CodeSum::make(GetParam(), a, b, y, i % 3 == 0 ? -1 : 1);
    ASSERT_TRUE(sum) << sum.error().text();
    const PairRule rule = rule_of(*sum, a, b);
    const auto scaler = fit_pair_scaler(rule, numeric::codes_of(y));
    if (!scaler) {
      EXPECT_EQ(scaler.error().code, ErrorCode::Unsupported);
      ++num_refused;
      continue;
    }
    most_bits = std::max(most_bits, scaler->multiplier_bits);
    expect_pair_widths_hold(*scaler, rule);
    expect_equal_everywhere(*scaler, rule);
  }
  // Halves to even are on no plane; other sums are there, but for rare ties of float32.
  const bool ties_to_even = GetParam() == Arithmetic::ShiftHalfEven;
  EXPECT_LE(num_refused, ties_to_even ? kSums - 1 : 1);
  EXPECT_LE(most_bits, 24);
}

INSTANTIATE_TEST_SUITE_P(PairScaler, PairsOfEveryArithmetic,
                         testing::Values(Arithmetic::TfliteDouble, Arithmetic::TfliteSingle,
                                         Arithmetic::TfliteFloat64, Arithmetic::Xnnpack,
                                         Arithmetic::OnnxRuntime, Arithmetic::Onnx,
                                         Arithmetic::ShiftHalfEven, Arithmetic::ShiftHalfUp,
                                         Arithmetic::ShiftFloor),
                         [](const auto& tested) {
                           std::string name(to_string(tested.param));
                           std::ranges::replace(name, '-', '_');
                           return name;
                         });

// XNNPACK's definition is a plane, so there always is one; what is found shifts no further.
TEST(FitPairScaler, FindsAPlaneWhereverThereIsOne) {
  Rng rng(6);
  for (int i = 0; i < 60; ++i) {
    const auto codes = [&](double least) {
      return codes_at(static_cast<float>(std::exp2(rng.real(least, -3))), rng.integer(-128, 127));
    };
    const Quantization a = codes(-6);
    const Quantization b = codes(-6);
    const auto sum = CodeSum::make(Arithmetic::Xnnpack, a, b, codes(-5), 1);
    ASSERT_TRUE(sum && sum->factors());
    const auto scaler = fit_pair_scaler(rule_of(*sum, a, b), {-128, 127});
    ASSERT_TRUE(scaler) << scaler.error().text();
    EXPECT_LE(scaler->shift, sum->factors()->shift);
  }
}

// Of all multipliers that columns allow, 226,000 at a shift of 32, 3,000 have a plane.
TEST(FitPairScaler, FindsANarrowPlane) {
  const Quantization a = codes_at(0x1.2629cp-6F, -128);
  const Quantization b = codes_at(0x1.f056bep-5F, 70);
  const auto sum = CodeSum::make(Arithmetic::Xnnpack, a, b, codes_at(0x1.d3957ap-5F, 50), 1);
  ASSERT_TRUE(sum);
  EXPECT_TRUE(fit_pair_scaler(rule_of(*sum, a, b), {-128, 127}));
}

TEST(FitPairScaler, OfOneScaleAddsWithoutMultiplying) {
  const Quantization codes = codes_at(0.3F, 0);
  const auto sum = CodeSum::make(Arithmetic::TfliteDouble, codes, codes, codes, 1);
  const auto scaler = fit_pair_scaler(rule_of(*sum, codes, codes), {-128, 127});
  ASSERT_TRUE(scaler) << scaler.error().text();
  EXPECT_EQ(scaler->shift, 0);
  EXPECT_EQ(scaler->multiplier_a, 1);
  EXPECT_EQ(scaler->multiplier_b, 1);
  EXPECT_EQ(scaler->offset, 0);
  EXPECT_FALSE(scaler->has_negative_offset());
}

TEST(FitPairScaler, DifferencesHaveANegativeMultiplier) {
  const Quantization codes = codes_at(0.3F, 0);
  const auto sum = CodeSum::make(Arithmetic::Onnx, codes, codes, codes, -1);
  const auto scaler = fit_pair_scaler(rule_of(*sum, codes, codes), {-128, 127});
  ASSERT_TRUE(scaler) << scaler.error().text();
  EXPECT_EQ(scaler->multiplier_a, 1);
  EXPECT_EQ(scaler->multiplier_b, -1);
}

// The difference from a code that is its zero at least is clamped there, whatever the other is.
TEST(FitPairScaler, AClampedSideDoesNotHideWhereASumFalls) {
  const Quantization a = codes_at(1, 127);
  const Quantization b = codes_at(1, -128);
  const Quantization y = codes_at(1, -128);
  const auto sum = CodeSum::make(Arithmetic::ShiftFloor, b, a, y, -1);
  const auto scaler = fit_pair_scaler(rule_of(*sum, b, a), {-128, 127});
  ASSERT_TRUE(scaler) << scaler.error().text();
  EXPECT_LT(scaler->multiplier_b, 0);
}

// round((a + b)/2), halves away from zero.
PairRule rule_of_means(CodeRange codes) {
  const auto code = [](std::int64_t a, std::int64_t b) -> std::int64_t {
    return std::lround(static_cast<double>(a + b) / 2);
  };
  return {code, codes, codes, 0, 0};
}

TEST(FitPairScaler, HalvesAwayFromZeroBendThePlane) {
  const PairRule rule = rule_of_means({-128, 127});
  const auto scaler = fit_pair_scaler(rule, {-128, 127});
  ASSERT_TRUE(scaler) << scaler.error().text();
  EXPECT_FALSE(scaler->needs_multiplier());
  EXPECT_TRUE(scaler->has_negative_offset());
  EXPECT_EQ(scaler->shift, 1);
  EXPECT_EQ(scaler->multiplier_a, 1);
  EXPECT_EQ(scaler->multiplier_b, 1);
  EXPECT_EQ(scaler->offset, 1);
  EXPECT_EQ(scaler->negative_offset, 0);
  expect_equal_everywhere(*scaler, rule);
}

TEST(FitPairScaler, ABentPlaneMayLieOffCenter) {
  Rng rng(2);
  for (int i = 0; i < 10; ++i) {
    const std::int64_t zero_a = rng.integer(-128, 127);
    const std::int64_t zero_b = rng.integer(-128, 127);
    const std::int64_t zero_y = rng.integer(-128, 127);
    const auto code = [=](std::int64_t a, std::int64_t b) {
      const auto sum = static_cast<double>((a - zero_a) + 2 * (b - zero_b));
      return std::clamp<std::int64_t>(std::lround(sum / 4) + zero_y, -128, 127);
    };
    const PairRule rule{code, {-128, 127}, {-128, 127}, zero_a, zero_b};
    const auto scaler = fit_pair_scaler(rule, {-128, 127});
    ASSERT_TRUE(scaler) << scaler.error().text();
    EXPECT_FALSE(scaler->needs_multiplier());
    expect_equal_everywhere(*scaler, rule);
  }
}

TEST(FitPairScaler, HalvesToEvenHaveNoPlane) {
  const Quantization codes = codes_at(1, 0);
  const auto sum = CodeSum::make(Arithmetic::ShiftHalfEven, codes, codes, codes_at(2, 0), 1);
  const auto scaler = fit_pair_scaler(rule_of(*sum, codes, codes), {-128, 127});
  ASSERT_FALSE(scaler);
  EXPECT_EQ(scaler.error().code, ErrorCode::Unsupported);
  EXPECT_EQ(scaler.error().message,
            "the codes of the sum are on no plane with one rounding and multipliers of at most 27 "
            "bits; look them up in a table instead");
}

TEST(FitPairScaler, CodesOf10BitsFit) {
  const double factor_a = 0.375;
  const double factor_b = 53.0 / 64;
  const auto code = [=](std::int64_t a, std::int64_t b) {
    const double sum = factor_a * static_cast<double>(a) + factor_b * static_cast<double>(b);
    return std::clamp<std::int64_t>(static_cast<std::int64_t>(std::floor(sum)), 0, 1023);
  };
  const PairRule rule{code, {0, 1023}, {-512, 511}, 0, 0};
  const auto scaler = fit_pair_scaler(rule, {0, 1023});
  ASSERT_TRUE(scaler) << scaler.error().text();
  expect_equal_everywhere(*scaler, rule);
}

TEST(FitPairScaler, ASumThatIsOneCodeNeedsNothing) {
  const PairRule rule{
      [](std::int64_t, std::int64_t) { return std::int64_t{5}; }, {0, 255}, {0, 255}, 0, 0};
  const auto scaler = fit_pair_scaler(rule, {0, 15});
  ASSERT_TRUE(scaler) << scaler.error().text();
  EXPECT_EQ(scaler->multiplier_a, 0);
  EXPECT_EQ(scaler->multiplier_b, 0);
  EXPECT_EQ(scaler->offset, 5);
}

TEST(FitPairScaler, SumsOfOneCodeOnlyAreLines) {
  const PairRule rule{
      [](std::int64_t a, std::int64_t) { return a >> 3; }, {0, 255}, {0, 255}, 0, 0};
  const auto scaler = fit_pair_scaler(rule, {0, 31});
  ASSERT_TRUE(scaler) << scaler.error().text();
  EXPECT_EQ(scaler->multiplier_b, 0);
  expect_equal_everywhere(*scaler, rule);
}

// Rising in a here and falling there is no sum: refused, not answered wrongly.
TEST(FitPairScaler, ProductsAreRefused) {
  const PairRule rule{
      [](std::int64_t a, std::int64_t b) { return (a * b) >> 7; }, {-128, 127}, {-128, 127}, 0, 0};
  EXPECT_FALSE(fit_pair_scaler(rule, {-128, 127}));
}

bool has_plane(const PairRule& rule, CodeRange codes, std::int64_t most, int shift) {
  for (std::int64_t of_a = 0; of_a <= most; ++of_a) {
    for (std::int64_t of_b = 0; of_b <= most; ++of_b) {
      for (std::int64_t offset = -64; offset <= 64; ++offset) {
        const PairScaler scaler{.shift = shift,
                                .multiplier_a = of_a,
                                .multiplier_b = of_b,
                                .offset = offset,
                                .negative_offset = offset,
                                .codes = codes};
        bool is_equal = true;
        for (std::int64_t a = rule.a.lowest; a <= rule.a.highest && is_equal; ++a) {
          for (std::int64_t b = rule.b.lowest; b <= rule.b.highest && is_equal; ++b) {
            is_equal = scaler.code(a, b) == rule.code(a, b);
          }
        }
        if (is_equal) return true;
      }
    }
  }
  return false;
}

TEST(FitPairScaler, NoShiftIsSmaller) {
  Rng rng(3);
  constexpr CodeRange kCodes{0, 7};
  int num_checked = 0;
  for (int i = 0; i < 30; ++i) {
    const double factor_a = rng.real(0.2, 0.9);
    const double factor_b = rng.real(0.2, 0.9);
    const auto code = [=](std::int64_t a, std::int64_t b) {
      const double sum = factor_a * static_cast<double>(a) + factor_b * static_cast<double>(b);
      return std::clamp<std::int64_t>(static_cast<std::int64_t>(std::floor(sum + 0.5)), 0, 7);
    };
    const PairRule rule{code, kCodes, kCodes, 0, 0};
    const auto scaler = fit_pair_scaler(rule, kCodes);
    ASSERT_TRUE(scaler) << scaler.error().text();
    const std::int64_t most = std::max(scaler->multiplier_a, scaler->multiplier_b);
    if (scaler->shift == 0 || most > 30) continue;
    ++num_checked;
    EXPECT_FALSE(has_plane(rule, kCodes, most, scaler->shift - 1));
  }
  EXPECT_GT(num_checked, 15);
}

constexpr std::array kPlainShifts{Arithmetic::ShiftHalfUp, Arithmetic::ShiftFloor};

TEST(ShiftPairScaler, EqualsTheDefinitionAtEveryPair) {
  Rng rng(4);
  for (const Arithmetic arithmetic : kPlainShifts) {
    for (int i = 0; i < 20; ++i) {
      const Quantization a = random_codes(arithmetic, -6, rng);
      const Quantization b = random_codes(arithmetic, -6, rng);
      const Quantization y = random_codes(arithmetic, -5, rng);
      const int sign = i % 2 == 0 ? 1 : -1;
      const auto sum = CodeSum::make(arithmetic, a, b, y, sign);
      const auto scaler = shift_pair_scaler(arithmetic, a, b, y, sign);
      ASSERT_TRUE(sum && scaler);
      const PairRule rule = rule_of(*sum, a, b);
      expect_pair_widths_hold(*scaler, rule);
      expect_equal_everywhere(*scaler, rule);
    }
  }
}

TEST(ShiftPairScaler, EqualsTheDefinitionOfWideCodes) {
  Rng rng(5);
  for (const Arithmetic arithmetic : kPlainShifts) {
    for (int i = 0; i < 20; ++i) {
      const auto wide = [&](int least, int most) {
        const auto scale = std::ldexp(1.0F, static_cast<int>(rng.integer(least, most)));
        return codes_at(scale, rng.integer(-32768, 32767), DType::Int16);
      };
      const Quantization a = wide(-12, -8);
      const Quantization b = wide(-12, -8);
      const Quantization y = wide(-10, -7);
      const auto sum = CodeSum::make(arithmetic, a, b, y, -1);
      const auto scaler = shift_pair_scaler(arithmetic, a, b, y, -1);
      ASSERT_TRUE(sum && scaler);
      for (int pair = 0; pair < 20'000; ++pair) {
        const std::int64_t of_a = rng.integer(-32768, 32767);
        const std::int64_t of_b = rng.integer(-32768, 32767);
        ASSERT_EQ(scaler->code(of_a, of_b), sum->code(of_a, of_b)) << of_a << " and " << of_b;
      }
    }
  }
}

TEST(ShiftPairScaler, MultipliersArePowersOfTwo) {
  const auto scaler = shift_pair_scaler(Arithmetic::ShiftHalfUp, codes_at(0.25F, 3), codes_at(1, 0),
                                        codes_at(0.5F, 10), -1);
  ASSERT_TRUE(scaler) << scaler.error().text();
  EXPECT_EQ(scaler->shift, 1);
  EXPECT_EQ(scaler->multiplier_a, 1);
  EXPECT_EQ(scaler->multiplier_b, -4);
  EXPECT_EQ(scaler->offset, 10 * 2 - 3 + 1);
  EXPECT_EQ(scaler->pivot, 3);
}

TEST(ShiftPairScaler, HalvesToEvenAreRefusedWhereThereAreHalves) {
  const Quantization one = codes_at(1, 0);
  const Quantization two = codes_at(2, 0);
  EXPECT_FALSE(shift_pair_scaler(Arithmetic::ShiftHalfEven, one, one, two, 1));
  EXPECT_TRUE(shift_pair_scaler(Arithmetic::ShiftHalfEven, two, two, one, 1));
}

TEST(ShiftPairScaler, SumsBeyondFloat64AreRefused) {
  const Quantization near{.dtype = DType::Int32, .scales = {1}, .zero_points = {0}};
  const Quantization far{.dtype = DType::Int32, .scales = {0x1p25F}, .zero_points = {0}};
  const Quantization farther{.dtype = DType::Int32, .scales = {0x1p60F}, .zero_points = {0}};
  EXPECT_TRUE(shift_pair_scaler(Arithmetic::ShiftFloor, near, near, near, 1));
  EXPECT_FALSE(shift_pair_scaler(Arithmetic::ShiftFloor, near, far, near, 1));
  EXPECT_FALSE(shift_pair_scaler(Arithmetic::ShiftFloor, near, farther, near, 1));
}

TEST(ShiftPairScaler, ScalesMustBePowersOfTwo) {
  const auto scaler = shift_pair_scaler(Arithmetic::ShiftFloor, codes_at(0.3F, 0), codes_at(1, 0),
                                        codes_at(1, 0), 1);
  ASSERT_FALSE(scaler);
  EXPECT_EQ(scaler.error().code, ErrorCode::InvalidArgument);
}

}  // namespace
}  // namespace sluice::rtl
