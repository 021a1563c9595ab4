// SPDX-License-Identifier: Apache-2.0
#include "sluice/quant/lower.hpp"

#include <algorithm>
#include <cmath>
#include <fmt/format.h>
#include <limits>
#include <utility>

#include "sluice/base/text.hpp"
#include "sluice/ir/infer.hpp"
#include "sluice/ir/names.hpp"
#include "sluice/ir/ops/pool.hpp"
#include "sluice/ir/pixel_shift.hpp"
#include "sluice/numeric/element.hpp"
#include "sluice/numeric/quantization.hpp"
#include "sluice/passes/real_interface.hpp"
#include "sluice/passes/rewrite.hpp"
#include "sluice/quant/grids.hpp"
#include "sluice/quant/modules.hpp"
#include "sluice/quant/value_groups.hpp"

namespace sluice::quant {
namespace {

using numeric::Arithmetic;
using numeric::Quantization;
using numeric::Range;

// Every product of a Gemm with its factors in its constants, where it has constants for them.
void fold_factors(ir::Graph& graph, ir::Node& node) {
  auto* gemm = std::get_if<ir::Gemm>(&node.op);
  if (gemm == nullptr) return;
  const auto scale = [&](std::size_t input, float& factor) {
    const Tensor* constant = passes::constant_of(graph, passes::input_of(node, input));
    if (factor == 1 || constant == nullptr || constant->dtype() != DType::Float32) return;
    Tensor scaled = *constant;
    for (float& x : scaled.mutable_data<float>()) x *= factor;
    node.inputs[input] = graph.add_constant(graph[node.inputs[input]].name, std::move(scaled));
    factor = 1;
  };
  scale(1, gemm->alpha);
  scale(2, gemm->beta);
}

// A normalization that no layer took in: each channel times a weight, plus a bias.
void to_convolution(ir::Graph& graph, ir::Node& node) {
  const auto* norm = std::get_if<ir::BatchNormalization>(&node.op);
  if (norm == nullptr || norm->training_mode || node.outputs.size() != 1) return;
  const Shape shape = graph.type(node.inputs[0]).shape;
  std::vector<std::span<const float>> parameters;
  for (std::size_t i = 1; i <= 4; ++i) {
    const Tensor* parameter = passes::constant_of(graph, passes::input_of(node, i));
    if (parameter == nullptr || parameter->dtype() != DType::Float32) return;
    parameters.push_back(parameter->data<float>());
  }
  if (shape.size() < 3) return;
  const std::int64_t channels = shape[1];
  Shape weight_shape(shape.size(), 1);
  weight_shape[0] = channels;
  Tensor weights(DType::Float32, weight_shape);
  Tensor bias(DType::Float32, {channels});
  for (std::size_t c = 0; c < static_cast<std::size_t>(channels); ++c) {
    const double gain = parameters[0][c] / std::sqrt(double{parameters[3][c]} + norm->epsilon);
    weights.mutable_data<float>()[c] = static_cast<float>(gain);
    bias.mutable_data<float>()[c] = static_cast<float>(parameters[1][c] - parameters[2][c] * gain);
  }
  node.inputs = {node.inputs[0], graph.add_constant(node.name + "/weights", std::move(weights)),
                 graph.add_constant(node.name + "/bias", std::move(bias))};
  node.op = ir::Conv{.group = channels};
}

void to_mean(ir::Graph& graph, ir::Node& node) {
  if (!ir::is<ir::GlobalAveragePool>(node.op)) return;
  std::vector<std::int64_t> axes;
  const auto rank = static_cast<std::int64_t>(graph.type(node.inputs[0]).shape.size());
  for (std::int64_t axis = 2; axis < rank; ++axis) axes.push_back(axis);
  node.inputs.push_back(graph.add_constant(
      node.name + "/axes", Tensor::from({static_cast<std::int64_t>(axes.size())}, axes)));
  node.op = ir::ReduceMean{};
}

// A mean counts no padding where there is none to count.
void to_mean_of_codes(const ir::Graph& graph, ir::Node& node) {
  auto* pool = std::get_if<ir::AveragePool>(&node.op);
  if (pool == nullptr || !pool->count_include_pad) return;
  const auto window = ir::resolve_pool(*pool, graph.type(node.inputs[0]).shape);
  const auto is_zero = [](std::int64_t pad) { return pad == 0; };
  if (window && std::ranges::all_of(window->pad_begin, is_zero) &&
      std::ranges::all_of(window->pad_end, is_zero)) {
    pool->count_include_pad = false;
  }
}

// The formats must agree on the kind of their scales, and the layers be there.
Status check(const ir::Graph& graph, const LoweringOptions& options) {
  std::vector<std::string_view> names;
  names.reserve(graph.nodes.size());
  for (const ir::Node& node : graph.nodes) names.push_back(node.name);
  for (const auto& [name, format] : options.layers) {
    if (std::ranges::count(names, name) == 0) {
      return Error{ErrorCode::InvalidArgument,
                   fmt::format("the network has no layer {}{}", sluice::quoted(name),
                               did_you_mean(name, names))};
    }
    if (format.weights.shifts() != options.format.shifts() ||
        format.activations.shifts() != options.format.shifts()) {
      return Error{ErrorCode::InvalidArgument,
                   fmt::format("is to be in {} and {}, the network in {}: scales must be powers "
                               "of two everywhere or nowhere",
                               to_string(format.weights), to_string(format.activations),
                               to_string(options.format)),
                   fmt::format("layer {}", sluice::quoted(name))};
    }
  }
  if (options.arithmetic && numeric::is_shift(*options.arithmetic) && !options.format.shifts()) {
    return Error{ErrorCode::InvalidArgument,
                 fmt::format("{} needs scales that are powers of two, which {} has not",
                             numeric::to_string(*options.arithmetic), to_string(options.format))};
  }
  return {};
}

// The largest Σ|w| of a filter: of an index along `axis`.
double largest_sum(const Tensor& weights, std::int64_t axis) {
  const auto filters = static_cast<std::size_t>(weights.shape()[static_cast<std::size_t>(axis)]);
  const auto inner = static_cast<std::size_t>(
      num_elements(std::span(weights.shape()).subspan(static_cast<std::size_t>(axis) + 1)));
  std::vector<double> sums(filters, 0);
  const auto data = weights.data<float>();
  for (std::size_t i = 0; i < data.size(); ++i) {
    sums[i / inner % filters] += std::abs(double{data[i]});
  }
  return sums.empty() ? 0 : std::ranges::max(sums);
}

class Lowering {
 public:
  Lowering(ir::Graph graph, const LoweringOptions& options)
      : graph_(std::move(graph)), options_(options), names_(ir::Names::of(graph_.values)) {}

  Result<ir::Graph> run(const Ranges& ranges) && {
    SL_TRY_STATUS(check(graph_, options_));
    const ValueGroups groups(graph_, values_to_calibrate(graph_), options_);
    SL_TRY(const auto quantizations, groups.quantizations(ranges));
    return std::move(*this).run(groups, quantizations);
  }

  Result<ir::Graph> run(const KnownQuantizations& known) && {
    SL_TRY_STATUS(check(graph_, options_));
    known_ = &known;
    const auto values = values_to_calibrate(graph_);
    const ValueGroups groups(graph_, values, options_);
    SL_TRY_STATUS(check_known(groups, values));
    return std::move(*this).run(groups, known.values);
  }

 private:
  Result<ir::Graph> run(const ValueGroups& groups,
                        const std::map<ir::ValueId, Quantization>& quantizations) && {
    SL_TRY(const auto modules, find_modules(graph_, Compat::None));
    for (const Module& module : modules) {
      if (module.weight) weights_.emplace(module.node, *module.weight);
    }
    for (const auto& [id, quantization] : quantizations) quantize(id, quantization);
    for (ir::GraphInput& input : graph_.inputs) input.dtype = graph_.type(input.value).dtype;
    for (std::size_t n = 0; n < graph_.nodes.size(); ++n) {
      if (auto status = lower(ir::NodeId{static_cast<std::int32_t>(n)}, groups); !status) {
        return std::move(status).error().at(ir::place_of(graph_.nodes[n]));
      }
    }
    remove_idle_rectifiers();
    ir::remove_unused(graph_);
    SL_TRY_STATUS(ir::verify(graph_));
    SL_TRY_STATUS(passes::real_inputs(graph_));
    SL_TRY_STATUS(passes::real_outputs(graph_));
    return std::move(graph_);
  }

  // Each value has one, the same as those it shares it with.
  [[nodiscard]] Status check_known(const ValueGroups& groups,
                                   const std::vector<ir::ValueId>& values) const {
    for (const ir::ValueId id : values) {
      const auto found = known_->values.find(id);
      const auto problem = [&](std::string_view what) {
        return Error{ErrorCode::Verify, std::string(what),
                     fmt::format("activation {}", sluice::quoted(graph_[id].name))};
      };
      if (found == known_->values.end()) return problem("has no quantization");
      for (const ir::ValueId other : values) {
        if (!groups.are_joined(id, other)) continue;
        const auto shared = known_->values.find(other);
        if (shared != known_->values.end() && shared->second != found->second) {
          return problem(fmt::format("must have the quantization of {}, which it shares",
                                     sluice::quoted(graph_[other].name)));
        }
      }
    }
    return {};
  }

  bool is_quantized(ir::ValueId id) const {
    return id != ir::kNoValue && graph_[id].quantization.has_value();
  }

  void quantize(ir::ValueId id, const Quantization& quantization) {
    graph_[id].quantization = quantization;
    graph_[id].type->dtype = quantization.dtype;
  }

  // An activation whose bounds are the ends of the codes: the layer before it saturates there. What
  // that makes takes the activation's name.
  void remove_idle_rectifiers() {
    passes::Renaming renaming(graph_);
    for (const ir::Node& node : graph_.nodes) {
      if (!is_idle_rectifier(node)) continue;
      const ir::ValueId x = renaming.resolve(node.inputs[0]);
      const ir::ValueId y = node.outputs[0];
      const bool is_output = std::ranges::count(graph_.outputs, y) > 0;
      if (!is_output) std::swap(graph_[x].name, graph_[y].name);
      renaming.replace(y, x);
    }
    renaming.apply();
  }

  bool is_idle_rectifier(const ir::Node& node) const {
    if (!ir::is_rectifier(node.op) || !is_quantized(node.inputs[0])) return false;
    const Quantization& codes = *graph_[node.inputs[0]].quantization;
    if (graph_[node.outputs[0]].quantization != codes || codes.is_per_channel() ||
        is_graph_input(node.inputs[0])) {
      return false;
    }
    const bool is_relu = ir::is<ir::Relu>(node.op);
    const auto bound = [&](std::size_t i, double otherwise) {
      const Tensor* known = passes::constant_of(graph_, passes::input_of(node, i));
      return known == nullptr ? otherwise : numeric::to_doubles(*known)[0];
    };
    constexpr double kInfinity = std::numeric_limits<double>::infinity();
    const double low = is_relu ? 0 : bound(1, -kInfinity);
    const double high = is_relu ? kInfinity : bound(2, kInfinity);
    const auto code = [&](double real) {
      return static_cast<double>(codes.zero_points[0]) + std::nearbyint(real / codes.scales[0]);
    };
    const numeric::CodeRange all = numeric::codes_of(codes);
    return code(low) <= static_cast<double>(all.lowest) &&
           code(high) >= static_cast<double>(all.highest);
  }

  bool is_graph_input(ir::ValueId id) const {
    return std::ranges::count(graph_.inputs, id, &ir::GraphInput::value) > 0;
  }

  Status lower(ir::NodeId id, const ValueGroups& groups) {
    ir::Node& node = graph_[id];
    if (std::ranges::none_of(node.inputs, [&](ir::ValueId x) { return is_quantized(x); })) {
      if (std::ranges::none_of(node.outputs, [&](ir::ValueId y) { return is_quantized(y); })) {
        return {};
      }
    }
    const auto entry = options_.layers.find(node.name);
    const IntegerFormat& weights =
        entry == options_.layers.end() ? options_.format : entry->second.weights;
    if (const auto found = weights_.find(id); found != weights_.end()) {
      SL_TRY_STATUS(quantize_weights(id, found->second, weights));
      SL_TRY_STATUS(quantize_bias(node));
    } else {
      SL_TRY_STATUS(quantize_constants(node, groups, weights));
    }
    drop_zero_fill(node);
    node.arithmetic = arithmetic_of(node, groups);
    return {};
  }

  // An integer kernel where there is one for these operands, else real numbers rounded once.
  Arithmetic arithmetic_of(const ir::Node& node, const ValueGroups& groups) const {
    const bool has_output = is_quantized(node.outputs[0]);
    const Arithmetic asked = options_.arithmetic.value_or(
        quant::arithmetic_of(has_output ? groups.format(node.outputs[0]) : options_.format));
    if (options_.format.shifts()) return asked;
    const auto inputs = data_inputs(node);
    const bool all_codes = has_output && std::ranges::all_of(inputs, [&](std::size_t i) {
                             return is_quantized(node.inputs[i]);
                           });
    const ir::ValueId bias = passes::input_of(node, 2);
    const bool has_real_bias =
        std::holds_alternative<ir::Gemm>(node.op) && bias != ir::kNoValue && !is_quantized(bias);
    return all_codes && !has_real_bias && has_integer_kernel(graph_, node) && is_same_grid(node)
               ? asked
               : Arithmetic::Onnx;
  }

  // What keeps its operands' grid must have one.
  bool is_same_grid(const ir::Node& node) const {
    if (!keeps_grid(graph_, node)) return true;
    const auto& common = graph_[node.outputs[0]].quantization;
    return std::ranges::all_of(data_inputs(node), [&](std::size_t i) {
      return graph_[node.inputs[i]].quantization == common;
    });
  }

  Status quantize_weights(ir::NodeId id, const Weight& weight, const IntegerFormat& format) {
    ir::Node& node = graph_[id];
    const Tensor weights = *graph_[node.inputs[weight.input]].constant;
    if (!is_quantized(node.inputs[0])) return {};
    const auto* gemm = std::get_if<ir::Gemm>(&node.op);
    if (gemm != nullptr && (gemm->alpha != 1 || gemm->beta != 1)) return {};
    SL_TRY(const Quantization quantization,
           known_ == nullptr ? found_for(weights, weight, format, node) : known_for(id));
    node.inputs[weight.input] =
        add_codes(graph_[node.inputs[weight.input]].name,
                  numeric::quantized(weights, quantization, Arithmetic::Onnx), quantization);
    return {};
  }

  [[nodiscard]] Result<Quantization> found_for(const Tensor& weights, const Weight& weight,
                                               const IntegerFormat& format,
                                               const ir::Node& node) const {
    // The 1 of a kernel that only moves its channel: nothing is rescaled on the way.
    if (!format.fraction_bits && ir::real_pixel_shift_of(graph_, node)) {
      const Range unit{-1, 1};
      SL_TRY(auto one, weight_quantization(format, {&unit, 1}, 0));
      one.scales = {1};
      return one;
    }
    const std::vector<Range> ranges = format.weights_by_channel
                                          ? ranges_along(weights, weight.channel_axis)
                                          : std::vector<Range>{range_of(weights)};
    SL_TRY(auto quantization, weight_quantization(format, ranges, weight.channel_axis));
    if (format.shifts()) {
      keep_in_64_bits(quantization, weights, node);
    } else {
      make_room_for_bias(quantization, ranges, node);
    }
    return quantization;
  }

  [[nodiscard]] Result<Quantization> known_for(ir::NodeId id) const {
    const auto found = known_->weights.find(id);
    if (found != known_->weights.end()) return found->second;
    return Error{ErrorCode::Verify, "its weights have no quantization"};
  }

  // Coarser weights where the sums of wide products could be beyond 64 bits; float32 weights lose
  // nothing by it, having 24 bits.
  void keep_in_64_bits(Quantization& weights, const Tensor& reals, const ir::Node& node) const {
    constexpr double kMostProducts = 0x1p61;
    const Quantization& x = *graph_[node.inputs[0]].quantization;
    const double largest_code = -static_cast<double>(numeric::codes_of(x).lowest);
    const double spread = double{std::ranges::max(x.scales)} / std::ranges::min(x.scales);
    const double sum = largest_sum(reals, weights.axis);
    for (float& scale : weights.scales) {
      while (sum / scale * largest_code * spread > kMostProducts) scale *= 2;
    }
  }

  // Affine weights whose unit the bias fits in. Those that are next to nothing beside their bias
  // get a coarser scale, which costs nothing: so many bits below the bias no code of the output
  // shows them. Those that are nothing get the finest, for the bias to be exact. As much room is
  // left for the products, of codes of at most 8 bits, below which the kernels are fast.
  void make_room_for_bias(Quantization& weights, std::span<const Range> ranges,
                          const ir::Node& node) const {
    constexpr double kMostCode = 0x1p29;
    const Tensor* bias = passes::constant_of(graph_, passes::input_of(node, 2));
    const std::size_t channels = weights.scales.size();
    if (bias == nullptr || bias->dtype() != DType::Float32) return;
    const auto reals = bias->data<float>();
    if (channels > 1 && reals.size() != channels) return;
    const double unit = std::ranges::min(graph_[node.inputs[0]].quantization->scales);
    for (std::size_t c = 0; c < channels; ++c) {
      double most = 0;  // of the biases in this unit
      for (const float real : channels > 1 ? reals.subspan(c, 1) : reals) {
        most = std::max(most, std::abs(double{real}));
      }
      const bool is_nothing = ranges[c].min == 0 && ranges[c].max == 0;
      const auto finest = static_cast<float>(most / (unit * kMostCode));
      if (finest < std::numeric_limits<float>::min()) continue;
      weights.scales[c] = is_nothing ? finest : std::max(weights.scales[c], finest);
    }
  }

  // In units of s_x·s_w, of the smallest s_x where channels have their own.
  Status quantize_bias(ir::Node& node) {
    const Tensor* bias = passes::constant_of(graph_, passes::input_of(node, 2));
    if (bias == nullptr || !is_quantized(node.inputs[1])) return {};
    const Quantization& weights = *graph_[node.inputs[1]].quantization;
    const auto channels = static_cast<std::int64_t>(ir::is<ir::Conv>(node.op)
                                                        ? graph_.type(node.inputs[1]).shape[0]
                                                        : graph_.type(node.outputs[0]).shape[1]);
    if (bias->dtype() != DType::Float32 || bias->num_elements() != channels) return {};
    const float unit = std::ranges::min(graph_[node.inputs[0]].quantization->scales);
    Quantization quantization{DType::Int32, {}, {}, 0};
    std::vector<std::int32_t> codes;
    codes.reserve(static_cast<std::size_t>(channels));
    for (const float real : bias->data<float>()) {
      const std::size_t c = weights.is_per_channel() ? codes.size() : 0;
      float scale = unit * weights.scales[c];
      SL_TRY(codes.emplace_back(), bias_code(real, scale));
      quantization.scales.push_back(scale);
    }
    if (options_.format.shifts() && !weights.is_per_channel()) {
      SL_TRY_STATUS(share_scale(bias->data<float>(), quantization, codes));
    }
    if (!weights.is_per_channel()) quantization.scales.resize(1);
    quantization.zero_points.assign(quantization.scales.size(), 0);
    node.inputs[2] =
        add_codes(graph_[node.inputs[2]].name, Tensor::from({channels}, codes), quantization);
    return {};
  }

  // The bias in steps of `scale`; of the next larger power-of-two multiple that 32 bits hold where
  // that is allowed, which `scale` then is.
  Result<std::int32_t> bias_code(float real, float& scale) const {
    using Limits = std::numeric_limits<std::int32_t>;
    while (std::abs(std::nearbyint(double{real} / scale)) > Limits::max()) {
      if (!options_.format.shifts()) {
        return Error{ErrorCode::Unsupported,
                     fmt::format("its bias {} is beyond 32 bits of its accumulator's unit {}; "
                                 "give the layer more bits",
                                 real, scale)};
      }
      scale *= 2;
    }
    return static_cast<std::int32_t>(std::nearbyint(double{real} / scale));
  }

  // One scale for all: the largest.
  Status share_scale(std::span<const float> reals, Quantization& quantization,
                     std::vector<std::int32_t>& codes) const {
    float scale = std::ranges::max(quantization.scales);
    for (std::size_t c = 0; c < codes.size(); ++c) {
      SL_TRY(codes[c], bias_code(reals[c], scale));
    }
    quantization.scales.assign(1, scale);
    return {};
  }

  // Operands known beforehand: on the output's grid if they are moved or compared with codes of it,
  // else on their own.
  Status quantize_constants(ir::Node& node, const ValueGroups& groups,
                            const IntegerFormat& format) {
    for (const std::size_t i : data_inputs(node)) {
      const ir::ValueId id = node.inputs[i];
      if (!is_float32(graph_, id) || !graph_[id].constant) continue;
      const bool takes_group = std::ranges::any_of(data_inputs(node), [&](std::size_t j) {
        return groups.contains(node.inputs[j]) && groups.contains(node.outputs[0]) &&
               groups.are_joined(node.inputs[j], node.outputs[0]);
      });
      Quantization quantization;
      if (takes_group) {
        quantization = *graph_[node.outputs[0]].quantization;
      } else {
        const Range range = range_of(*graph_[id].constant);
        SL_TRY(quantization, weight_quantization(format, {&range, 1}, 0));
      }
      if (quantization.is_per_channel()) continue;
      node.inputs[i] = add_codes(
          graph_[id].name, numeric::quantized(*graph_[id].constant, quantization, Arithmetic::Onnx),
          quantization);
    }
    return {};
  }

  // Padding with zero needs no fill, which would have to be a code.
  void drop_zero_fill(ir::Node& node) const {
    const Tensor* fill = passes::constant_of(graph_, passes::input_of(node, 2));
    if (!ir::is<ir::Pad>(node.op) || fill == nullptr || fill->num_elements() != 1) return;
    if (numeric::to_doubles(*fill)[0] == 0) node.inputs[2] = ir::kNoValue;
  }

  ir::ValueId add_codes(const std::string& name, Tensor codes, const Quantization& quantization) {
    graph_.values.push_back({names_.take(name), ir::ValueType{codes.dtype(), codes.shape()},
                             std::nullopt, quantization});
    graph_.values.back().constant = std::move(codes);
    return ir::ValueId{static_cast<std::int32_t>(graph_.values.size() - 1)};
  }

  ir::Graph graph_;
  const LoweringOptions& options_;
  ir::Names names_;
  std::map<ir::NodeId, Weight> weights_;
  const KnownQuantizations* known_ = nullptr;  // none: they follow from ranges
};

}  // namespace

Status prepare_for_integers(ir::Graph& graph) {
  for (std::size_t n = 0; n < graph.nodes.size(); ++n) {
    fold_factors(graph, graph.nodes[n]);
    to_convolution(graph, graph.nodes[n]);
    to_mean(graph, graph.nodes[n]);
    to_mean_of_codes(graph, graph.nodes[n]);
  }
  ir::remove_unused(graph);
  return ir::verify(graph);
}

std::vector<ir::ValueId> values_to_calibrate(const ir::Graph& graph) {
  std::vector<bool> is_number(graph.values.size(), true);
  for (const ir::Node& node : graph.nodes) {
    for (std::size_t i = data_inputs(node).size(); i < node.inputs.size(); ++i) {
      const ir::ValueId id = node.inputs[i];
      if (id != ir::kNoValue) is_number[static_cast<std::size_t>(id)] = false;
    }
  }
  std::vector<ir::ValueId> result;
  const auto consider = [&](ir::ValueId id) {
    if (is_float32(graph, id) && !graph[id].constant && is_number[static_cast<std::size_t>(id)]) {
      result.push_back(id);
    }
  };
  for (const ir::GraphInput& input : graph.inputs) consider(input.value);
  for (const ir::Node& node : graph.nodes) std::ranges::for_each(node.outputs, consider);
  return result;
}

Result<ir::Graph> lower(ir::Graph graph, const Ranges& ranges, const LoweringOptions& options) {
  return Lowering(std::move(graph), options).run(ranges);
}

Result<ir::Graph> lower(ir::Graph graph, const KnownQuantizations& known,
                        const LoweringOptions& options) {
  return Lowering(std::move(graph), options).run(known);
}

}  // namespace sluice::quant
