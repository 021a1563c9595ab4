// SPDX-License-Identifier: Apache-2.0
#include "sluice/numeric/grid.hpp"

#include <gtest/gtest.h>
#include <limits>

#include "sluice/base/shape.hpp"
#include "sluice/numeric/affine.hpp"

namespace sluice::numeric {
namespace {

const Shape kShape{2, 3, 4};

bool fits(const Grid& grid) {
  return check_grid(grid, kShape).has_value();
}

TEST(CheckGrid, AcceptsOneScaleAndOneAChannel) {
  EXPECT_TRUE(fits(AffineGrid{8, {2}, {0}, 7}));  // one scale: the axis is of no account
  EXPECT_TRUE(fits(AffineGrid{8, {2, 1, 3}, {0, 1, 2}, 1}));
}
TEST(CheckGrid, RefusesScalesThatDoNotMatchTheChannels) {
  EXPECT_FALSE(fits(AffineGrid{8, {2, 1}, {0, 1}, 1}));
  EXPECT_FALSE(fits(AffineGrid{8, {2, 1, 3}, {0, 1}, 1}));
  EXPECT_FALSE(fits(AffineGrid{8, {2, 1, 3}, {0, 1, 2}, 3}));
  EXPECT_FALSE(fits(AffineGrid{8, {}, {}, 1}));
}
TEST(CheckGrid, RefusesScalesThatAreNotPositiveAndFinite) {
  EXPECT_FALSE(fits(AffineGrid{8, {0}, {0}, 1}));
  EXPECT_FALSE(fits(AffineGrid{8, {-1}, {0}, 1}));
  EXPECT_FALSE(fits(AffineGrid{8, {std::numeric_limits<float>::infinity()}, {0}, 1}));
  EXPECT_FALSE(fits(AffineGrid{8, {1}, {std::numeric_limits<float>::quiet_NaN()}, 1}));
}
TEST(CheckGrid, RefusesWidthsThatFloatsDoNotHold) {
  EXPECT_FALSE(fits(AffineGrid{25, {1}, {0}, 1}));
  EXPECT_FALSE(fits(AffineGrid{1, {1}, {0}, 1}));
  EXPECT_FALSE(fits(FixedGrid{.bits = 32}));
  EXPECT_FALSE(fits(FixedGrid{.fraction_bits = 127}));
  EXPECT_FALSE(fits(BlockGrid{.mantissa_bits = 24}));
}
TEST(CheckGrid, RefusesBlocksThatDoNotFit) {
  EXPECT_FALSE(fits(BlockGrid{.block = BlockShape::Channel, .axis = 3}));
  EXPECT_FALSE(fits(BlockGrid{.block = BlockShape::Channel, .axis = 0}));
  EXPECT_TRUE(fits(BlockGrid{.block = BlockShape::Channel, .axis = 0, .batched = false}));
  EXPECT_FALSE(fits(BlockGrid{.block = BlockShape::Run, .block_size = 0}));
}
TEST(CheckGrid, RefusesSignMagnitudeWrapOfUnsignedCodes) {
  EXPECT_FALSE(fits(FixedGrid{.is_signed = false, .overflow = Overflow::WrapSignMagnitude}));
}

TEST(IsElementwise, HoldsForOneScaleAndForFixed) {
  EXPECT_TRUE(is_elementwise(AffineGrid{8, {1}, {0}, 1}));
  EXPECT_FALSE(is_elementwise(AffineGrid{8, {1, 1}, {0, 0}, 1}));
  EXPECT_TRUE(is_elementwise(FixedGrid{}));
  EXPECT_FALSE(is_elementwise(BlockGrid{}));
}

// Snaps the value of every code again.
bool stays(const AffineParams& params, int bits) {
  const int half = 1 << (bits - 1);
  for (int code = -half; code < half; ++code) {
    const float value = affine_value(static_cast<float>(code), params);
    if (affine_snap(value, params, bits) != value) return false;
  }
  return true;
}

TEST(IsIdempotent, WhatIsProvenHoldsForEveryCode) {
  for (const int bits : {2, 4, 8, 12, 16, 20}) {
    for (const float min : {-2.7F, -1e-7F, 0.0F}) {
      for (const float max : {0.0F, 3e-9F, 0.731F, 1234.5F}) {
        const Range range{min, max};
        ASSERT_TRUE(is_idempotent(affine_grid({{range}}, bits, 1))) << bits << min << max;
        ASSERT_TRUE(stays(affine_from_range(range, bits), bits)) << bits << min << max;
      }
    }
  }
}
TEST(IsIdempotent, TriesTheCodesOfARangeFarFromZero) {
  const Range drifts{0x1.540b94p-1F, 0x1.540eccp-1F};
  ASSERT_FALSE(stays(affine_from_range(drifts, 8), 8));
  EXPECT_FALSE(is_idempotent(affine_grid({{drifts}}, 8, 1)));
  const Range holds{4096.5F, 4096.5F};
  ASSERT_TRUE(stays(affine_from_range(holds, 8), 8));
  EXPECT_TRUE(is_idempotent(affine_grid({{holds}}, 8, 1)));
}
TEST(IsIdempotent, ClaimsNothingForWideCodesFarFromZero) {
  EXPECT_FALSE(is_idempotent(affine_grid({{Range{1, 1.001F}}}, 20, 1)));
}
TEST(IsIdempotent, HoldsForSymmetricBlocksOnly) {
  EXPECT_TRUE(is_idempotent(BlockGrid{.symmetric = true}));
  EXPECT_FALSE(is_idempotent(BlockGrid{.symmetric = false}));
  EXPECT_TRUE(is_idempotent(FixedGrid{}));
}

}  // namespace
}  // namespace sluice::numeric
