// SPDX-License-Identifier: Apache-2.0
#include "sluice/numeric/float_formats.hpp"

#include <bit>
#include <cmath>
#include <gtest/gtest.h>
#include <map>
#include <vector>

#include "tests/support/non_finite.hpp"

namespace sluice::numeric {
namespace {

using test::kInfinity;
using test::kNan;

class FloatFormats : public testing::TestWithParam<DType> {
 protected:
  static std::uint32_t num_codes() { return std::uint32_t{1} << num_bits(GetParam()); }

  // Finite codes by value, -0 left out.
  static std::map<double, std::uint32_t> finite_codes() {
    std::map<double, std::uint32_t> codes;
    for (std::uint32_t code = num_codes(); code-- > 0;) {
      const float value = decode_float(GetParam(), code);
      if (std::isfinite(value)) codes[value] = code;
    }
    return codes;
  }
};

TEST_P(FloatFormats, EveryCodeComesBackFromItsValue) {
  for (std::uint32_t code = 0; code < num_codes(); ++code) {
    const float value = decode_float(GetParam(), code);
    const std::uint32_t back = encode_float(GetParam(), value, false);
    if (std::isnan(value)) {
      EXPECT_TRUE(std::isnan(decode_float(GetParam(), back)));
    } else {
      EXPECT_EQ(back, code) << value;
    }
  }
}

TEST_P(FloatFormats, MidpointsGoToTheEvenCodeAndTheirNeighboursToTheNearer) {
  const auto codes = finite_codes();
  for (auto low = codes.begin(), high = std::next(low); high != codes.end(); ++low, ++high) {
    const double middle = (low->first + high->first) / 2;
    const std::uint32_t even = low->second % 2 == 0 ? low->second : high->second;
    const auto value = [](std::uint32_t code) { return decode_float(GetParam(), code); };
    EXPECT_EQ(value(encode_float(GetParam(), middle)), value(even)) << middle;
    const double below = std::nextafter(middle, low->first);
    const double above = std::nextafter(middle, high->first);
    EXPECT_EQ(value(encode_float(GetParam(), below)), low->first) << middle;
    EXPECT_EQ(value(encode_float(GetParam(), above)), high->first) << middle;
  }
}

TEST_P(FloatFormats, TinyValuesBecomeZero) {
  for (const double tiny : {1e-300, 5e-324, 1e-60}) {
    EXPECT_EQ(decode_float(GetParam(), encode_float(GetParam(), tiny)), 0);
    EXPECT_EQ(decode_float(GetParam(), encode_float(GetParam(), -tiny)), 0);
  }
}

INSTANTIATE_TEST_SUITE_P(All, FloatFormats,
                         testing::Values(DType::Float16, DType::BFloat16, DType::Float8E4M3Fn,
                                         DType::Float8E4M3Fnuz, DType::Float8E5M2,
                                         DType::Float8E5M2Fnuz, DType::Float4E2M1),
                         [](const auto& dtype) { return std::string(to_string(dtype.param)); });

TEST(Float16, LargestCodesAreThoseOfIeee754) {
  EXPECT_EQ(decode_float(DType::Float16, 0x7BFF), 65504);
  EXPECT_EQ(decode_float(DType::Float16, 0x0001), std::ldexp(1.0F, -24));
  EXPECT_EQ(decode_float(DType::Float16, 0xFC00), -kInfinity);
  EXPECT_EQ(encode_float(DType::Float16, 65519.99), 0x7BFF);
  EXPECT_EQ(encode_float(DType::Float16, 65520), 0x7C00);
}

TEST(Float16, OverflowIsInfinityWhateverTheFlag) {
  EXPECT_EQ(encode_float(DType::Float16, -1e9, true), 0xFC00);
  EXPECT_EQ(encode_float(DType::BFloat16, 3.4e38 * 1.1, true), 0x7F80);
}

TEST(BFloat16, IsTheHighHalfOfAFloat) {
  for (std::uint32_t code = 0; code < 0x10000; ++code) {
    const float value = decode_float(DType::BFloat16, code);
    if (std::isnan(value)) continue;
    EXPECT_EQ(std::bit_cast<std::uint32_t>(value), code << 16);
  }
}

TEST(Float8, LargestFiniteValues) {
  EXPECT_EQ(decode_float(DType::Float8E4M3Fn, 0x7E), 448);
  EXPECT_EQ(decode_float(DType::Float8E4M3Fnuz, 0x7F), 240);
  EXPECT_EQ(decode_float(DType::Float8E5M2, 0x7B), 57344);
  EXPECT_EQ(decode_float(DType::Float8E5M2Fnuz, 0x7F), 57344);
}

struct Special {
  DType dtype;
  float value;
  bool saturate;
  std::uint32_t code;
};

TEST(Float8, SpecialValuesFollowOnnxTables) {
  const std::vector<Special> table{
      {DType::Float8E4M3Fn, kInfinity, true, 0x7E},
      {DType::Float8E4M3Fn, -1e6F, true, 0xFE},
      {DType::Float8E4M3Fn, kInfinity, false, 0x7F},
      {DType::Float8E4M3Fn, -1e6F, false, 0xFF},
      {DType::Float8E4M3Fn, -0.0F, true, 0x80},
      {DType::Float8E4M3Fn, kNan, true, 0x7F},
      {DType::Float8E4M3Fn, -kNan, true, 0xFF},
      {DType::Float8E4M3Fnuz, -kInfinity, true, 0xFF},
      {DType::Float8E4M3Fnuz, -kInfinity, false, 0x80},
      {DType::Float8E4M3Fnuz, -0.0F, true, 0x00},
      {DType::Float8E4M3Fnuz, -1e-9F, true, 0x00},
      {DType::Float8E4M3Fnuz, -kNan, true, 0x80},
      {DType::Float8E5M2, kInfinity, true, 0x7B},
      {DType::Float8E5M2, -1e6F, false, 0xFC},
      {DType::Float8E5M2, kInfinity, false, 0x7C},
      {DType::Float8E5M2Fnuz, 1e6F, true, 0x7F},
      {DType::Float8E5M2Fnuz, 1e6F, false, 0x80},
      {DType::Float8E5M2Fnuz, -0.0F, false, 0x00},
  };
  for (const Special& row : table) {
    EXPECT_EQ(encode_float(row.dtype, row.value, row.saturate), row.code)
        << to_string(row.dtype) << " of " << row.value;
  }
}

TEST(Float8, SaturationStartsWhereRoundingPassesTheLargestValue) {
  EXPECT_EQ(encode_float(DType::Float8E4M3Fn, 464, false), 0x7E);  // halfway to 480, 448 is even
  EXPECT_EQ(encode_float(DType::Float8E4M3Fn, 464.01, false), 0x7F);
}

TEST(Float4, ClampsAlwaysAndGivesMinusZeroForNan) {
  EXPECT_EQ(encode_float(DType::Float4E2M1, kInfinity, false), 0x7);
  EXPECT_EQ(encode_float(DType::Float4E2M1, -100, false), 0xF);
  EXPECT_EQ(encode_float(DType::Float4E2M1, kNan), 0x8);
  EXPECT_EQ(decode_float(DType::Float4E2M1, 0x7), 6);
}

TEST(Float8E8M0, EveryCodeComesBackFromItsPower) {
  for (std::uint32_t code = 0; code < 0xFF; ++code) {
    const float value = decode_float(DType::Float8E8M0, code);
    EXPECT_EQ(value, std::ldexp(1.0F, static_cast<int>(code) - 127));
    for (const auto rounding : {PowerRounding::Up, PowerRounding::Down, PowerRounding::Nearest}) {
      EXPECT_EQ(encode_power(value, rounding, false), code);
    }
  }
  EXPECT_TRUE(std::isnan(decode_float(DType::Float8E8M0, 0xFF)));
}

TEST(Float8E8M0, RoundsBetweenPowersAsAsked) {
  EXPECT_EQ(encode_power(1.1, PowerRounding::Up), 128U);
  EXPECT_EQ(encode_power(1.9, PowerRounding::Down), 127U);
  EXPECT_EQ(encode_power(1.49, PowerRounding::Nearest), 127U);
  EXPECT_EQ(encode_power(1.5, PowerRounding::Nearest), 128U);
}

TEST(Float8E8M0, OutsideItsRangeSaturatesOrIsNan) {
  EXPECT_EQ(encode_power(0, PowerRounding::Up, true), 0U);
  EXPECT_EQ(encode_power(0, PowerRounding::Nearest, false), 0xFFU);
  EXPECT_EQ(encode_power(1e300, PowerRounding::Up, true), 0xFEU);
  EXPECT_EQ(encode_power(1e300, PowerRounding::Up, false), 0xFFU);
  EXPECT_EQ(encode_power(1e-300, PowerRounding::Down, true), 0U);
  EXPECT_EQ(encode_power(1e-300, PowerRounding::Down, false), 0xFFU);
  EXPECT_EQ(encode_power(kInfinity, PowerRounding::Up, true), 0xFEU);
  EXPECT_EQ(encode_power(kInfinity, PowerRounding::Up, false), 0xFFU);
  EXPECT_EQ(encode_power(kNan), 0xFFU);
  EXPECT_EQ(encode_power(-1), 0xFFU);
}

}  // namespace
}  // namespace sluice::numeric
