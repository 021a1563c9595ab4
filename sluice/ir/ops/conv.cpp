// SPDX-License-Identifier: Apache-2.0
#include "sluice/ir/ops/conv.hpp"

#include <algorithm>
#include <fmt/format.h>

#include "sluice/ir/ops/rule.hpp"

namespace sluice::ir {
namespace {

using Extents = std::span<const std::int64_t>;

// `window` with w's kernel, checked against the one it names.
Result<Window> with_kernel_of(const Window& window, Extents x, Extents w) {
  if (x.size() < 3 || w.size() != x.size()) {
    return Error{ErrorCode::InvalidArgument,
                 fmt::format("input of shape {} and weights of shape {} must have as many "
                             "dimensions, three or more",
                             sluice::to_string(x), sluice::to_string(w))};
  }
  Window result = window;
  result.kernel.assign(w.begin() + 2, w.end());
  if (!window.kernel.empty() && window.kernel != result.kernel) {
    return Error{ErrorCode::InvalidArgument,
                 fmt::format("kernel_shape {} is not that of the weights of shape {}",
                             sluice::to_string(window.kernel), sluice::to_string(w))};
  }
  return result;
}

// `group` divides both counts of channels.
Status check_group(std::int64_t group, std::int64_t in_channels, std::int64_t out_channels) {
  if (group >= 1 && in_channels % group == 0 && out_channels % group == 0) return {};
  return Error{ErrorCode::InvalidArgument,
               fmt::format("group of {} does not divide {} input and {} output channels", group,
                           in_channels, out_channels)};
}

Status check_inputs(const InferContext& context) {
  SL_TRY_STATUS(context.require(2, 3));
  SL_TRY_STATUS(require_type(context, 0, kFloats));
  return require_same_type(context);
}

Error channel_mismatch(Extents x, Extents w, std::int64_t group) {
  return {ErrorCode::InvalidArgument,
          fmt::format("weights of shape {} do not fit an input of shape {} in {} groups",
                      sluice::to_string(w), sluice::to_string(x), group)};
}

ValueTypes output_type(const InferContext& context, std::int64_t channels,
                       const ResolvedWindow& window) {
  sluice::Shape shape{context.shape(0)[0], channels};
  shape.insert(shape.end(), window.output.begin(), window.output.end());
  return {{context.dtype(0), std::move(shape)}};
}

}  // namespace

Result<ResolvedWindow> resolve(const Conv& op, Extents x, Extents w) {
  SL_TRY(const Window window, with_kernel_of(op.window, x, w));
  return resolve(window, x.subspan(2));
}

Result<ResolvedWindow> resolve(const ConvTranspose& op, Extents x, Extents w) {
  SL_TRY(const Window window, with_kernel_of(op.window, x, w));
  return resolve_transposed(window, {op.output_padding, op.output_shape}, x.subspan(2));
}

Result<ValueTypes> infer(const Conv& op, const InferContext& context) {
  SL_TRY_STATUS(check_inputs(context));
  const sluice::Shape& x = context.shape(0);
  const sluice::Shape& w = context.shape(1);
  SL_TRY(const ResolvedWindow window, resolve(op, x, w));
  SL_TRY_STATUS(check_group(op.group, x[1], w[0]));
  if (w[1] != x[1] / op.group) return channel_mismatch(x, w, op.group);
  SL_TRY_STATUS(require_vector(context, 2, "B", w[0]));
  return output_type(context, w[0], window);
}

Result<ValueTypes> infer(const ConvTranspose& op, const InferContext& context) {
  SL_TRY_STATUS(check_inputs(context));
  const sluice::Shape& x = context.shape(0);
  const sluice::Shape& w = context.shape(1);
  SL_TRY(const ResolvedWindow window, resolve(op, x, w));
  if (op.group < 1 || op.group > kMaxTensorElements || w[0] != x[1]) {
    return channel_mismatch(x, w, op.group);
  }
  const std::int64_t channels = w[1] * op.group;
  SL_TRY_STATUS(check_group(op.group, x[1], channels));
  SL_TRY_STATUS(require_vector(context, 2, "B", channels));
  return output_type(context, channels, window);
}

}  // namespace sluice::ir
