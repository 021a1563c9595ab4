// SPDX-License-Identifier: Apache-2.0
#include "sluice/numeric/fixed.hpp"

#include <cmath>
#include <gtest/gtest.h>

#include "tests/support/non_finite.hpp"

namespace sluice::numeric {
namespace {

using test::kInfinity;

TEST(FixedSnap, RoundsToTheStepAndSaturates) {
  const FixedGrid q8{.bits = 8, .fraction_bits = 4};
  EXPECT_EQ(fixed_snap(1.03F, q8), 1.0F);
  EXPECT_EQ(fixed_snap(1.09375F, q8), 1.125F);  // 17.5 ties to 18
  EXPECT_EQ(fixed_snap(100, q8), 7.9375F);
  EXPECT_EQ(fixed_snap(-100, q8), -8.0F);
}
TEST(FixedSnap, RoundsBeforeItOverflows) {
  const FixedGrid grid{.bits = 4, .fraction_bits = 0, .overflow = Overflow::Wrap};
  EXPECT_EQ(fixed_snap(7.6F, grid), -8.0F);  // the carry of rounding wraps
}
TEST(FixedSnap, DefaultsOfApFixedTruncateAndWrap) {
  const FixedGrid grid{
      .bits = 8, .fraction_bits = 4, .rounding = Rounding::Floor, .overflow = Overflow::Wrap};
  EXPECT_EQ(fixed_snap(-0.01F, grid), -0.0625F);
  EXPECT_EQ(fixed_snap(8.03F, grid), -8.0F);
}
TEST(FixedSnap, TakesNegativeAndLargeFractions) {
  EXPECT_EQ(fixed_snap(1000, {.bits = 8, .fraction_bits = -4}), 992.0F);
  EXPECT_EQ(fixed_snap(0.011F, {.bits = 8, .fraction_bits = 12}), 45 * 0x1p-12F);
}
TEST(FixedSnap, UnsignedCodesReachTwiceAsFar) {
  const FixedGrid grid{.bits = 8, .fraction_bits = 4, .is_signed = false};
  EXPECT_EQ(fixed_snap(100, grid), 15.9375F);
  EXPECT_EQ(fixed_snap(-1, grid), 0.0F);
}
TEST(FixedSnap, TreatsAnInfinityAsFarTooLarge) {
  EXPECT_EQ(fixed_snap(-kInfinity, {.bits = 8, .fraction_bits = 4}), -8.0F);
  EXPECT_EQ(fixed_snap(kInfinity, {.bits = 8, .fraction_bits = 4, .overflow = Overflow::Wrap}), 0);
  EXPECT_EQ(fixed_snap(3e38F, {.bits = 8, .fraction_bits = 4, .overflow = Overflow::Wrap}), 0);
}
TEST(FixedSnap, KeepsNan) {
  EXPECT_TRUE(std::isnan(fixed_snap(std::nanf(""), {})));
}
TEST(FixedSnap, NeverGivesMinusZero) {
  EXPECT_FALSE(std::signbit(fixed_snap(-0.001F, {.bits = 8, .fraction_bits = 4})));
}

TEST(FractionBitsFor, AreTheMostThatHoldBothEnds) {
  const FixedGrid q8{.bits = 8};
  EXPECT_EQ(fraction_bits_for({-1, 0.9F}, q8), 7);
  EXPECT_EQ(fraction_bits_for({-1, 1}, q8), 6);
  EXPECT_EQ(fraction_bits_for({-3, 2}, q8), 5);
  EXPECT_EQ(fraction_bits_for({0, 300}, q8), -2);
  EXPECT_EQ(fraction_bits_for({0, 0.001F}, q8), 16);
}
TEST(FractionBitsFor, LooksAtTheRoundedEnds) {
  EXPECT_EQ(fraction_bits_for({0, 127.4F / 128}, {.bits = 8}), 7);
  EXPECT_EQ(fraction_bits_for({0, 127.6F / 128}, {.bits = 8}), 6);
  EXPECT_EQ(fraction_bits_for({0, 127.6F / 128}, {.bits = 8, .rounding = Rounding::Floor}), 7);
}
TEST(FractionBitsFor, UnsignedFormatsSpendNothingOnTheSign) {
  EXPECT_EQ(fraction_bits_for({-5, 0.9F}, {.bits = 8, .is_signed = false}), 8);
}
TEST(FractionBitsFor, ARangeOfNothingButZeroTakesTheWidth) {
  EXPECT_EQ(fraction_bits_for({0, 0}, {.bits = 8}), 8);
}
TEST(FractionBitsFor, StaysWithinWhatCanBeEmulated) {
  EXPECT_EQ(fraction_bits_for({0, 1e-44F}, {.bits = 8}), kMaxFractionBits);
  EXPECT_EQ(fraction_bits_for({0, 3e38F}, {.bits = 8}), kMinFractionBits);
}

}  // namespace
}  // namespace sluice::numeric
