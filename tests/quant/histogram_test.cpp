// SPDX-License-Identifier: Apache-2.0
#include "sluice/quant/histogram.hpp"

#include <algorithm>
#include <cmath>
#include <gtest/gtest.h>
#include <random>

namespace sluice::quant {
namespace {

using Values = std::vector<float>;

void add(Histogram& histogram, const Values& values) {
  float largest = 0;
  for (const float value : values) largest = std::max(largest, std::abs(value));
  histogram.add(values, largest);
}

bool equal(const Histogram::Bin& a, const Histogram::Bin& b) {
  return a.low == b.low && a.high == b.high && a.count == b.count;
}

bool equal(const Histogram& a, const Histogram& b) {
  const auto x = a.occupied();
  const auto y = b.occupied();
  return a.zeros() == b.zeros() && a.total() == b.total() &&
         std::equal(x.begin(), x.end(), y.begin(), y.end(),
                    [](const auto& p, const auto& q) { return equal(p, q); });
}

TEST(Histogram, CountsBothSidesAndZerosApart) {
  Histogram histogram(4);
  add(histogram, {0, 0.1F, 0.9F, -0.3F, -0.0F});
  EXPECT_EQ(histogram.zeros(), 2U);
  EXPECT_EQ(histogram.total(), 5U);
  const auto bins = histogram.occupied();
  ASSERT_EQ(bins.size(), 3U);
  EXPECT_TRUE(equal(bins[0], {-0.5F, -0.25F, 1}));
  EXPECT_TRUE(equal(bins[1], {0, 0.25F, 1}));
  EXPECT_TRUE(equal(bins[2], {0.75F, 1, 1}));
}
TEST(Histogram, APowerOfTwoFallsIntoTheDoubledRange) {
  Histogram histogram(4);
  add(histogram, {1});
  EXPECT_EQ(histogram.bin_width(), 0.5F);
  EXPECT_TRUE(equal(histogram.occupied().front(), {1, 1.5F, 1}));
}
TEST(Histogram, MergesBinsWhenALargerValueComes) {
  Histogram histogram(4);
  add(histogram, {0.1F, 0.3F, 0.9F});
  add(histogram, {3.5F});
  EXPECT_EQ(histogram.magnitudes(), (std::vector<std::uint64_t>{3, 0, 0, 1}));
}
TEST(Histogram, DoesNotDependOnTheBatches) {
  std::mt19937 random(1);
  Values values;
  for (int i = 0; i < 5000; ++i) {
    values.push_back(std::ldexp(static_cast<float>(static_cast<int>(random())) * 0x1p-31F,
                                static_cast<int>(random() % 20) - 10));
  }
  Histogram at_once(64);
  add(at_once, values);
  Histogram bit_by_bit(64);
  std::ranges::sort(values);
  for (std::size_t i = 0; i < values.size(); i += 7) {
    const auto end = std::min(i + 7, values.size());
    add(bit_by_bit, Values(values.begin() + static_cast<std::ptrdiff_t>(i),
                           values.begin() + static_cast<std::ptrdiff_t>(end)));
  }
  EXPECT_TRUE(equal(at_once, bit_by_bit));
}
TEST(Histogram, MergedEqualsCountedTogether) {
  Histogram small(8);
  add(small, {0.1F, -0.2F, 0});
  Histogram large(8);
  add(large, {5, -0.01F});
  Histogram both(8);
  add(both, {0.1F, -0.2F, 0, 5, -0.01F});
  Histogram merged = small;
  merged.merge(large);
  EXPECT_TRUE(equal(merged, both));
  large.merge(small);
  EXPECT_TRUE(equal(large, both));
}
TEST(Histogram, HoldsTheExtremesOfFloats) {
  Histogram histogram(8);
  add(histogram, {1e-45F, 3.4e38F, -3.4e38F});
  EXPECT_EQ(histogram.total(), 3U);
  EXPECT_EQ(histogram.occupied().size(), 3U);
}

}  // namespace
}  // namespace sluice::quant
