// SPDX-License-Identifier: Apache-2.0
#include "sluice/numeric/rounding.hpp"

#include <array>
#include <cmath>
#include <gtest/gtest.h>
#include <limits>

namespace sluice::numeric {
namespace {

constexpr std::array kModes{
    Rounding::Floor,          Rounding::TowardZero,       Rounding::HalfUp,
    Rounding::HalfTowardZero, Rounding::HalfAwayFromZero, Rounding::HalfDown,
    Rounding::HalfToEven};

// Rounds −2.5 −2.25 −1.5 −0.75 −0.5 0.5 0.75 1.5 2.25 2.5.
std::array<double, 10> rounded(Rounding mode) {
  std::array<double, 10> values{-2.5, -2.25, -1.5, -0.75, -0.5, 0.5, 0.75, 1.5, 2.25, 2.5};
  for (double& value : values) value = round_to_integer(value, mode);
  return values;
}
using Ten = std::array<double, 10>;

TEST(RoundToInteger, FloorGoesDown) {
  EXPECT_EQ(rounded(Rounding::Floor), (Ten{-3, -3, -2, -1, -1, 0, 0, 1, 2, 2}));
}
TEST(RoundToInteger, TowardZeroDropsTheFraction) {
  EXPECT_EQ(rounded(Rounding::TowardZero), (Ten{-2, -2, -1, 0, 0, 0, 0, 1, 2, 2}));
}
TEST(RoundToInteger, HalfUpSendsTiesToPlusInfinity) {
  EXPECT_EQ(rounded(Rounding::HalfUp), (Ten{-2, -2, -1, -1, 0, 1, 1, 2, 2, 3}));
}
TEST(RoundToInteger, HalfTowardZeroSendsTiesInwards) {
  EXPECT_EQ(rounded(Rounding::HalfTowardZero), (Ten{-2, -2, -1, -1, 0, 0, 1, 1, 2, 2}));
}
TEST(RoundToInteger, HalfAwayFromZeroSendsTiesOutwards) {
  EXPECT_EQ(rounded(Rounding::HalfAwayFromZero), (Ten{-3, -2, -2, -1, -1, 1, 1, 2, 2, 3}));
}
TEST(RoundToInteger, HalfDownSendsTiesToMinusInfinity) {
  EXPECT_EQ(rounded(Rounding::HalfDown), (Ten{-3, -2, -2, -1, -1, 0, 1, 1, 2, 2}));
}
TEST(RoundToInteger, HalfToEvenSendsTiesToEvenNeighbors) {
  EXPECT_EQ(rounded(Rounding::HalfToEven), (Ten{-2, -2, -2, -1, 0, 0, 1, 2, 2, 2}));
}
TEST(RoundToInteger, ATieMissedByOneBitIsNoTie) {
  EXPECT_EQ(round_to_integer(std::nextafter(-0.5, 0.0), Rounding::HalfDown), 0);
  EXPECT_EQ(round_to_integer(std::nextafter(0.5, 0.0), Rounding::HalfUp), 0);
}
TEST(RoundToInteger, LeavesInfinitiesAndNan) {
  const double infinity = std::numeric_limits<double>::infinity();
  for (const Rounding mode : kModes) {
    EXPECT_EQ(round_to_integer(-infinity, mode), -infinity);
    EXPECT_TRUE(std::isnan(round_to_integer(std::nan(""), mode)));
  }
}

TEST(ShiftRight, EqualsRoundingTheQuotientInEveryMode) {
  for (const Rounding mode : kModes) {
    for (int shift = 0; shift <= 12; ++shift) {
      for (std::int64_t value = -1100; value <= 1100; ++value) {
        const double quotient = std::ldexp(static_cast<double>(value), -shift);
        ASSERT_EQ(static_cast<double>(shift_right(value, shift, mode)),
                  round_to_integer(quotient, mode))
            << value << " >> " << shift << " mode " << static_cast<int>(mode);
      }
    }
  }
}
TEST(ShiftRight, SeesEveryBitOfTheWidestValues) {
  const std::int64_t lowest = std::numeric_limits<std::int64_t>::min();
  EXPECT_EQ(shift_right(lowest, 63, Rounding::Floor), -1);
  EXPECT_EQ(shift_right(lowest, 64, Rounding::HalfToEven), 0);  // −1/2 ties to 0
  EXPECT_EQ(shift_right(lowest, 64, Rounding::HalfAwayFromZero), -1);
  EXPECT_EQ(shift_right(lowest + 1, 64, Rounding::HalfDown), 0);
  EXPECT_EQ(shift_right(-1, 200, Rounding::Floor), -1);
  EXPECT_EQ(shift_right(-1, 200, Rounding::HalfDown), 0);
  EXPECT_EQ(shift_right(lowest, 65, Rounding::HalfDown), 0);  // −1/4
  EXPECT_EQ(shift_right(lowest, 65, Rounding::TowardZero), 0);
}

// What counts 5 … 12 and −10 … −5 become in four bits.
std::array<std::int64_t, 14> fitted(Overflow mode) {
  std::array<std::int64_t, 14> values{5, 6, 7, 8, 9, 10, 11, 12, -10, -9, -8, -7, -6, -5};
  for (std::int64_t& value : values) value = fit_to_bits(value, 4, true, mode);
  return values;
}
using Fourteen = std::array<std::int64_t, 14>;

TEST(FitToBits, WrapDropsTheHighBits) {
  EXPECT_EQ(fitted(Overflow::Wrap), (Fourteen{5, 6, 7, -8, -7, -6, -5, -4, 6, 7, -8, -7, -6, -5}));
}
TEST(FitToBits, SaturateStopsAtTheEnds) {
  EXPECT_EQ(fitted(Overflow::Saturate), (Fourteen{5, 6, 7, 7, 7, 7, 7, 7, -8, -8, -8, -7, -6, -5}));
}
TEST(FitToBits, SaturateSymmetricLeavesOutTheLowestCode) {
  EXPECT_EQ(fitted(Overflow::SaturateSymmetric),
            (Fourteen{5, 6, 7, 7, 7, 7, 7, 7, -7, -7, -7, -7, -6, -5}));
}
TEST(FitToBits, SaturateToZeroGivesZeroForWhatDoesNotFit) {
  EXPECT_EQ(fitted(Overflow::SaturateToZero),
            (Fourteen{5, 6, 7, 0, 0, 0, 0, 0, 0, 0, -8, -7, -6, -5}));
}
TEST(FitToBits, WrapSignMagnitudeCountsBackDown) {
  EXPECT_EQ(fitted(Overflow::WrapSignMagnitude),
            (Fourteen{5, 6, 7, 7, 6, 5, 4, 3, -7, -8, -8, -7, -6, -5}));
}
TEST(FitToBits, UnsignedCodesStartAtZero) {
  EXPECT_EQ(fit_to_bits(-3, 4, false, Overflow::Saturate), 0);
  EXPECT_EQ(fit_to_bits(-3, 4, false, Overflow::Wrap), 13);
  EXPECT_EQ(fit_to_bits(17, 4, false, Overflow::Saturate), 15);
  EXPECT_EQ(fit_to_bits(-3, 4, false, Overflow::SaturateSymmetric), 0);
}

}  // namespace
}  // namespace sluice::numeric
