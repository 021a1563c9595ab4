// SPDX-License-Identifier: Apache-2.0
#include "sluice/ir/ops/resize.hpp"

#include <algorithm>
#include <cmath>
#include <fmt/format.h>

#include "sluice/numeric/element.hpp"
#include "sluice/runtime/reference/copy.hpp"
#include "sluice/runtime/reference/kernel.hpp"
#include "sluice/runtime/reference/resize_taps.hpp"

namespace sluice::runtime::reference {
namespace {

bool is_given(const KernelArgs& args, std::size_t i) {
  return args.has(i) && args.in(i).num_elements() > 0;
}

Result<std::vector<ir::ResizeAxis>> resolve(const ir::Resize& op, const KernelArgs& args) {
  std::span<const float> scales;
  if (is_given(args, 2)) scales = args.in(2).data<float>();
  std::vector<std::int64_t> sizes;
  if (is_given(args, 3)) {
    SL_TRY(sizes, ir::integers(args.in(3), "sizes"));
  }
  return ir::resolve_resize(op, args.in(0).shape(), scales, sizes);
}

// One range a dimension; all of it where no roi is asked for.
Result<std::vector<RoiRange>> read_roi(const ir::Resize& op, const KernelArgs& args) {
  std::vector<RoiRange> ranges(args.in(0).rank());
  if (op.coordinate_mode != ir::CoordinateMode::TfCropAndResize) return ranges;
  SL_TRY(const auto axes, ir::resized_axes(op, ranges.size()));
  const std::vector<double> roi = numeric::to_doubles(args.in(1));
  for (std::size_t i = 0; i < axes.size(); ++i) {
    const RoiRange range{roi[i], roi[axes.size() + i]};
    if (!std::isfinite(range.begin) || !std::isfinite(range.end)) {
      return Error{ErrorCode::InvalidArgument,
                   fmt::format("a roi from {} to {} is not finite", range.begin, range.end)};
    }
    ranges[static_cast<std::size_t>(axes[i])] = range;
  }
  return ranges;
}

// `x`, of the dimensions `shape`, resampled along dimension d. Elements without taps become 0.
std::vector<double> resampled(const std::vector<double>& x, const sluice::Shape& shape,
                              std::size_t d, const AxisTaps& taps, std::int64_t output_size) {
  const std::span<const std::int64_t> dims(shape);
  const std::int64_t outer = num_elements(dims.subspan(0, d));
  const std::int64_t inner = num_elements(dims.subspan(d + 1));
  std::vector<double> y(static_cast<std::size_t>(outer * output_size * inner), 0.0);
  for (std::int64_t o = 0; o < outer; ++o) {
    for (std::int64_t i = 0; i < output_size; ++i) {
      double* target = y.data() + (o * output_size + i) * inner;
      for (const ResizeTap& tap : taps.of(i)) {
        const double* source = x.data() + (o * shape[d] + tap.index) * inner;
        for (std::int64_t k = 0; k < inner; ++k) target[k] += tap.weight * source[k];
      }
    }
  }
  return y;
}

// Sets every element whose position along some dimension has no taps.
void extrapolate(std::vector<double>& y, const sluice::Shape& shape,
                 const std::vector<AxisTaps>& taps, double value) {
  for (std::size_t d = 0; d < shape.size(); ++d) {
    const std::span<const std::int64_t> dims(shape);
    const std::int64_t outer = num_elements(dims.subspan(0, d));
    const std::int64_t inner = num_elements(dims.subspan(d + 1));
    for (std::int64_t i = 0; i < shape[d]; ++i) {
      if (!taps[d].of(i).empty()) continue;
      for (std::int64_t o = 0; o < outer; ++o) {
        const auto row = y.begin() + (o * shape[d] + i) * inner;
        std::fill(row, row + inner, value);
      }
    }
  }
}

// x resampled along all dimensions. Those that shrink go first, so that nothing on the way has more
// elements than x and the result.
std::vector<double> interpolated(const Tensor& x, const std::vector<ir::ResizeAxis>& axes,
                                 const std::vector<AxisTaps>& taps, double extrapolated) {
  std::vector<double> values = numeric::to_doubles(x);
  sluice::Shape shape = x.shape();
  for (const bool shrinking : {true, false}) {
    for (std::size_t d = 0; d < axes.size(); ++d) {
      const bool shrinks = axes[d].output < axes[d].input;
      if (shrinks != shrinking || taps[d].is_identity(shape[d])) continue;
      values = resampled(values, shape, d, taps[d], axes[d].output);
      shape[d] = axes[d].output;
    }
  }
  extrapolate(values, shape, taps, extrapolated);
  return values;
}

// Integers are rounded and clamped to what the type holds.
Tensor stored(std::vector<double> values, const ir::ValueType& type) {
  if (is_integer(type.dtype)) {
    const IntegerRange range = integer_range(type.dtype);
    for (double& value : values) {
      value = std::clamp(std::nearbyint(value), range.least, range.most);
    }
  }
  return numeric::cast(Tensor::from(type.shape, values), type.dtype);
}

}  // namespace

Status run(const ir::Resize& op, const KernelArgs& args) {
  SL_TRY(const auto axes, resolve(op, args));
  SL_TRY(const auto roi, read_roi(op, args));
  if (args.out().num_elements() == 0) return {};
  const double extrapolated = static_cast<double>(op.extrapolation_value);
  const ir::ValueType type{args.out().dtype(), args.out().shape()};
  if (op.mode == ir::ResizeMode::Nearest) {
    std::vector<AxisMap> maps;
    maps.reserve(axes.size());
    for (std::size_t d = 0; d < axes.size(); ++d) {
      maps.push_back(nearest_map(op, axes[d], roi[d]));
    }
    const Tensor fill = stored({extrapolated}, {type.dtype, {}});
    copy_mapped(args.in(0), maps, &fill, args.out());
    return {};
  }
  std::vector<AxisTaps> taps;
  taps.reserve(axes.size());
  for (std::size_t d = 0; d < axes.size(); ++d) {
    taps.push_back(interpolation_taps(op, axes[d], roi[d]));
  }
  args.out() = stored(interpolated(args.in(0), axes, taps, extrapolated), type);
  return {};
}

}  // namespace sluice::runtime::reference
