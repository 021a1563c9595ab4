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

}  // namespace

Result<ResolvedWindow> resolve(const Window& window, std::span<const std::int64_t> spatial_input,
                               bool ceil_mode) {
  const std::size_t rank = spatial_input.size();
  ResolvedWindow resolved;
  SL_TRY(resolved.kernel, filled(window.kernel, "kernel", rank, 1, 1));
  SL_TRY(resolved.strides, filled(window.strides, "strides", rank, 1, 1));
  SL_TRY(resolved.dilations, filled(window.dilations, "dilations", rank, 1, 1));
  SL_TRY(const Dims pads, filled(window.pads, "pads", 2 * rank, 0, -kMaxWindowSize));
  resolved.pad_begin.assign(pads.begin(), pads.begin() + static_cast<std::ptrdiff_t>(rank));
  resolved.pad_end.assign(pads.begin() + static_cast<std::ptrdiff_t>(rank), pads.end());
  for (std::size_t i = 0; i < rank; ++i) {
    const std::int64_t input = spatial_input[i];
    const std::int64_t stride = resolved.strides[i];
    const std::int64_t extent = resolved.dilations[i] * (resolved.kernel[i] - 1) + 1;
    if (window.auto_pad == AutoPad::Valid) resolved.pad_begin[i] = resolved.pad_end[i] = 0;
    if (window.auto_pad == AutoPad::SameUpper || window.auto_pad == AutoPad::SameLower) {
      const std::int64_t same = (input + stride - 1) / stride;
      const std::int64_t total = std::max<std::int64_t>(0, (same - 1) * stride + extent - input);
      const std::int64_t smaller = total / 2;
      const bool upper = window.auto_pad == AutoPad::SameUpper;
      resolved.pad_begin[i] = upper ? smaller : total - smaller;
      resolved.pad_end[i] = upper ? total - smaller : smaller;
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

}  // namespace sluice::ir
