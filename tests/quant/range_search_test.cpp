// SPDX-License-Identifier: Apache-2.0
#include "sluice/quant/range_search.hpp"

#include <cmath>
#include <gtest/gtest.h>
#include <random>

namespace sluice::quant {
namespace {

using numeric::Range;
using Values = std::vector<float>;

Histogram counted(const Values& values, std::size_t bins = 2048) {
  float largest = 0;
  for (const float value : values) largest = std::max(largest, std::abs(value));
  Histogram histogram(bins);
  histogram.add(values, largest);
  return histogram;
}

Range seen(const Values& values) {
  Range range;
  for (const float value : values) {
    range.min = std::min(range.min, value);
    range.max = std::max(range.max, value);
  }
  return range;
}

numeric::Grid affine4(const Range& range) {
  return numeric::affine_grid({&range, 1}, 4, 1);
}
numeric::Grid affine8(const Range& range) {
  return numeric::affine_grid({&range, 1}, 8, 1);
}

// The error of the values themselves, not of a histogram.
double error_of(const Values& values, const Range& range, int bits) {
  const auto params = numeric::affine_from_range(range, bits);
  double sum = 0;
  for (const float x : values) {
    const double e = static_cast<double>(numeric::affine_snap(x, params, bits) - x);
    sum += e * e;
  }
  return sum;
}

// A bell with one value far out.
Values bell_with_outlier() {
  std::mt19937 random(3);
  Values values;
  for (int i = 0; i < 20000; ++i) {
    float sum = 0;
    for (int k = 0; k < 12; ++k) sum += static_cast<float>(random()) * 0x1p-32F;
    values.push_back(sum - 6);
  }
  values.push_back(40);
  return values;
}

TEST(PercentileRange, KeepsEverythingAtHundred) {
  const Values values{-1, 0, 2, 3};
  EXPECT_EQ(percentile_range(counted(values), seen(values), 100), (Range{-1, 3}));
}
TEST(PercentileRange, DropsTheRarestOnEachSide) {
  Values values(98, 1.0F);
  values.push_back(100);
  values.push_back(-100);
  const Range range = percentile_range(counted(values), seen(values), 98.5);
  EXPECT_NEAR(range.max, 1, 0.07);
  EXPECT_EQ(range.min, 0);
}
TEST(PercentileRange, CountsZerosAmongTheValues) {
  Values values(90, 0.0F);
  for (int i = 1; i <= 10; ++i) values.push_back(static_cast<float>(i));
  EXPECT_NEAR(percentile_range(counted(values), seen(values), 94.5).max, 5, 0.01);
}
TEST(PercentileRange, OfNothingIsZero) {
  EXPECT_EQ(percentile_range(Histogram(16), {0, 0}, 99), (Range{0, 0}));
}

TEST(LeastErrorRange, LeavesOutAnOutlierWhereThatPays) {
  const Values values = bell_with_outlier();
  const Range range = least_error_range(counted(values), seen(values), affine4);
  EXPECT_LT(range.max, 10);
  EXPECT_LT(error_of(values, range, 4), 0.5 * error_of(values, seen(values), 4));
}
TEST(LeastErrorRange, KeepsAllOfAnEvenSpread) {
  Values values;
  for (int i = -1000; i <= 1000; ++i) values.push_back(static_cast<float>(i) * 0.001F);
  const Range range = least_error_range(counted(values), seen(values), affine8);
  EXPECT_GE(range.max, 0.98F);
  EXPECT_LE(range.min, -0.98F);
}
TEST(LeastErrorRange, IsNoWorseThanAnyOfItsCandidates) {
  const Values values = bell_with_outlier();
  const Range range = least_error_range(counted(values), seen(values), affine4);
  for (int i = 1; i <= 100; ++i) {
    const Range candidate{seen(values).min, seen(values).max * static_cast<float>(i) / 100};
    EXPECT_LE(error_of(values, range, 4), error_of(values, candidate, 4) * 1.01) << i;
  }
}

TEST(LeastDivergenceRange, LeavesOutAnOutlier) {
  const Values values = bell_with_outlier();
  const Range range = least_divergence_range(counted(values), seen(values), 128);
  EXPECT_LT(range.max, 10);
  EXPECT_GT(range.max, 2);
  EXPECT_EQ(range.min, std::max(seen(values).min, -range.max));
}
TEST(LeastDivergenceRange, LeavesNothingOutWithAsManyCodesAsBins) {
  const Values values = bell_with_outlier();
  EXPECT_EQ(least_divergence_range(counted(values), seen(values), 2048), seen(values));
}
TEST(LeastDivergenceRange, OfNothingButZerosIsZero) {
  EXPECT_EQ(least_divergence_range(counted({0, 0}), {0, 0}, 128), (Range{0, 0}));
}

}  // namespace
}  // namespace sluice::quant
