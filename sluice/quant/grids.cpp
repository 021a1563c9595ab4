// SPDX-License-Identifier: Apache-2.0
#include "sluice/quant/grids.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

#include "sluice/numeric/fixed.hpp"

namespace sluice::quant {
namespace {

using numeric::AffineFormat;
using numeric::BlockFormat;
using numeric::BlockGrid;
using numeric::BlockShape;
using numeric::FixedFormat;
using numeric::FixedGrid;
using numeric::Format;
using numeric::Grid;
using numeric::Range;
using numeric::Sharing;

// Where a tensor's channels and blocks lie.
struct Layout {
  std::int64_t channel_axis;
  std::int64_t depth_axis;
  bool batched;
};

Result<Grid> grid_of(const AffineFormat& format, std::span<const Range> ranges,
                     const Layout& layout) {
  for (const Range& range : ranges) SL_TRY_STATUS(numeric::check_range(range));
  return Grid{numeric::affine_grid(ranges, format.bits, layout.channel_axis)};
}

Result<Grid> grid_of(const FixedFormat& format, std::span<const Range> ranges,
                     const Layout& /*layout*/) {
  FixedGrid grid{format.bits, 0, format.is_signed, format.rounding, format.overflow};
  if (format.fraction_bits) {
    grid.fraction_bits = *format.fraction_bits;
  } else {
    SL_TRY_STATUS(numeric::check_range(ranges.front()));
    grid.fraction_bits = numeric::fraction_bits_for(ranges.front(), grid);
  }
  return Grid{grid};
}

Result<Grid> grid_of(const BlockFormat& format, std::span<const Range> /*ranges*/,
                     const Layout& layout) {
  return Grid{BlockGrid{
      .mantissa_bits = format.bits - 1,
      .block = format.block,
      .block_size = format.block_size,
      .axis = format.block == BlockShape::Run ? layout.depth_axis : layout.channel_axis,
      .batched = layout.batched,
  }};
}

Result<Grid> grid_of(const numeric::Float32Format& /*format*/, std::span<const Range> /*ranges*/,
                     const Layout& /*layout*/) {
  return Error{ErrorCode::Internal, "float32 has no grid"};
}

constexpr float kUnbounded = std::numeric_limits<float>::infinity();

// Least and most of values, in lanes, so that no comparison waits for the one before it and the
// compiler can take a vector of them: calibration reads every activation of every image.
class LaneRange {
 public:
  static constexpr std::size_t kLanes = 16;

  explicit LaneRange(const Range& range) {
    least_.fill(range.min);
    most_.fill(range.max);
  }

  void widen(const float* values) {
    for (std::size_t lane = 0; lane < kLanes; ++lane) widen(lane, values[lane]);
  }
  void widen(std::size_t lane, float value) {
    least_[lane] = value < least_[lane] ? value : least_[lane];
    most_[lane] = value > most_[lane] ? value : most_[lane];
    is_nan_[lane] |= static_cast<std::uint32_t>(value != value);
  }

  // NaN as min if there was one.
  Range range() const {
    const bool has_nan = std::ranges::any_of(is_nan_, [](std::uint32_t nan) { return nan != 0; });
    return {has_nan ? std::numeric_limits<float>::quiet_NaN() : std::ranges::min(least_),
            std::ranges::max(most_)};
  }

 private:
  std::array<float, kLanes> least_;
  std::array<float, kLanes> most_;
  std::array<std::uint32_t, kLanes> is_nan_{};
};

void widen(Range& range, std::span<const float> values) {
  if (std::isnan(range.min)) return;
  LaneRange lanes(range);
  const std::size_t whole = values.size() / LaneRange::kLanes * LaneRange::kLanes;
  for (std::size_t i = 0; i < whole; i += LaneRange::kLanes) lanes.widen(values.data() + i);
  for (std::size_t i = whole; i < values.size(); ++i) lanes.widen(i - whole, values[i]);
  range = lanes.range();
}

}  // namespace

std::size_t num_ranges(const Format& format, std::span<const std::int64_t> shape) {
  if (!numeric::needs_calibration(format)) return 0;
  const auto* affine = std::get_if<AffineFormat>(&format);
  const bool by_channel = affine != nullptr && affine->sharing == Sharing::Channel;
  return by_channel && shape.size() > kChannelAxis ? static_cast<std::size_t>(shape[kChannelAxis])
                                                   : 1;
}

Result<Grid> activation_grid(const Format& format, std::span<const Range> ranges,
                             std::span<const std::int64_t> shape) {
  const auto axis = static_cast<std::int64_t>(kChannelAxis);
  const Layout layout{axis, axis, true};
  const auto* block = std::get_if<BlockFormat>(&format);
  if (block != nullptr && shape.size() <= kChannelAxis) {
    return grid_of(BlockFormat{block->bits, BlockShape::Tensor}, ranges, layout);
  }
  return std::visit([&](const auto& kind) { return grid_of(kind, ranges, layout); }, format);
}

std::vector<Range> ranges_along(const Tensor& tensor, std::int64_t axis) {
  const auto at = static_cast<std::size_t>(axis);
  const auto channels = static_cast<std::size_t>(tensor.shape()[at]);
  const auto inner =
      static_cast<std::size_t>(num_elements(std::span(tensor.shape()).subspan(at + 1)));
  if (tensor.num_elements() == 0) return std::vector<Range>(channels);
  std::vector<Range> ranges(channels, {kUnbounded, -kUnbounded});
  const auto values = tensor.data<float>();
  for (std::size_t slice = 0; slice * inner < values.size(); ++slice) {
    widen(ranges[slice % channels], values.subspan(slice * inner, inner));
  }
  return ranges;
}

Range range_of(const Tensor& tensor) {
  return ranges_along(tensor.reshaped({1, tensor.num_elements()}), 0).front();
}

Result<Grid> weight_grid(const Format& format, const Tensor& weights, const Weight& weight,
                         const Range& network) {
  const Layout layout{weight.channel_axis, weight.depth_axis, false};
  std::vector<Range> ranges{range_of(weights)};
  if (const auto* affine = std::get_if<AffineFormat>(&format)) {
    if (affine->sharing == Sharing::Network) ranges = {network};
    if (affine->sharing == Sharing::Channel) ranges = ranges_along(weights, weight.channel_axis);
  }
  return std::visit([&](const auto& kind) { return grid_of(kind, ranges, layout); }, format);
}

}  // namespace sluice::quant
