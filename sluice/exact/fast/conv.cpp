// SPDX-License-Identifier: Apache-2.0
// Convolutions and fully connected layers by the kernels of exact/simd.
#include <algorithm>
#include <memory>

#include "sluice/exact/fast/layer_step.hpp"
#include "sluice/exact/fast/ops.hpp"
#include "sluice/exact/fast/pad_step.hpp"
#include "sluice/exact/fast/reals.hpp"
#include "sluice/exact/fast/tap_table.hpp"
#include "sluice/exact/fast/wide_conv.hpp"
#include "sluice/exact/reference/accumulate.hpp"
#include "sluice/exact/reference/linear.hpp"
#include "sluice/exact/simd/dense.hpp"
#include "sluice/exact/simd/depthwise.hpp"
#include "sluice/numeric/element.hpp"

namespace sluice::exact::fast {
namespace {

constexpr std::int64_t kMaxAccumulator = std::int64_t{1} << 31;

// The integers a ConvLayer refers to.
struct Parameters {
  std::vector<std::byte> weights;
  DType weight_type = DType::Int8;
  std::vector<std::int32_t> zero_points;
  std::vector<std::int32_t> bias;
  std::vector<numeric::Requantizer> requantizers;
};

// Weights [M, K, taps] as [M, taps, K].
std::vector<std::byte> taps_first(const Tensor& weights, std::int64_t out_channels,
                                  std::int64_t channels, std::int64_t taps) {
  std::vector<std::byte> result(weights.bytes().size());
  const std::byte* from = weights.bytes().data();
  for (std::int64_t m = 0; m < out_channels; ++m) {
    for (std::int64_t c = 0; c < channels; ++c) {
      for (std::int64_t t = 0; t < taps; ++t) {
        result.data()[(m * taps + t) * channels + c] = *from++;
      }
    }
  }
  return result;
}

bool is_8_bit(const numeric::Quantization* quantization) {
  return quantization != nullptr &&
         (quantization->dtype == DType::Int8 || quantization->dtype == DType::UInt8);
}

// Whether the kernels know the types, and weights and bias are constants.
bool has_kernel_types(const ir::Node& node, const Planner& planner) {
  const reference::NodeView view = planner.view(node);
  const ir::ValueId bias = node.inputs.size() > 2 ? node.inputs[2] : ir::kNoValue;
  return !node.accumulator && planner.is_codes(node.inputs[0]) &&
         planner.is_codes(node.outputs[0]) && planner.constant(node.inputs[1]) != nullptr &&
         is_8_bit(view.in_quantization(1)) &&
         (bias == ir::kNoValue ||
          (planner.constant(bias) != nullptr && planner.graph()[bias].quantization &&
           planner.graph().type(bias).dtype == DType::Int32));
}

// All but the weights. Nothing if 32 bits do not hold a bias.
Result<std::optional<Parameters>> read_parameters(const ir::Node& node, const Planner& planner) {
  Parameters result;
  const reference::NodeView view = planner.view(node);
  result.zero_points = narrow(view.in_quantization(1)->zero_points);
  SL_TRY(result.requantizers, reference::requantizers(view));
  if (node.inputs.size() > 2 && node.inputs[2] != ir::kNoValue) {
    const Tensor& codes = *planner.constant(node.inputs[2]);
    std::vector<std::int64_t> bias = numeric::to_integers(codes);
    if (numeric::is_shift(view.arithmetic())) {
      SL_TRY(bias, reference::channel_biases(view, codes));
    }
    const auto is_wide = [](std::int64_t value) { return std::abs(value) >= kMaxAccumulator; };
    if (std::ranges::any_of(bias, is_wide) && numeric::is_shift(view.arithmetic())) {
      return std::optional<Parameters>();
    }
    result.bias = narrow(bias);
  }
  result.weight_type = view.in_quantization(1)->dtype;
  return std::optional(std::move(result));
}

// Converters give channels whose weights are all but 0 a bias of 2^30 and more, for which the
// kernels are slow. Where a channel's code is the same whatever the input, and stays it, its bias
// is moved to where they are fast. Weights are [M, …].
void tame_biases(const Tensor& weights, const numeric::Quantization& input,
                 Parameters& parameters) {
  constexpr std::int64_t kMost = (std::int64_t{1} << 30) - 1;
  const numeric::CodeRange codes = numeric::codes_of(input.dtype);
  const std::int64_t zero = input.zero_points[0];
  const std::int64_t most_input = std::max(codes.highest - zero, zero - codes.lowest);
  const std::vector<std::int64_t> integers = numeric::to_integers(weights);
  const std::size_t depth = integers.size() / std::max<std::size_t>(parameters.bias.size(), 1);
  const auto of_channel = [](const auto& values, std::size_t m) {
    return values[values.size() == 1 ? 0 : m];
  };
  for (std::size_t m = 0; m < parameters.bias.size(); ++m) {
    std::int32_t& bias = parameters.bias[m];
    std::int64_t reach = 0;  // of the products
    for (std::size_t k = 0; k < depth; ++k) {
      reach +=
          std::abs(integers[m * depth + k] - of_channel(parameters.zero_points, m)) * most_input;
    }
    const std::int64_t most = std::abs(std::int64_t{bias}) + reach;
    // One that can overflow must be seen to.
    if (most <= kMost || reach >= kMost || most >= kMaxAccumulator) continue;
    const std::int64_t tame = std::clamp<std::int64_t>(bias, reach - kMost, kMost - reach);
    const auto code = [&](std::int64_t accumulator) {
      const auto in_32_bits =
          static_cast<std::int32_t>(std::clamp<std::int64_t>(accumulator, INT32_MIN, INT32_MAX));
      return numeric::requantize(in_32_bits, of_channel(parameters.requantizers, m));
    };
    // A larger accumulator never has a smaller code.
    const std::int64_t low = std::min<std::int64_t>(bias, tame) - reach;
    const std::int64_t high = std::max<std::int64_t>(bias, tame) + reach;
    if (code(low) == code(high)) bias = static_cast<std::int32_t>(tame);
  }
}

// Output channels [first, first + count) of a layer that reads `channels` channels a tap.
struct Group {
  std::int64_t first, count, channels, taps;
};

ConvLayer layer_of(const Parameters& parameters, const numeric::Quantization& input,
                   const Group& group) {
  const std::int64_t row_bytes = group.taps * group.channels;
  return {.taps = group.taps,
          .channels = group.channels,
          .out_channels = group.count,
          .input_type = input.dtype,
          .weight_type = parameters.weight_type,
          .input_zero_point = static_cast<std::int32_t>(input.zero_points[0]),
          .weights = std::span(parameters.weights)
                         .subspan(static_cast<std::size_t>(group.first * row_bytes),
                                  static_cast<std::size_t>(group.count * row_bytes)),
          .weight_zero_points = part_of(parameters.zero_points, group.first, group.count),
          .bias = part_of(parameters.bias, group.first, group.count)};
}

struct DenseStep {
  TapTable taps;
  std::vector<DenseConv> groups;
  std::int64_t group_in, group_out;  // channels a group reads and makes
  std::vector<std::byte> padding;
  Scratch scratch;
  int threads;

  void run(const std::byte* x, std::byte* y, std::byte* memory) const {
    const auto num_groups = static_cast<std::int64_t>(groups.size());
    const std::int64_t out_channels = group_out * num_groups;
    for_each_chunk(taps, x, padding.data(), threads, scratch, memory,
                   [&](const std::byte* const* rows, std::int64_t pixels, std::int64_t first,
                       std::span<std::byte> own) {
                     std::byte* out = y + first * out_channels;
                     for (std::int64_t g = 0; g < num_groups; ++g) {
                       groups[static_cast<std::size_t>(g)].run(
                           {rows, pixels, g * group_in}, {out + g * group_out, out_channels}, own);
                     }
                   });
  }
};

struct DepthwiseStep {
  TapTable taps;
  DepthwiseConv kernel;
  std::int64_t channels;
  std::vector<std::byte> padding;
  Scratch scratch;
  int threads;

  void run(const std::byte* x, std::byte* y, std::byte* memory) const {
    for_each_chunk(taps, x, padding.data(), threads, scratch, memory,
                   [&](const std::byte* const* rows, std::int64_t pixels, std::int64_t first,
                       std::span<std::byte> /*own*/) {
                     kernel.run({rows, pixels, 0}, {y + first * channels, channels});
                   });
  }
};

std::vector<std::byte> padding_row(const numeric::Quantization& input, std::int64_t channels) {
  // A kernel may read a vector from the last channel on.
  constexpr std::int64_t kSlack = 64;
  return {static_cast<std::size_t>(channels + kSlack),
          static_cast<std::byte>(static_cast<std::uint8_t>(input.zero_points[0]))};
}

// Takes over the activations after the layer: its codes are narrowed to theirs. What its step
// makes.
ir::ValueId take_activations(const ir::Node& node, Parameters& parameters, Planner& planner) {
  const Clamp clamp = planner.take_clamp(node.outputs[0]);
  for (numeric::Requantizer& by : parameters.requantizers) by.codes = clamp.codes;
  return clamp.result;
}

// The layers, one a group, over the input's pixels, which `x` holds.
void add_dense_step(const ir::Node& node, BufferId x, const std::vector<ConvLayer>& layers,
                    const TapTable& taps, Parameters& parameters, Order order, Planner& planner) {
  const ir::ValueId result = take_activations(node, parameters, planner);
  const DType output_type = planner.graph().type(result).dtype;
  const std::int64_t group_in = layers[0].channels;
  const std::int64_t group_out = layers[0].out_channels;
  const auto num_groups = static_cast<std::int64_t>(layers.size());
  std::vector<DenseConv> groups;
  groups.reserve(layers.size());
  for (std::int64_t g = 0; g < num_groups; ++g) {
    const ConvOutput output{output_type,
                            part_of(parameters.requantizers, g * group_out, group_out)};
    groups.emplace_back(layers[static_cast<std::size_t>(g)], output);
  }
  const std::size_t kernel_bytes = groups[0].scratch_bytes();
  const numeric::Quantization& input = *planner.graph()[node.inputs[0]].quantization;
  add_layer_step(
      std::make_shared<const DenseStep>(DenseStep{
          taps, std::move(groups), group_in, group_out, padding_row(input, group_in * num_groups),
          scratch_for(taps, kernel_bytes), planner.threads()}),
      x, result, order, planner);
}

void add_depthwise_step(const ir::Node& node, const ConvLayer& layer, const TapTable& taps,
                        Parameters& parameters, Planner& planner) {
  const ir::ValueId result = take_activations(node, parameters, planner);
  const ConvOutput output{planner.graph().type(result).dtype, parameters.requantizers};
  const numeric::Quantization& input = *planner.graph()[node.inputs[0]].quantization;
  add_layer_step(std::make_shared<const DepthwiseStep>(DepthwiseStep{
                     taps, DepthwiseConv(layer, output), layer.channels,
                     padding_row(input, layer.channels), scratch_for(taps, 0), planner.threads()}),
                 planner.read(node.inputs[0], Order::ChannelsLast), result, Order::ChannelsLast,
                 planner);
}

// ---- a row of the kernel as one tap
//
// The taps of a row of the kernel lie side by side in a channels-last image. With the padding
// written out around the image, the layer is one of as many taps as the kernel has rows, of all its
// columns' channels: fewer pointers, and nothing to gather where few channels would not fill a
// step.

std::int64_t row_channels(std::int64_t kernel_width, std::int64_t channels) {
  return (kernel_width * channels + kStepBytes - 1) / kStepBytes * kStepBytes;
}

// Beyond some channels there is no more to gain. Padding as large as the kernel would take memory
// for nothing.
bool has_rows_as_taps(std::int64_t groups, std::int64_t channels,
                      const ir::ResolvedWindow& window) {
  constexpr std::int64_t kMostChannels = 32;
  const auto pads_less = [&](const ir::Dims& pads) {
    return pads[0] < window.kernel[0] && pads[1] < window.kernel[1];
  };
  return groups == 1 && channels <= kMostChannels && window.kernel[1] > 1 &&
         window.dilations[1] == 1 && pads_less(window.pad_begin) && pads_less(window.pad_end);
}

// Rows of weights, so many an output channel, filled up with zero points.
std::vector<std::byte> filled_rows(const Parameters& parameters, std::int64_t rows_a_channel,
                                   std::int64_t row_size, std::int64_t filled_size) {
  const auto num_rows = static_cast<std::int64_t>(parameters.weights.size()) / row_size;
  std::vector<std::byte> result(static_cast<std::size_t>(num_rows * filled_size));
  for (std::int64_t r = 0; r < num_rows; ++r) {
    const auto m = static_cast<std::size_t>(r / rows_a_channel);
    const std::int32_t zero = parameters.zero_points[parameters.zero_points.size() == 1 ? 0 : m];
    std::byte* to = result.data() + r * filled_size;
    std::copy_n(parameters.weights.data() + r * row_size, row_size, to);
    std::fill(to + row_size, to + filled_size, static_cast<std::byte>(zero));
  }
  return result;
}

// A buffer with the padding written out. Weights of 0 meet up to kStepBytes − 1 bytes behind it.
BufferId add_padding_step(const ir::Node& node, const ir::ResolvedWindow& window,
                          Planner& planner) {
  const Shape& shape = planner.shape(node.inputs[0]);
  const auto zero = planner.graph()[node.inputs[0]].quantization->zero_points[0];
  const PadStep step{.images = shape[0],
                     .rows = shape[2],
                     .row_bytes = shape[3] * shape[1],
                     .top = window.pad_begin[0],
                     .bottom = window.pad_end[0],
                     .left_bytes = window.pad_begin[1] * shape[1],
                     .right_bytes = window.pad_end[1] * shape[1],
                     .zero_point = {static_cast<std::byte>(zero & 0xFF)},
                     .is_wide = false,
                     .threads = planner.threads()};
  const BufferId from = planner.read(node.inputs[0], Order::ChannelsLast);
  const std::int64_t bytes = step.images * step.output_rows() * step.output_row_bytes();
  const BufferId to = planner.scratch(static_cast<std::size_t>(bytes + kStepBytes));
  planner.add_step({from, to}, [=](Addresses addresses) -> Status {
    step.run(at(addresses, from), at(addresses, to));
    std::fill_n(at(addresses, to) + bytes, kStepBytes, std::byte{0});
    return {};
  });
  return to;
}

TapTable row_taps(const Shape& shape, ir::ResolvedWindow window) {
  const Shape padded{shape[0], shape[1], shape[2] + window.pad_begin[0] + window.pad_end[0],
                     shape[3] + window.pad_begin[1] + window.pad_end[1]};
  window.pad_begin = window.pad_end = {0, 0};
  window.kernel[1] = 1;
  return *TapTable::make(padded, window);
}

bool can_overflow(const std::vector<ConvLayer>& layers, bool is_depthwise) {
  return std::ranges::any_of(layers, [&](const ConvLayer& layer) {
    return largest_accumulator(layer, is_depthwise) >= kMaxAccumulator;
  });
}

Result<bool> plan_in_bytes(const ir::Conv& op, const ir::Node& node, Planner& planner) {
  if (!planner.is_image(node.inputs[0]) || !has_kernel_types(node, planner)) return false;
  const Shape& x = planner.shape(node.inputs[0]);
  const Tensor& weights = *planner.constant(node.inputs[1]);
  SL_TRY(const ir::ResolvedWindow window, ir::resolve(op, x, weights.shape()));
  const auto taps = TapTable::make(x, window);
  if (!taps) return false;
  const std::int64_t out_channels = weights.shape()[0];
  const std::int64_t group_in = weights.shape()[1];
  const std::int64_t group_out = out_channels / op.group;
  const numeric::Quantization& input = *planner.graph()[node.inputs[0]].quantization;
  const bool is_depthwise = op.group == x[1] && out_channels == x[1] && x[1] > 1;

  SL_TRY(auto read, read_parameters(node, planner));
  if (!read) return false;
  Parameters& parameters = *read;
  tame_biases(weights, input, parameters);
  // As [taps, M] where every channel has its own weights, else [M, taps, C/group].
  parameters.weights = is_depthwise ? taps_first(weights, 1, out_channels, taps->taps())
                                    : taps_first(weights, out_channels, group_in, taps->taps());
  const bool as_rows = !is_depthwise && has_rows_as_taps(op.group, group_in, window);
  std::vector<ConvLayer> layers;
  if (as_rows) {
    const std::int64_t row_size = window.kernel[1] * group_in;
    const std::int64_t filled_size = row_channels(window.kernel[1], group_in);
    parameters.weights = filled_rows(parameters, window.kernel[0], row_size, filled_size);
    layers.push_back(layer_of(parameters, input, {0, out_channels, filled_size, window.kernel[0]}));
  } else if (is_depthwise) {
    layers.push_back(layer_of(parameters, input, {0, out_channels, 1, taps->taps()}));
    layers.back().channels = out_channels;
  } else {
    for (std::int64_t g = 0; g < op.group; ++g) {
      layers.push_back(
          layer_of(parameters, input, {g * group_out, group_out, group_in, taps->taps()}));
    }
  }
  if (can_overflow(layers, is_depthwise)) return false;
  if (as_rows) {
    add_dense_step(node, add_padding_step(node, window, planner), layers, row_taps(x, window),
                   parameters, Order::ChannelsLast, planner);
  } else if (is_depthwise) {
    add_depthwise_step(node, layers[0], *taps, parameters, planner);
  } else {
    const BufferId pixels = planner.read(node.inputs[0], Order::ChannelsLast);
    add_dense_step(node, pixels, layers, *taps, parameters, Order::ChannelsLast, planner);
  }
  return true;
}

Result<bool> plan_in_bytes(const ir::Gemm& op, const ir::Node& node, Planner& planner) {
  if (op.alpha != 1 || op.beta != 1 || op.trans_a || !op.trans_b ||
      !has_kernel_types(node, planner)) {
    return false;
  }
  const Shape& x = planner.shape(node.inputs[0]);
  const Tensor& weights = *planner.constant(node.inputs[1]);
  const std::int64_t out_channels = weights.shape()[0];
  const std::int64_t depth = weights.shape()[1];
  if (!has_number_a_column(node, out_channels, planner)) return false;
  const numeric::Quantization& input = *planner.graph()[node.inputs[0]].quantization;
  SL_TRY(auto read, read_parameters(node, planner));
  if (!read) return false;
  Parameters& parameters = *read;
  parameters.weights = {weights.bytes().begin(), weights.bytes().end()};
  const std::vector<ConvLayer> layers = {layer_of(parameters, input, {0, out_channels, depth, 1})};
  if (can_overflow(layers, false)) return false;
  add_dense_step(node, planner.read(node.inputs[0], Order::RowMajor), layers,
                 TapTable::of_rows(x[0], depth), parameters, Order::RowMajor, planner);
  return true;
}

}  // namespace

Result<bool> plan_op(const ir::Conv& op, const ir::Node& node, Planner& planner) {
  SL_TRY(const bool planned, plan_in_bytes(op, node, planner));
  return planned ? planned : plan_wide_conv(op, node, planner);
}

Result<bool> plan_op(const ir::Gemm& op, const ir::Node& node, Planner& planner) {
  SL_TRY(bool planned, plan_in_bytes(op, node, planner));
  if (!planned) {
    SL_TRY(planned, plan_real_gemm(op, node, planner));
  }
  return planned ? planned : plan_wide_gemm(op, node, planner);
}

}  // namespace sluice::exact::fast
