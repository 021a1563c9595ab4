// SPDX-License-Identifier: Apache-2.0
#include "sluice/exact/fast/wide_conv.hpp"

#include <algorithm>
#include <memory>

#include "sluice/exact/fast/layer_step.hpp"
#include "sluice/exact/fast/ops.hpp"
#include "sluice/exact/reference/accumulate.hpp"
#include "sluice/exact/reference/linear.hpp"
#include "sluice/exact/simd/raise_codes.hpp"
#include "sluice/exact/simd/wide_dense.hpp"
#include "sluice/exact/simd/wide_depthwise.hpp"
#include "sluice/numeric/element.hpp"

namespace sluice::exact::fast {
namespace {

// What a layer multiplies, with all scales and zero points but those of its output worked in.
struct WideParameters {
  DType input_type = DType::Int16;  // of the codes that the kernels read
  numeric::CodeRange inputs{};      // those codes, the padding's zeros among them
  std::vector<int> raised;          // by input channel: how many bits finer the accumulators count
  std::vector<int> raised_inputs;   // of these, by how many the codes are raised; empty: by none
  std::vector<std::int64_t> zeros;  // by input channel, of the codes that the kernels read
  std::vector<std::int16_t> weights;  // [M][taps][C/group], raised by the other bits
  std::vector<std::int64_t> bias;     // [M], less what the zero points add
  std::vector<numeric::Requantizer> requantizers;
};

// A layer's weights, as the shape [M, C/group, taps] has them.
struct Geometry {
  std::int64_t out_channels, group_in, taps, groups;
  [[nodiscard]] std::int64_t group_out() const { return out_channels / groups; }
  // The first channel that output channel m reads.
  [[nodiscard]] std::int64_t first_input(std::int64_t m) const {
    return m / group_out() * group_in;
  }
};

bool has_wide_kernel_types(const ir::Node& node, const Planner& planner) {
  const reference::NodeView view = planner.view(node);
  if (!numeric::is_shift(view.arithmetic()) || node.accumulator ||
      !planner.is_wide_codes(node.inputs[0])) {
    return false;
  }
  const auto is_constant = [&](std::size_t i) {
    return planner.constant(node.inputs[i]) != nullptr && view.in_quantization(i) != nullptr;
  };
  const numeric::Quantization* output = view.out_quantization();
  const bool has_bias = node.inputs.size() > 2 && node.inputs[2] != ir::kNoValue;
  return is_constant(1) && (!has_bias || is_constant(2)) && output != nullptr &&
         num_bits(output->dtype) >= 8;
}

// By channel of the input; false where there are scales along another dimension, or so far apart
// that the reference may have no room in 64 bits.
bool read_channels(const numeric::Quantization& input, std::int64_t channels, WideParameters& to) {
  if (input.is_per_channel() && input.axis != 1) return false;
  const int unit = *numeric::exact_log2(std::ranges::min(input.scales));
  constexpr int kMostBits = 24;
  to.raised.reserve(static_cast<std::size_t>(channels));
  to.zeros.reserve(static_cast<std::size_t>(channels));
  for (std::int64_t c = 0; c < channels; ++c) {
    const std::size_t of = input.is_per_channel() ? static_cast<std::size_t>(c) : 0;
    to.raised.push_back(*numeric::exact_log2(input.scales[of]) - unit);
    if (to.raised.back() > kMostBits) return false;
    to.zeros.push_back(input.zero_points[of]);
  }
  return true;
}

// f(weight less its zero point, [M][C/group][taps], its output channel, input channel and tap).
template <class F>
void for_each_weight(const Tensor& weights, const numeric::Quantization& quantization,
                     const Geometry& by, F f) {
  const std::vector<std::int64_t> codes = numeric::to_integers(weights);
  const std::int64_t* from = codes.data();
  for (std::int64_t m = 0; m < by.out_channels; ++m) {
    const std::int64_t zero =
        quantization.zero_points[quantization.is_per_channel() ? static_cast<std::size_t>(m) : 0];
    for (std::int64_t c = 0; c < by.group_in; ++c) {
      for (std::int64_t t = 0; t < by.taps; ++t) f(*from++ - zero, m, c, t);
    }
  }
}

constexpr numeric::CodeRange kIn16Bits{INT16_MIN, INT16_MAX};

bool fits(numeric::CodeRange numbers, numeric::CodeRange in) {
  return numbers.lowest >= in.lowest && numbers.highest <= in.highest;
}

numeric::CodeRange joined(numeric::CodeRange a, numeric::CodeRange b) {
  return {std::min(a.lowest, b.lowest), std::max(a.highest, b.highest)};
}

numeric::CodeRange raised_by(int bits, numeric::CodeRange numbers) {
  return {numbers.lowest * (std::int64_t{1} << bits), numbers.highest * (std::int64_t{1} << bits)};
}

// By how many of so many bits 16-bit numbers can be raised.
int room_of(numeric::CodeRange numbers, int wanted) {
  int bits = 0;
  while (bits < std::min(wanted, 15) && fits(raised_by(bits + 1, numbers), kIn16Bits)) ++bits;
  return bits;
}

// Where the weights of a channel cannot make up for its scale in 16 bits, its codes do what is
// left. false where these have no room for it either.
bool raise_inputs(const std::vector<numeric::CodeRange>& weights, numeric::CodeRange codes,
                  WideParameters& to) {
  to.raised_inputs.assign(weights.size(), 0);
  for (std::size_t c = 0; c < weights.size(); ++c) {
    // Any unit is right for a channel that is multiplied by nothing.
    if (weights[c].lowest == 0 && weights[c].highest == 0) to.raised[c] = 0;
    numeric::CodeRange inputs = joined(codes, {to.zeros[c], to.zeros[c]});
    const int bits = to.raised[c] - room_of(weights[c], to.raised[c]);
    if (bits > room_of(inputs, bits)) return false;
    to.raised_inputs[c] = bits;
    to.zeros[c] *= std::int64_t{1} << bits;
    inputs = raised_by(bits, inputs);
    to.inputs = c == 0 ? inputs : joined(to.inputs, inputs);
  }
  if (std::ranges::count(to.raised_inputs, 0) == std::ssize(to.raised_inputs)) {
    to.raised_inputs.clear();
    return true;
  }
  to.input_type = DType::Int16;
  return fits(to.inputs, kIn16Bits);
}

// false where one has no room in 16 bits.
bool read_weights(const Tensor& weights, const numeric::Quantization& quantization,
                  const Geometry& by, WideParameters& to) {
  to.weights.resize(static_cast<std::size_t>(weights.num_elements()));
  to.bias.resize(static_cast<std::size_t>(by.out_channels));
  bool has_room = true;
  for_each_weight(
      weights, quantization, by,
      [&](std::int64_t weight, std::int64_t m, std::int64_t c, std::int64_t t) {
        const auto channel = static_cast<std::size_t>(by.first_input(m) + c);
        const int in_codes = to.raised_inputs.empty() ? 0 : to.raised_inputs[channel];
        const std::int64_t raised = weight * (std::int64_t{1} << (to.raised[channel] - in_codes));
        has_room = has_room && fits({raised, raised}, kIn16Bits);
        to.weights.data()[(m * by.taps + t) * by.group_in + c] = static_cast<std::int16_t>(raised);
        to.bias.data()[m] -= raised * to.zeros[channel];
      });
  return has_room;
}

// The weights of each input channel lie between these.
std::vector<numeric::CodeRange> ranges_of_weights(const Tensor& weights,
                                                  const numeric::Quantization& quantization,
                                                  const Geometry& by) {
  std::vector<numeric::CodeRange> ranges(static_cast<std::size_t>(by.group_in * by.groups),
                                         numeric::CodeRange{0, 0});
  for_each_weight(weights, quantization, by,
                  [&](std::int64_t weight, std::int64_t m, std::int64_t c, std::int64_t /*tap*/) {
                    auto& range = ranges[static_cast<std::size_t>(by.first_input(m) + c)];
                    range = joined(range, {weight, weight});
                  });
  return ranges;
}

// Nothing where the kernels have no room for it.
Result<std::optional<WideParameters>> read_wide_parameters(const ir::Node& node, const Geometry& by,
                                                           const Planner& planner) {
  WideParameters result;
  const reference::NodeView view = planner.view(node);
  SL_TRY(result.requantizers, reference::requantizers(view));
  result.input_type = planner.graph().type(node.inputs[0]).dtype;
  const Tensor& weights = *planner.constant(node.inputs[1]);
  const numeric::Quantization& of_weights = *view.in_quantization(1);
  if (!read_channels(*view.in_quantization(0), by.group_in * by.groups, result) ||
      !raise_inputs(ranges_of_weights(weights, of_weights, by), planner.codes(node.inputs[0]),
                    result) ||
      !read_weights(weights, of_weights, by, result)) {
    return std::optional<WideParameters>();
  }
  if (node.inputs.size() > 2 && node.inputs[2] != ir::kNoValue) {
    SL_TRY(const auto bias, reference::channel_biases(view, *planner.constant(node.inputs[2])));
    constexpr std::int64_t kFar = std::int64_t{1} << 60;
    for (std::size_t m = 0; m < bias.size(); ++m) {
      if (std::abs(bias[m]) >= kFar) return std::optional<WideParameters>();
      result.bias[m] += bias[m];
    }
  }
  return std::optional(std::move(result));
}

// A row of codes that stand for 0.
std::vector<std::byte> wide_padding_row(const WideParameters& parameters) {
  // A kernel may read a vector from the last channel on.
  constexpr std::size_t kSlack = 64;
  std::vector<std::int64_t> zeros = parameters.zeros;
  zeros.resize(zeros.size() + kSlack, 0);
  const Tensor codes = numeric::cast(Tensor::from({static_cast<std::int64_t>(zeros.size())}, zeros),
                                     parameters.input_type);
  return {codes.bytes().begin(), codes.bytes().end()};
}

// The input as the kernels read it, rows of a code a channel.
BufferId read_input(const ir::Node& node, const WideParameters& parameters, Order order,
                    Planner& planner) {
  const BufferId from = planner.read(node.inputs[0], order);
  if (parameters.raised_inputs.empty()) return from;
  const std::int64_t count = num_elements(planner.shape(node.inputs[0]));
  const auto channels = static_cast<std::int64_t>(parameters.raised_inputs.size());
  const std::int64_t code_size = code_bytes(planner.graph().type(node.inputs[0]).dtype);
  const BufferId to = planner.scratch(static_cast<std::size_t>(count) * sizeof(std::int16_t));
  const auto raise = std::make_shared<const RaiseCodes>(planner.graph().type(node.inputs[0]).dtype,
                                                        parameters.raised_inputs);
  planner.add_step({from, to}, [=, threads = planner.threads()](Addresses addresses) -> Status {
    auto* raised = reinterpret_cast<std::int16_t*>(at(addresses, to));
    runtime::for_ranges_on(threads, count / channels,
                           [&](int, std::int64_t begin, std::int64_t end) {
                             raise->run(at(addresses, from) + begin * channels * code_size,
                                        raised + begin * channels, end - begin);
                           });
    return {};
  });
  return to;
}

struct WideDenseStep {
  TapTable taps;
  std::vector<WideDense> groups;
  std::int64_t group_in_bytes, group_out_bytes;
  std::vector<std::byte> padding;
  Scratch scratch;
  int threads;

  void run(const std::byte* x, std::byte* y, std::byte* memory) const {
    const auto num_groups = static_cast<std::int64_t>(groups.size());
    const std::int64_t pixel_bytes = group_out_bytes * num_groups;
    for_each_chunk(taps, x, padding.data(), threads, scratch, memory,
                   [&](const std::byte* const* rows, std::int64_t pixels, std::int64_t first,
                       std::span<std::byte> own) {
                     std::byte* out = y + first * pixel_bytes;
                     for (std::int64_t g = 0; g < num_groups; ++g) {
                       groups[static_cast<std::size_t>(g)].run(
                           {rows, pixels, g * group_in_bytes},
                           {out + g * group_out_bytes, pixel_bytes}, own);
                     }
                   });
  }
};

struct WideDepthwiseStep {
  TapTable taps;
  WideDepthwise kernel;
  std::int64_t pixel_bytes;
  std::vector<std::byte> padding;
  Scratch scratch;
  int threads;

  void run(const std::byte* x, std::byte* y, std::byte* memory) const {
    for_each_chunk(taps, x, padding.data(), threads, scratch, memory,
                   [&](const std::byte* const* rows, std::int64_t pixels, std::int64_t first,
                       std::span<std::byte> /*own*/) {
                     kernel.run({rows, pixels, 0}, {y + first * pixel_bytes, pixel_bytes});
                   });
  }
};

WideLayer wide_layer_of(const WideParameters& parameters, const Geometry& by, std::int64_t group) {
  const std::int64_t first = group * by.group_out();
  const std::int64_t row = by.taps * by.group_in;
  return {.taps = by.taps,
          .channels = by.group_in,
          .out_channels = by.group_out(),
          .input_type = parameters.input_type,
          .inputs = parameters.inputs,
          .weights = std::span(parameters.weights)
                         .subspan(static_cast<std::size_t>(first * row),
                                  static_cast<std::size_t>(by.group_out() * row)),
          .bias = std::span(parameters.bias)
                      .subspan(static_cast<std::size_t>(first),
                               static_cast<std::size_t>(by.group_out()))};
}

// Takes over the activations after the layer: its codes are narrowed to theirs. What its step
// makes.
ir::ValueId take_channel_activations(const ir::Node& node, WideParameters& parameters,
                                     Planner& planner) {
  const ChannelClamp clamp = planner.take_channel_clamp(node.outputs[0]);
  std::vector<numeric::Requantizer>& by = parameters.requantizers;
  if (by.size() == 1) by.resize(clamp.codes.size(), by[0]);
  for (std::size_t m = 0; m < by.size(); ++m) {
    by[m].codes = clamp.codes[clamp.codes.size() == 1 ? 0 : m];
  }
  return clamp.result;
}

bool add_wide_dense_step(const ir::Node& node, WideParameters& parameters, const Geometry& by,
                         const TapTable& taps, Order order, Planner& planner) {
  std::vector<WideLayer> layers;
  layers.reserve(static_cast<std::size_t>(by.groups));
  for (std::int64_t g = 0; g < by.groups; ++g) {
    layers.push_back(wide_layer_of(parameters, by, g));
    if (!fits_wide_kernels(layers.back(), false)) return false;
  }
  const ir::ValueId result = take_channel_activations(node, parameters, planner);
  const DType type = planner.graph().type(result).dtype;
  std::vector<WideDense> groups;
  groups.reserve(layers.size());
  for (std::int64_t g = 0; g < by.groups; ++g) {
    const WideOutput output{type,
                            part_of(parameters.requantizers, g * by.group_out(), by.group_out())};
    groups.emplace_back(layers[static_cast<std::size_t>(g)], output);
  }
  const std::size_t kernel_bytes = groups[0].scratch_bytes();
  add_layer_step(std::make_shared<const WideDenseStep>(WideDenseStep{
                     taps, std::move(groups), by.group_in * code_bytes(parameters.input_type),
                     by.group_out() * code_bytes(type), wide_padding_row(parameters),
                     scratch_for(taps, kernel_bytes), planner.threads()}),
                 read_input(node, parameters, order, planner), result, order, planner);
  return true;
}

bool add_wide_depthwise_step(const ir::Node& node, WideParameters& parameters, const Geometry& by,
                             const TapTable& taps, Planner& planner) {
  std::vector<std::int16_t> taps_first(parameters.weights.size());
  for (std::int64_t c = 0; c < by.out_channels; ++c) {
    for (std::int64_t t = 0; t < by.taps; ++t) {
      taps_first.data()[t * by.out_channels + c] = parameters.weights.data()[c * by.taps + t];
    }
  }
  const WideLayer layer{.taps = by.taps,
                        .channels = by.out_channels,
                        .out_channels = by.out_channels,
                        .input_type = parameters.input_type,
                        .inputs = parameters.inputs,
                        .weights = taps_first,
                        .bias = parameters.bias};
  if (!fits_wide_kernels(layer, true)) return false;
  const ir::ValueId result = take_channel_activations(node, parameters, planner);
  const DType type = planner.graph().type(result).dtype;
  add_layer_step(std::make_shared<const WideDepthwiseStep>(WideDepthwiseStep{
                     taps, WideDepthwise(layer, WideOutput{type, parameters.requantizers}),
                     by.out_channels * code_bytes(type), wide_padding_row(parameters),
                     scratch_for(taps, 0), planner.threads()}),
                 read_input(node, parameters, Order::ChannelsLast, planner), result,
                 Order::ChannelsLast, planner);
  return true;
}

}  // namespace

Result<bool> plan_wide_conv(const ir::Conv& op, const ir::Node& node, Planner& planner) {
  if (!planner.is_wide_image(node.inputs[0]) || !has_wide_kernel_types(node, planner)) return false;
  const Shape& x = planner.shape(node.inputs[0]);
  const Shape& w = planner.shape(node.inputs[1]);
  SL_TRY(const ir::ResolvedWindow window, ir::resolve(op, x, w));
  const Geometry by{w[0], w[1], num_elements(window.kernel), op.group};
  SL_TRY(auto parameters, read_wide_parameters(node, by, planner));
  if (!parameters) return false;
  const auto taps = TapTable::make(x, window, code_bytes(parameters->input_type));
  if (!taps) return false;
  if (op.group == x[1] && w[0] == x[1] && x[1] > 1) {
    return add_wide_depthwise_step(node, *parameters, by, *taps, planner);
  }
  return add_wide_dense_step(node, *parameters, by, *taps, Order::ChannelsLast, planner);
}

Result<bool> plan_wide_gemm(const ir::Gemm& op, const ir::Node& node, Planner& planner) {
  if (op.alpha != 1 || op.beta != 1 || op.trans_a || !op.trans_b ||
      !has_wide_kernel_types(node, planner)) {
    return false;
  }
  const Shape& x = planner.shape(node.inputs[0]);
  const Shape& w = planner.shape(node.inputs[1]);
  if (!has_number_a_column(node, w[0], planner)) return false;
  const Geometry by{w[0], w[1], 1, 1};
  SL_TRY(auto parameters, read_wide_parameters(node, by, planner));
  if (!parameters) return false;
  const auto taps = TapTable::of_rows(x[0], w[1], code_bytes(parameters->input_type));
  return add_wide_dense_step(node, *parameters, by, taps, Order::RowMajor, planner);
}

}  // namespace sluice::exact::fast
