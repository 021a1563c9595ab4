// SPDX-License-Identifier: Apache-2.0
#include "sluice/numeric/snap.hpp"

#include <cmath>
#include <gtest/gtest.h>
#include <limits>

#include "tests/numeric/hard_values.hpp"

namespace sluice::numeric {
namespace {

using Values = std::vector<float>;

Values snapped(const Grid& grid, const Shape& shape, const Values& in) {
  Values out(in.size());
  snap(grid, shape, in, out);
  return out;
}

TEST(Snap, TakesEachChannelsScale) {
  const AffineGrid grid{8, {1, 2}, {0, 0}, 1};
  EXPECT_EQ(snapped(grid, {2, 2, 1}, {0.7F, 0.7F, 0.2F, 0.2F}), (Values{1, 0.5F, 0, 0}));
}
TEST(Snap, TakesChannelsAlongAnyAxis) {
  const AffineGrid grid{8, {1, 2}, {0, 0}, 0};
  EXPECT_EQ(snapped(grid, {2, 2}, {0.7F, 0.2F, 0.7F, 0.2F}), (Values{1, 0, 0.5F, 0}));
}
TEST(Snap, WorksInPlace) {
  Values values{0.7F, 1.2F};
  snap(FixedGrid{.bits = 8, .fraction_bits = 0}, Shape{2}, values, values);
  EXPECT_EQ(values, (Values{1, 1}));
}
TEST(Snap, ABlockSharesTheExponentOfItsLargestValue) {
  const BlockGrid grid{.mantissa_bits = 2, .batched = false};
  EXPECT_EQ(snapped(grid, {4}, {3, 1.4F, 0.4F, -1.6F}), (Values{3, 1, 0, -2}));
}
TEST(Snap, MxInt8StopsBelowTwo) {
  const BlockGrid grid{.block = BlockShape::Run};
  EXPECT_EQ(snapped(grid, {1, 2}, {1.999F, -1.999F}), (Values{1.984375F, -1.984375F}));
}
TEST(Snap, AnItemOfABatchDoesNotDependOnTheOthers) {
  const BlockGrid grid{.mantissa_bits = 2};
  EXPECT_EQ(snapped(grid, {2, 2}, {0.3F, 0.2F, 100, 90}), (Values{0.25F, 0.25F, 96, 96}));
}
TEST(Snap, NanTakesNoPartInTheExponentAndStays) {
  const Values out =
      snapped(BlockGrid{.batched = false}, {2}, {std::numeric_limits<float>::quiet_NaN(), 0.75F});
  EXPECT_TRUE(std::isnan(out[0]));
  EXPECT_EQ(out[1], 0.75F);
}
TEST(Snap, SnappingTwiceChangesNothingWhereThatIsClaimed) {
  int claimed = 0;
  for (const Shape& shape : hard_shapes()) {
    const Values in = hard_values(static_cast<std::size_t>(num_elements(shape)), 5);
    for (const Grid& grid : every_grid(shape[1])) {
      if (!check_grid(grid, shape) || !is_idempotent(grid)) continue;
      const Values once = snapped(grid, shape, in);
      ASSERT_EQ(bits_of(snapped(grid, shape, once)), bits_of(once));
      ++claimed;
    }
  }
  EXPECT_GT(claimed, 1000);
}

}  // namespace
}  // namespace sluice::numeric
