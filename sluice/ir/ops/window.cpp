// SPDX-License-Identifier: Apache-2.0
#include "sluice/ir/ops/window.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <string_view>

#include "sluice/base/shape.hpp"

namespace sluice::ir {
namespace {

// Sizes above this cannot be meant, and keep the arithmetic below far from overflow.
constexpr std::int64_t kMaxWindowSize = std::int64_t{1} << 31;

// `values`, or `count` times `fallback` if empty; all within [least, kMaxWindowSize].
Result<Dims> filled(const Dims& values, std::string_view name, std::size_t count,
                    std::int64_t fallback, std::int64_t least) {
  Dims result = values.empty() ? Dims(count, fallback) : values;
  if (result.size() != count) {
    return Error{ErrorCode::InvalidArgument,
                 fmt::format("{} has {} entries, {} expected", name, result.size(), count)};
  }
  for (const std::int64_t value : result) {
    if (value < least || value > kMaxWindowSize) {
      return Error{ErrorCode::InvalidArgument, fmt::format("{} has the value {}", name, value)};
    }
  }
  return result;
}

// The window with defaults for what is left out, `output` still empty.
Result<ResolvedWindow> with_defaults(const Window& window, std::size_t rank) {
  ResolvedWindow resolved;
  SL_TRY(resolved.kernel, filled(window.kernel, "kernel", rank, 1, 1));
  SL_TRY(resolved.strides, filled(window.strides, "strides", rank, 1, 1));
  SL_TRY(resolved.dilations, filled(window.dilations, "dilations", rank, 1, 1));
  SL_TRY(const Dims pads, filled(window.pads, "pads", 2 * rank, 0, -kMaxWindowSize));
  resolved.pad_begin.assign(pads.begin(), pads.begin() + static_cast<std::ptrdiff_t>(rank));
  resolved.pad_end.assign(pads.begin() + static_cast<std::ptrdiff_t>(rank), pads.end());
  return resolved;
}

// Positions from the first to the last one a window touches.
std::int64_t extent_of(const ResolvedWindow& window, std::size_t i) {
  return window.dilations[i] * (window.kernel[i] - 1) + 1;
}

bool is_same(AutoPad auto_pad) {
  return auto_pad == AutoPad::SameUpper || auto_pad == AutoPad::SameLower;
}

// Pads of `total` in spatial dimension i, the larger half at the end or at the begin.
void split_pads(ResolvedWindow& window, std::size_t i, std::int64_t total, bool larger_at_end) {
  window.pad_begin[i] = larger_at_end ? total / 2 : total - total / 2;
  window.pad_end[i] = total - window.pad_begin[i];
}

}  // namespace

Result<ResolvedWindow> resolve(const Window& window, std::span<const std::int64_t> spatial_input,
                               bool ceil_mode) {
  SL_TRY(ResolvedWindow resolved, with_defaults(window, spatial_input.size()));
  for (std::size_t i = 0; i < spatial_input.size(); ++i) {
    const std::int64_t input = spatial_input[i];
    const std::int64_t stride = resolved.strides[i];
    const std::int64_t extent = extent_of(resolved, i);
    if (window.auto_pad == AutoPad::Valid) resolved.pad_begin[i] = resolved.pad_end[i] = 0;
    if (is_same(window.auto_pad)) {
      const std::int64_t same = (input + stride - 1) / stride;
      split_pads(resolved, i, std::max<std::int64_t>(0, (same - 1) * stride + extent - input),
                 window.auto_pad == AutoPad::SameUpper);
    }
    const std::int64_t padded = input + resolved.pad_begin[i] + resolved.pad_end[i];
    if (padded < extent) {
      return Error{ErrorCode::InvalidArgument,
                   fmt::format("the window of {} does not fit into {} padded positions of spatial "
                               "dimension {}",
                               extent, padded, i)};
    }
    std::int64_t output = (padded - extent) / stride + 1;
    if (ceil_mode) {
      output = (padded - extent + stride - 1) / stride + 1;
      if ((output - 1) * stride >= input + resolved.pad_begin[i]) --output;
    }
    resolved.output.push_back(output);
  }
  return resolved;
}

Result<ResolvedWindow> resolve_transposed(const Window& window, const TransposedSizes& sizes,
                                          std::span<const std::int64_t> spatial_input) {
  const std::size_t rank = spatial_input.size();
  SL_TRY(ResolvedWindow resolved, with_defaults(window, rank));
  SL_TRY(const Dims padding, filled(sizes.output_padding, "output_padding", rank, 0, 0));
  const bool wanted = !sizes.output_shape.empty();
  SL_TRY(const Dims wanted_output, filled(sizes.output_shape, "output_shape", rank, 1, 1));
  for (std::size_t i = 0; i < rank; ++i) {
    const std::int64_t input = spatial_input[i];
    const std::int64_t stride = resolved.strides[i];
    if (padding[i] >= std::max(stride, resolved.dilations[i])) {
      return Error{ErrorCode::InvalidArgument,
                   fmt::format("output_padding of {} must be less than the stride of {} or the "
                               "dilation of {}",
                               padding[i], stride, resolved.dilations[i])};
    }
    const std::int64_t full = stride * (input - 1) + padding[i] + extent_of(resolved, i);
    if (input < 1 || full > kMaxTensorElements) {
      return Error{ErrorCode::InvalidArgument,
                   fmt::format("{} positions of spatial dimension {} cannot be spread by a stride "
                               "of {} and a window of {}",
                               input, i, stride, extent_of(resolved, i))};
    }
    if (window.auto_pad == AutoPad::Valid) resolved.pad_begin[i] = resolved.pad_end[i] = 0;
    std::int64_t output = full - resolved.pad_begin[i] - resolved.pad_end[i];
    if (wanted || is_same(window.auto_pad)) {
      output = wanted ? wanted_output[i] : input * stride;
      split_pads(resolved, i, std::max<std::int64_t>(0, full - output),
                 window.auto_pad == AutoPad::SameUpper);
    }
    if (output < 1) {
      return Error{ErrorCode::InvalidArgument,
                   fmt::format("pads of {} and {} leave nothing of the {} positions of spatial "
                               "dimension {}",
                               resolved.pad_begin[i], resolved.pad_end[i], full, i)};
    }
    resolved.output.push_back(output);
  }
  return resolved;
}

}  // namespace sluice::ir
