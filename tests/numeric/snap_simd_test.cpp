// SPDX-License-Identifier: Apache-2.0
#include "sluice/numeric/snap_simd.hpp"

#include <gtest/gtest.h>

#include "tests/numeric/hard_values.hpp"

#include "sluice/base/threads.hpp"
#include "sluice/numeric/snap.hpp"

namespace sluice::numeric {
namespace {

using Values = std::vector<float>;

Values by_definition(const Grid& grid, const Shape& shape, const Values& in) {
  Values out(in.size());
  snap(grid, shape, in, out);
  return out;
}

Values by_simd(const Grid& grid, const Shape& shape, const Values& in) {
  Values out(in.size());
  snap_simd(grid, shape, in, out);
  return out;
}

TEST(SnapSimd, EqualsTheDefinitionOnEveryKindOfGrid) {
  for (const Shape& shape : hard_shapes()) {
    const Values in = hard_values(static_cast<std::size_t>(num_elements(shape)), 11);
    for (const Grid& grid : every_grid(shape[1])) {
      if (!check_grid(grid, shape)) continue;
      ASSERT_EQ(bits_of(by_simd(grid, shape, in)), bits_of(by_definition(grid, shape, in)))
          << "grid kind " << grid.index() << " shape " << sluice::to_string(shape);
    }
  }
}
TEST(SnapSimd, EqualsTheDefinitionOnRunsAlongTheLastDimension) {
  const Shape shape{3, 5, 45};
  const Values in = hard_values(675, 17);
  for (const std::int64_t run : {1, 3, 16, 32, 45, 64}) {
    for (const bool symmetric : {false, true}) {
      const Grid grid =
          BlockGrid{.block = BlockShape::Run, .block_size = run, .axis = 2, .symmetric = symmetric};
      EXPECT_EQ(bits_of(by_simd(grid, shape, in)), bits_of(by_definition(grid, shape, in))) << run;
    }
  }
}
TEST(SnapSimd, EqualsTheDefinitionInPlace) {
  const Shape shape{2, 37, 3, 5};
  for (const Grid& grid : every_grid(37)) {
    const Values in = hard_values(1110, 3);
    Values values = in;
    snap_inplace(grid, shape, values);
    ASSERT_EQ(bits_of(values), bits_of(by_definition(grid, shape, in)));
  }
}
TEST(SnapSimd, DoesNotDependOnTheNumberOfThreads) {
  const Shape shape{4, 32, 40, 40};
  const Values in = hard_values(static_cast<std::size_t>(num_elements(shape)), 23);
  const int threads = num_threads();
  for (const BlockShape block : {BlockShape::Tensor, BlockShape::Channel, BlockShape::Run}) {
    const Grid grid = BlockGrid{.block = block};
    set_num_threads(1);
    const Values alone = by_simd(grid, shape, in);
    set_num_threads(4);
    EXPECT_EQ(bits_of(by_simd(grid, shape, in)), bits_of(alone));
    set_num_threads(threads);
  }
}
TEST(SnapElements, EqualsTheDefinition) {
  const Values in = hard_values(333, 7);
  for (const Grid& grid : every_grid(1)) {
    if (!is_elementwise(grid)) continue;
    Values values = in;
    snap_elements(grid, values);
    ASSERT_EQ(bits_of(values), bits_of(by_definition(grid, {333}, in)));
  }
}
TEST(SnapChannel, EqualsTheDefinitionOfThatChannel) {
  const AffineGrid grid = affine_grid(std::vector<Range>{{-1, 1}, {0, 7}}, 8, 1);
  const Values in = hard_values(100, 9);
  Values values = in;
  snap_channel(grid, 1, values);
  EXPECT_EQ(
      bits_of(values),
      bits_of(by_definition(AffineGrid{8, {grid.scale[1]}, {grid.zero_point[1]}, 1}, {100}, in)));
}
TEST(SnapChannelsLast, EqualsTheDefinitionWithChannelsInnermost) {
  for (const std::int64_t channels : {1, 3, 16, 19, 64}) {
    std::vector<Range> ranges;
    ranges.reserve(static_cast<std::size_t>(channels));
    for (std::int64_t c = 0; c < channels; ++c) ranges.push_back({-0.1F, static_cast<float>(c)});
    const AffineGrid grid = affine_grid(ranges, 8, 1);
    const Values in = hard_values(static_cast<std::size_t>(9 * channels), 13);
    Values values = in;
    snap_channels_last(8, grid.scale, grid.zero_point, values);
    EXPECT_EQ(bits_of(values), bits_of(by_definition(grid, {9, channels}, in)));
  }
}
TEST(SnapChannelsLast, KeepsThePaddingOfABlockedLayout) {
  Values values{0.7F, 0};
  snap_channels_last(8, std::vector<float>{4, 1}, std::vector<float>{0, 0}, values);
  EXPECT_EQ(values, (Values{0.75F, 0}));
}

}  // namespace
}  // namespace sluice::numeric
