// SPDX-License-Identifier: Apache-2.0
#include "sluice/quant/grids.hpp"

#include <cmath>
#include <gtest/gtest.h>
#include <limits>

namespace sluice::quant {
namespace {

using numeric::AffineFormat;
using numeric::AffineGrid;
using numeric::BlockFormat;
using numeric::BlockGrid;
using numeric::BlockShape;
using numeric::FixedFormat;
using numeric::FixedGrid;
using numeric::Range;
using numeric::Sharing;

const Shape kTwoImages{2, 3, 4, 4};
using RangeList = std::vector<Range>;

TEST(NumRanges, OneAChannelWhereChannelsDoNotShare) {
  EXPECT_EQ(num_ranges(AffineFormat{8, Sharing::Channel}, kTwoImages), 3U);
  EXPECT_EQ(num_ranges(AffineFormat{8, Sharing::Channel}, Shape{5}), 1U);
  EXPECT_EQ(num_ranges(AffineFormat{8, Sharing::Layer}, kTwoImages), 1U);
  EXPECT_EQ(num_ranges(AffineFormat{8, Sharing::Network}, kTwoImages), 1U);
  EXPECT_EQ(num_ranges(FixedFormat{.bits = 8}, kTwoImages), 1U);
  EXPECT_EQ(num_ranges(FixedFormat{.bits = 8, .fraction_bits = 4}, kTwoImages), 0U);
  EXPECT_EQ(num_ranges(BlockFormat{}, kTwoImages), 0U);
}

TEST(ActivationGrid, AffineFollowsItsRanges) {
  const RangeList ranges{{0, 1}, {-1, 1}, {0, 2}};
  const auto grid = activation_grid(AffineFormat{8, Sharing::Channel}, ranges, kTwoImages);
  ASSERT_TRUE(grid);
  EXPECT_EQ(std::get<AffineGrid>(*grid), numeric::affine_grid(ranges, 8, 1));
}
TEST(ActivationGrid, QFormatPutsThePointWhereTheRangeEnds) {
  const auto grid = activation_grid(FixedFormat{.bits = 8}, RangeList{{-3, 2}}, kTwoImages);
  ASSERT_TRUE(grid);
  EXPECT_EQ(std::get<FixedGrid>(*grid), (FixedGrid{.bits = 8, .fraction_bits = 5}));
}
TEST(ActivationGrid, AGivenPointStays) {
  const FixedFormat format{.bits = 8, .fraction_bits = 1, .rounding = numeric::Rounding::Floor};
  const auto grid = activation_grid(format, {}, kTwoImages);
  ASSERT_TRUE(grid);
  EXPECT_EQ(std::get<FixedGrid>(*grid),
            (FixedGrid{.bits = 8, .fraction_bits = 1, .rounding = numeric::Rounding::Floor}));
}
TEST(ActivationGrid, BlocksStayWithinAnItemOfTheBatch) {
  const auto grid = activation_grid(BlockFormat{8, BlockShape::Run, 32}, {}, kTwoImages);
  ASSERT_TRUE(grid);
  EXPECT_EQ(std::get<BlockGrid>(*grid),
            (BlockGrid{.mantissa_bits = 7, .block = BlockShape::Run, .block_size = 32}));
}
TEST(ActivationGrid, AVectorIsOneBlockAnItem) {
  const auto grid = activation_grid(BlockFormat{8, BlockShape::Run, 32}, {}, Shape{5});
  ASSERT_TRUE(grid);
  EXPECT_TRUE(numeric::check_grid(*grid, Shape{5}));
}
TEST(ActivationGrid, RefusesEndlessRanges) {
  const RangeList endless{{0, std::numeric_limits<float>::infinity()}};
  EXPECT_FALSE(activation_grid(AffineFormat{8, Sharing::Layer}, endless, kTwoImages));
  EXPECT_FALSE(activation_grid(FixedFormat{.bits = 8}, endless, kTwoImages));
}

TEST(RangesAlong, TakeEachSlice) {
  const Tensor w = Tensor::from<float>({2, 2, 2}, {1, 2, 3, 4, -5, 6, 7, -8});
  EXPECT_EQ(ranges_along(w, 0), (RangeList{{1, 4}, {-8, 7}}));
  EXPECT_EQ(ranges_along(w, 1), (RangeList{{-5, 6}, {-8, 7}}));
  EXPECT_EQ(ranges_along(w, 2), (RangeList{{-5, 7}, {-8, 6}}));
  EXPECT_EQ(range_of(w), (Range{-8, 7}));
}
TEST(RangesAlong, SeeEveryElementOfALongSlice) {
  for (std::int64_t at = 0; at < 37; ++at) {
    std::vector<float> values(37, 0.5F);
    values[static_cast<std::size_t>(at)] = -3;
    EXPECT_EQ(range_of(Tensor::from<float>({37}, values)), (Range{-3, 0.5F})) << at;
    values[static_cast<std::size_t>(at)] = std::nanf("");
    EXPECT_TRUE(std::isnan(range_of(Tensor::from<float>({37}, values)).min)) << at;
  }
}
TEST(RangesAlong, ReportNan) {
  EXPECT_TRUE(std::isnan(range_of(Tensor::from<float>({3}, {1, std::nanf(""), 2})).min));
}
TEST(RangesAlong, OfNothingAreZero) {
  EXPECT_EQ(ranges_along(Tensor(DType::Float32, {2, 0}), 0), (RangeList{{0, 0}, {0, 0}}));
}

TEST(WeightGrid, RangesNeedNotHoldZero) {
  const Tensor w = Tensor::from<float>({2, 2}, {1, 2, 3, 4});
  const auto grid = weight_grid(AffineFormat{8, Sharing::Channel}, w, {1, 0, 1}, {});
  ASSERT_TRUE(grid);
  EXPECT_EQ(std::get<AffineGrid>(*grid), numeric::affine_grid(RangeList{{1, 2}, {3, 4}}, 8, 0));
}
TEST(WeightGrid, NetworkWideFormatsTakeTheNetworksRange) {
  const Tensor w = Tensor::from<float>({2, 2}, {1, 2, 3, 4});
  const auto grid = weight_grid(AffineFormat{8, Sharing::Network}, w, {}, {-7, 9});
  ASSERT_TRUE(grid);
  EXPECT_EQ(std::get<AffineGrid>(*grid), numeric::affine_grid(RangeList{{-7, 9}}, 8, 0));
}
TEST(WeightGrid, BlocksRunAlongWhatIsSummedOver) {
  const Tensor w(DType::Float32, {4, 3, 1, 1});
  const auto runs = weight_grid(BlockFormat{8, BlockShape::Run, 16}, w, {1, 0, 1}, {});
  const auto channels = weight_grid(BlockFormat{8, BlockShape::Channel}, w, {1, 0, 1}, {});
  ASSERT_TRUE(runs && channels);
  EXPECT_EQ(std::get<BlockGrid>(*runs).axis, 1);
  EXPECT_EQ(std::get<BlockGrid>(*channels).axis, 0);
  EXPECT_FALSE(std::get<BlockGrid>(*runs).batched);
}

}  // namespace
}  // namespace sluice::quant
