// SPDX-License-Identifier: Apache-2.0
#include "sluice/numeric/affine.hpp"

#include <cmath>
#include <gtest/gtest.h>

#include "tests/support/non_finite.hpp"

namespace sluice::numeric {
namespace {

using test::kInfinity;

TEST(AffineFromRange, TakesTheReciprocalBeforeTheProduct) {
  // (2^8 − 1)/R in one division would be 110.869560…; the reciprocal rounds first.
  const float width = 2.3F;
  const AffineParams params = affine_from_range({0, width}, 8);
  EXPECT_EQ(params.scale, (1.0F / width) * 255.0F);
}
TEST(AffineFromRange, MapsAUnitRangeToHalfStepsBothSides) {
  const AffineParams params = affine_from_range({-1, 1}, 8);
  EXPECT_EQ(params, (AffineParams{127.5F, 0}));
  EXPECT_FLOAT_EQ(affine_snap(-1, params, 8), -128.0F / 127.5F);
  EXPECT_FLOAT_EQ(affine_snap(1, params, 8), 127.0F / 127.5F);
}
TEST(AffineFromRange, AConstantZeroGivesADeadChannel) {
  const AffineParams params = affine_from_range({0, 0}, 8);
  EXPECT_EQ(params.scale, 25500000256.0F);
  EXPECT_EQ(params.zero_point, 128);
  EXPECT_EQ(affine_snap(0, params, 8), 0);
  EXPECT_LE(affine_snap(5, params, 8), 1.1e-8F);
}
TEST(AffineFromRange, ARangeWithoutZeroCannotHoldIt) {
  EXPECT_EQ(affine_snap(0, affine_from_range({0.5F, 1}, 8), 8), 0.5F);
}
TEST(AffineSnap, KeepsZeroWhereTheRangeHasIt) {
  for (int bits = 2; bits <= kMaxGridBits; ++bits) {
    EXPECT_EQ(affine_snap(0, affine_from_range({-0.37F, 2.9F}, bits), bits), 0) << bits;
  }
}
TEST(AffineSnap, SaturatesInfinities) {
  const AffineParams params = affine_from_range({-1, 3}, 8);
  EXPECT_EQ(affine_code(kInfinity, params, 8), 127);
  EXPECT_EQ(affine_code(-kInfinity, params, 8), -128);
}
TEST(AffineSnap, KeepsNan) {
  EXPECT_TRUE(std::isnan(affine_snap(std::nanf("7"), affine_from_range({-1, 3}, 8), 8)));
}
TEST(AffineGrid, HasOneEntryARange) {
  const std::vector<Range> ranges{{-1, 1}, {0, 2}};
  const AffineGrid grid = affine_grid(ranges, 8, 0);
  EXPECT_EQ(grid.scale, (std::vector<float>{127.5F, 127.5F}));
  EXPECT_EQ(grid.zero_point, (std::vector<float>{0, 128}));
  EXPECT_EQ(grid.axis, 0);
}
TEST(CheckRange, RefusesWhatHasNoFiniteWidth) {
  EXPECT_TRUE(check_range({-1, 1}));
  EXPECT_FALSE(check_range({1, -1}));
  EXPECT_FALSE(check_range({0, kInfinity}));
  EXPECT_FALSE(check_range({std::nanf(""), 1}));
  EXPECT_FALSE(check_range({-3e38F, 3e38F}));
}

}  // namespace
}  // namespace sluice::numeric
