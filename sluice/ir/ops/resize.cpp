// SPDX-License-Identifier: Apache-2.0
#include "sluice/ir/ops/resize.hpp"

#include <algorithm>
#include <cmath>
#include <fmt/format.h>

#include "sluice/base/result.hpp"
#include "sluice/ir/infer.hpp"
#include "sluice/ir/ops/layout_geometry.hpp"

namespace sluice::ir {
namespace {

Status set_scale(ResizeAxis& axis, float scale) {
  if (!std::isfinite(scale) || scale <= 0) {
    return invalid_argument(fmt::format("a scale must be positive and finite, got {}", scale));
  }
  const float size = std::floor(static_cast<float>(axis.input) * scale);
  if (size > static_cast<float>(kMaxTensorElements)) {
    return invalid_argument(fmt::format("a scale of {} is out of all measure", scale));
  }
  axis.output = static_cast<std::int64_t>(size);
  axis.scale = static_cast<double>(scale);
  axis.length = axis.scale * static_cast<double>(axis.input);
  return {};
}

Status set_size(ResizeAxis& axis, std::int64_t size) {
  if (size < 0 || size > kMaxTensorElements) {
    return invalid_argument(fmt::format("a dimension cannot be resized to {}", size));
  }
  axis.output = size;
  axis.length = static_cast<double>(size);
  // An empty dimension has no scale; it stays empty or is refused by the caller.
  axis.scale = axis.input == 0 ? 1 : axis.length / static_cast<double>(axis.input);
  return {};
}

// One scale for all resized axes, so that none, or the least, leaves the sizes asked for.
void keep_aspect_ratio(AspectRatioPolicy policy, std::span<const std::int64_t> axes,
                       std::vector<ResizeAxis>& result) {
  if (policy == AspectRatioPolicy::Stretch || axes.empty()) return;
  const auto scale_of = [&](std::int64_t axis) {
    return result[static_cast<std::size_t>(axis)].scale;
  };
  double scale = scale_of(axes.front());
  for (const std::int64_t axis : axes) {
    scale = policy == AspectRatioPolicy::NotLarger ? std::min(scale, scale_of(axis))
                                                   : std::max(scale, scale_of(axis));
  }
  for (const std::int64_t a : axes) {
    ResizeAxis& axis = result[static_cast<std::size_t>(a)];
    axis.scale = scale;
    axis.length = scale * static_cast<double>(axis.input);
    axis.output = static_cast<std::int64_t>(std::min(std::floor(axis.length + 0.5), 0x1p62));
  }
}

// Optional input i's elements; nothing if absent or empty.
Result<std::vector<float>> scales_of(const InferContext& context, std::size_t i) {
  if (!context.has(i) || num_elements(context.shape(i)) == 0) return std::vector<float>{};
  const Tensor* tensor = context.content(i);
  if (tensor == nullptr) {
    return Error{ErrorCode::Unsupported,
                 "input \"scales\" must be known before running; make it a constant"};
  }
  if (tensor->dtype() != DType::Float32 || tensor->rank() != 1) {
    return invalid_argument(fmt::format("input \"scales\" must be float32 and 1-D, is {} {}",
                                        sluice::to_string(tensor->dtype()),
                                        sluice::to_string(tensor->shape())));
  }
  const auto data = tensor->data<float>();
  return std::vector<float>(data.begin(), data.end());
}

Status check_options(const Resize& op, const InferContext& context) {
  if (op.antialias && op.mode == ResizeMode::Nearest) {
    return invalid_argument("antialias goes with the modes linear and cubic only");
  }
  if (!std::isfinite(op.cubic_coeff_a)) return invalid_argument("cubic_coeff_a must be finite");
  if (op.mode != ResizeMode::Nearest && context.dtype(0) == DType::Bool) {
    return invalid_argument("a bool tensor can only be resized in the mode nearest");
  }
  if (op.coordinate_mode != CoordinateMode::TfCropAndResize) return {};
  SL_TRY(const auto axes, resized_axes(op, context.shape(0).size()));
  const bool fits = context.has(1) && is_float(context.dtype(1)) &&
                    num_elements(context.shape(1)) == static_cast<std::int64_t>(2 * axes.size());
  if (fits) return {};
  return invalid_argument(
      fmt::format("tf_crop_and_resize needs a roi of {} floats", 2 * axes.size()));
}

}  // namespace

Result<std::vector<std::int64_t>> resized_axes(const Resize& op, std::size_t rank) {
  if (!op.axes.empty()) return normalize_axes(op.axes, rank);
  std::vector<std::int64_t> axes(rank);
  for (std::size_t i = 0; i < rank; ++i) axes[i] = static_cast<std::int64_t>(i);
  return axes;
}

Result<std::vector<ResizeAxis>> resolve_resize(const Resize& op, const sluice::Shape& input,
                                               std::span<const float> scales,
                                               std::span<const std::int64_t> sizes) {
  if (scales.empty() == sizes.empty()) {
    return invalid_argument("exactly one of scales and sizes must be given");
  }
  SL_TRY(const auto axes, resized_axes(op, input.size()));
  if (scales.size() + sizes.size() != axes.size()) {
    return invalid_argument(fmt::format("{} scales or sizes are given for {} dimensions",
                                        scales.size() + sizes.size(), axes.size()));
  }
  std::vector<ResizeAxis> result;
  for (const std::int64_t dim : input) {
    result.push_back({dim, dim, 1.0, static_cast<double>(dim)});
  }
  for (std::size_t i = 0; i < axes.size(); ++i) {
    ResizeAxis& axis = result[static_cast<std::size_t>(axes[i])];
    SL_TRY_STATUS(sizes.empty() ? set_scale(axis, scales[i]) : set_size(axis, sizes[i]));
  }
  if (!sizes.empty()) keep_aspect_ratio(op.aspect_ratio_policy, axes, result);
  for (const ResizeAxis& axis : result) {
    if (axis.input == 0 && axis.output > 0) {
      return invalid_argument("an empty dimension has nothing to be resized from");
    }
  }
  return result;
}

Result<ValueTypes> infer(const Resize& op, const InferContext& context) {
  SL_TRY_STATUS(context.require(1, 4));
  SL_TRY_STATUS(check_options(op, context));
  SL_TRY(const std::vector<float> scales, scales_of(context, 2));
  std::vector<std::int64_t> sizes;
  if (context.has(3)) {
    SL_TRY(sizes, context.integers(3, "sizes"));
  }
  SL_TRY(const auto axes, resolve_resize(op, context.shape(0), scales, sizes));
  sluice::Shape shape;
  for (const ResizeAxis& axis : axes) shape.push_back(axis.output);
  return ValueTypes{{context.dtype(0), std::move(shape)}};
}

}  // namespace sluice::ir
