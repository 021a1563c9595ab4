// SPDX-License-Identifier: Apache-2.0
// Convolutions. Weights come as [M, kernel_h, kernel_w, C/group]; depthwise ones as
// [1, kernel_h, kernel_w, C·multiplier].
#include <algorithm>
#include <fmt/format.h>

#include "sluice/import/tflite/builtins.hpp"
#include "sluice/import/tflite/window.hpp"

namespace sluice::importer::tflite::builtin {
namespace {

// Checks ranks, and that the input's channels are known: groups follow from them.
Status check_operands(const Context& op, std::size_t input, std::size_t weights) {
  SL_TRY_STATUS(op.require_outputs(1));
  SL_TRY_STATUS(op.require_rank(input, 4));
  SL_TRY_STATUS(op.require_rank(weights, 4));
  if (op.in(input).shape[3] > 0) return {};
  return Error{ErrorCode::Verify,
               fmt::format("input {} has {} channels; the model must state a positive number",
                           input, op.in(input).shape[3])};
}

}  // namespace

Status conv_2d(Context& op) {
  SL_TRY(const auto* options, op.required_options<fb::Conv2DOptions>());
  SL_TRY_STATUS(check_operands(op, 0, 1));
  const std::int64_t channels = op.in(0).shape[3];
  const std::int64_t group_channels = op.in(1).shape[3];
  if (group_channels <= 0 || channels % group_channels != 0) {
    return Error{ErrorCode::Verify, fmt::format("has weights for {} channels, the input has {}",
                                                group_channels, channels)};
  }
  SL_TRY(ir::Window window, to_window(*options));
  window.dilations = {options->dilation_h_factor(), options->dilation_w_factor()};
  const ir::ValueId weights = op.transposed(op.value(1), {0, 3, 1, 2});
  const ir::ValueId y = op.emit(ir::Conv{std::move(window), channels / group_channels},
                                {op.value(0, Layout::ChannelsFirst), weights, op.value(2)});
  return op.finish(y, Layout::ChannelsFirst, options->fused_activation_function());
}

Status depthwise_conv_2d(Context& op) {
  SL_TRY(const auto* options, op.required_options<fb::DepthwiseConv2DOptions>());
  SL_TRY_STATUS(check_operands(op, 0, 1));
  const std::int64_t channels = op.in(0).shape[3];
  SL_TRY(ir::Window window, to_window(*options));
  window.dilations = {options->dilation_h_factor(), options->dilation_w_factor()};
  const ir::ValueId weights = op.transposed(op.value(1), {3, 0, 1, 2});
  const ir::ValueId y = op.emit(ir::Conv{std::move(window), channels},
                                {op.value(0, Layout::ChannelsFirst), weights, op.value(2)});
  return op.finish(y, Layout::ChannelsFirst, options->fused_activation_function());
}

namespace {

// The spatial output size a transposed convolution is asked for: its first input if that is a
// constant, else what the file says about its output.
Result<ir::Dims> asked_size(Context& op) {
  if (const auto shape = op.integers(0, "output_shape"); shape && shape->size() == 4) {
    return ir::Dims{(*shape)[1], (*shape)[2]};
  }
  if (op.out().rank() == 4) return ir::Dims{op.out().shape[1], op.out().shape[2]};
  return Error{ErrorCode::Unsupported,
               "leaves its output's size open; convert the model with it constant"};
}

// One spatial dimension of a transposed convolution. TFLite pads as the convolution from the
// output back to the input would be padded, and cuts or extends the end to the size asked for.
struct TransposedDim {
  std::int64_t input, kernel, stride, output;
  bool same;

  [[nodiscard]] std::int64_t pad_begin() const {
    if (!same) return 0;
    const std::int64_t steps = (output + stride - 1) / stride;
    return std::max<std::int64_t>(0, (steps - 1) * stride + kernel - output) / 2;
  }
  // Positions cut off at the end; negative: added.
  [[nodiscard]] std::int64_t pad_end() const {
    return (input - 1) * stride + kernel - pad_begin() - output;
  }
};

}  // namespace

Status transpose_conv(Context& op) {
  SL_TRY(const auto* options, op.required_options<fb::TransposeConvOptions>());
  SL_TRY_STATUS(check_operands(op, 2, 1));
  SL_TRY(const ir::Dims size, asked_size(op));
  SL_TRY(ir::Window window, to_window(*options));
  const bool same = window.auto_pad == ir::AutoPad::SameUpper;
  window.auto_pad = ir::AutoPad::NotSet;
  window.pads.assign(4, 0);
  ir::Dims output_padding(2, 0);
  for (std::size_t i = 0; i < 2; ++i) {
    const TransposedDim dim{op.in(2).shape[1 + i], op.in(1).shape[1 + i], window.strides[i],
                            size[i], same};
    if (dim.input <= 0 || dim.output <= 0) {
      return Error{ErrorCode::Unsupported,
                   fmt::format("makes {} positions of {} in spatial dimension {}; both must be "
                               "known: convert the model for one image size",
                               dim.output, dim.input, i)};
    }
    window.pads[i] = dim.pad_begin();
    window.pads[2 + i] = std::max<std::int64_t>(0, dim.pad_end());
    output_padding[i] = std::max<std::int64_t>(0, -dim.pad_end());
  }
  const ir::ValueId weights = op.transposed(op.value(1), {3, 0, 1, 2});  // to [C, M, kernel…]
  const ir::ValueId y = op.emit(
      ir::ConvTranspose{.window = std::move(window), .output_padding = std::move(output_padding)},
      {op.value(2, Layout::ChannelsFirst), weights, op.value(3)});
  return op.finish(y, Layout::ChannelsFirst, options->fused_activation_function());
}

}  // namespace sluice::importer::tflite::builtin
