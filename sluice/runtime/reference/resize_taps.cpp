// SPDX-License-Identifier: Apache-2.0
#include "sluice/runtime/reference/resize_taps.hpp"

#include <algorithm>
#include <cmath>

namespace sluice::runtime::reference {
namespace {

// Beyond this all coordinates mean the same edge; keeps the arithmetic on indices exact.
constexpr double kFarAway = 0x1p40;

// The triangle.
double linear_kernel(double distance) {
  return std::clamp(1 - std::fabs(distance), 0.0, 1.0);
}

// Keys' cubic convolution with the free parameter a.
double cubic_kernel(double distance, double a) {
  const double x = std::fabs(distance);
  if (x <= 1) return ((a + 2) * x - (a + 3)) * x * x + 1;
  if (x < 2) return ((a * x - 5 * a) * x + 8 * a) * x - 4 * a;
  return 0;
}

double nearest_coordinate(ir::NearestMode mode, double coordinate) {
  switch (mode) {
    case ir::NearestMode::RoundPreferFloor:
      return std::ceil(coordinate - 0.5);
    case ir::NearestMode::RoundPreferCeil:
      return std::floor(coordinate + 0.5);
    case ir::NearestMode::Floor:
      return std::floor(coordinate);
    case ir::NearestMode::Ceil:
      return std::ceil(coordinate);
  }
  return coordinate;
}

// Appends the taps around `coordinate`. Without antialiasing the kernel is as wide as the input's
// grid asks for; with it, and when shrinking, it is stretched to the output's.
void append_taps(const ir::Resize& op, const ir::ResizeAxis& axis, double coordinate,
                 std::vector<ResizeTap>& taps) {
  const double stretch = op.antialias ? std::min(axis.scale, 1.0) : 1.0;
  const double support = op.mode == ir::ResizeMode::Linear ? 1 : 2;
  const auto base = static_cast<std::int64_t>(std::floor(coordinate));
  const auto reach = static_cast<std::int64_t>(std::ceil(support / stretch));
  const std::size_t first = taps.size();
  double sum = 0;
  for (std::int64_t k = base + 1 - reach; k <= base + reach; ++k) {
    const double distance = (static_cast<double>(k) - coordinate) * stretch;
    const bool outside = k < 0 || k >= axis.input;
    const double weight = op.mode == ir::ResizeMode::Linear
                              ? linear_kernel(distance)
                              : cubic_kernel(distance, static_cast<double>(op.cubic_coeff_a));
    if (weight == 0 || (outside && op.exclude_outside)) continue;
    taps.push_back({std::clamp<std::int64_t>(k, 0, axis.input - 1), weight});
    sum += weight;
  }
  if (sum == 0) {  // everything excluded: what is left is the nearest edge
    taps.resize(first);
    taps.push_back({std::clamp<std::int64_t>(base, 0, axis.input - 1), 1.0});
    return;
  }
  for (std::size_t t = first; t < taps.size(); ++t) taps[t].weight /= sum;
}

double clamped_coordinate(const ir::Resize& op, const ir::ResizeAxis& axis, RoiRange roi,
                          std::int64_t i) {
  return std::clamp(input_coordinate(op.coordinate_mode, axis, roi, i), -kFarAway, kFarAway);
}

}  // namespace

double input_coordinate(ir::CoordinateMode mode, const ir::ResizeAxis& axis, RoiRange roi,
                        std::int64_t i) {
  const auto x = static_cast<double>(i);
  const auto input = static_cast<double>(axis.input);
  // x/scale, but exact where sizes were asked for and the quotient is a whole number.
  const auto unscaled = [&](double position) { return position * input / axis.length; };
  switch (mode) {
    case ir::CoordinateMode::HalfPixel:
      return unscaled(x + 0.5) - 0.5;
    case ir::CoordinateMode::HalfPixelSymmetric: {
      const double adjustment = static_cast<double>(axis.output) / axis.length;
      return input / 2 * (1 - adjustment) + unscaled(x + 0.5) - 0.5;
    }
    case ir::CoordinateMode::PytorchHalfPixel:
      return axis.length > 1 ? unscaled(x + 0.5) - 0.5 : 0;
    case ir::CoordinateMode::AlignCorners:
      return axis.length == 1 ? 0 : x * (input - 1) / (axis.length - 1);
    case ir::CoordinateMode::Asymmetric:
      return unscaled(x);
    case ir::CoordinateMode::TfCropAndResize: {
      const double extent = (roi.end - roi.begin) * (input - 1);
      const double inside = axis.length == 1 ? extent / 2 : x * extent / (axis.length - 1);
      return roi.begin * (input - 1) + inside;
    }
    case ir::CoordinateMode::TfHalfPixelForNn:
      return unscaled(x + 0.5);
  }
  return x;
}

bool is_extrapolated(ir::CoordinateMode mode, const ir::ResizeAxis& axis, double coordinate) {
  const bool inside = coordinate >= 0 && coordinate <= static_cast<double>(axis.input - 1);
  return mode == ir::CoordinateMode::TfCropAndResize && !inside;
}

AxisMap nearest_map(const ir::Resize& op, const ir::ResizeAxis& axis, RoiRange roi) {
  AxisMap map(static_cast<std::size_t>(axis.output));
  const auto last = static_cast<double>(axis.input - 1);
  for (std::int64_t i = 0; i < axis.output; ++i) {
    const double coordinate = clamped_coordinate(op, axis, roi, i);
    const double nearest = std::clamp(nearest_coordinate(op.nearest_mode, coordinate), 0.0, last);
    map[static_cast<std::size_t>(i)] = is_extrapolated(op.coordinate_mode, axis, coordinate)
                                           ? kFill
                                           : static_cast<std::int32_t>(nearest);
  }
  return map;
}

bool AxisTaps::is_identity(std::int64_t input_size) const {
  if (begin.size() != static_cast<std::size_t>(input_size) + 1) return false;
  for (std::int64_t i = 0; i < input_size; ++i) {
    const auto own = of(i);
    if (own.size() != 1 || own[0].index != i) return false;
  }
  return true;
}

AxisTaps interpolation_taps(const ir::Resize& op, const ir::ResizeAxis& axis, RoiRange roi) {
  AxisTaps result;
  for (std::int64_t i = 0; i < axis.output; ++i) {
    const double coordinate = clamped_coordinate(op, axis, roi, i);
    if (!is_extrapolated(op.coordinate_mode, axis, coordinate)) {
      append_taps(op, axis, coordinate, result.taps);
    }
    result.begin.push_back(result.taps.size());
  }
  return result;
}

}  // namespace sluice::runtime::reference
