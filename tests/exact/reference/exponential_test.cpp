// SPDX-License-Identifier: Apache-2.0
#include "sluice/exact/reference/exponential.hpp"

#include <cmath>
#include <gtest/gtest.h>
#include <limits>

namespace sluice::exact::reference {
namespace {

constexpr std::int32_t kMost = std::numeric_limits<std::int32_t>::max();

TEST(ExpOfNegative, OfZeroIsTheLargestNumberBelowOne) {
  EXPECT_EQ(exp_of_negative(0), kMost);
}

// The polynomial's next term, t⁵/120, is at most 2^−21.9.
TEST(ExpOfNegative, IsNearTheExponentialEverywhere) {
  double worst = 0;
  for (std::int64_t x = std::numeric_limits<std::int32_t>::min(); x <= 0; x += 1009) {
    const double ours = std::ldexp(exp_of_negative(static_cast<std::int32_t>(x)), -31);
    worst = std::max(worst, std::abs(ours - std::exp(std::ldexp(static_cast<double>(x), -26))));
  }
  EXPECT_LT(worst, 0x1p-22);
}

TEST(ExpOfNegative, FallsWithoutAStepUpwards) {
  std::int32_t last = exp_of_negative(std::numeric_limits<std::int32_t>::min());
  for (std::int64_t x = std::numeric_limits<std::int32_t>::min(); x <= 0; x += 65'537) {
    const std::int32_t value = exp_of_negative(static_cast<std::int32_t>(x));
    ASSERT_GE(value, last) << x;
    last = value;
  }
}

// Multiples of 1/4 are the polynomial at −1/4, which stands for 0 too, times their factors.
TEST(ExpOfNegative, AtPowersOfTwoIsKnown) {
  for (const double power : {0.25, 0.5, 1.0, 2.0, 4.0, 8.0, 16.0, 32.0}) {
    const auto x = static_cast<std::int32_t>(std::ldexp(-power, 26));
    EXPECT_NEAR(std::ldexp(exp_of_negative(x), -31), std::exp(-power),
                0x1p-21 * std::exp(-power) + 0x1p-31)
        << power;
  }
}

TEST(ReciprocalOfOnePlus, IsNearTheQuotientEverywhere) {
  double worst = 0;
  for (std::int64_t x = 0; x <= kMost; x += 1009) {
    const double ours = std::ldexp(reciprocal_of_one_plus(static_cast<std::int32_t>(x)), -31);
    const double exact = 1 / (1 + std::ldexp(static_cast<double>(x), -31));
    worst = std::max(worst, std::abs(ours - exact));
  }
  EXPECT_LT(worst, 0x1p-28);
}

TEST(ReciprocalOfOnePlus, OfTheEnds) {
  EXPECT_EQ(reciprocal_of_one_plus(0), kMost);
  EXPECT_NEAR(reciprocal_of_one_plus(kMost), 1 << 30, 4);
}

}  // namespace
}  // namespace sluice::exact::reference
