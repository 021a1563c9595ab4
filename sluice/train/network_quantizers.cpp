// SPDX-License-Identifier: Apache-2.0
#include "sluice/train/network_quantizers.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <limits>
#include <utility>

#include "sluice/base/assert.hpp"
#include "sluice/base/text.hpp"
#include "sluice/quant/integer_format.hpp"
#include "sluice/quant/lower.hpp"
#include "sluice/quant/modules.hpp"
#include "sluice/quant/value_groups.hpp"
#include "sluice/train/tensors.hpp"

namespace sluice::train {
namespace {

using numeric::Quantization;

// Codes times powers of two everywhere, rounded once, halves to even: what rne of LibTorch is.
const quant::LoweringOptions& lowering() {
  static const quant::LoweringOptions options{
      .format = {.rule = quant::ScaleRule::Fixed, .weights_by_channel = true}};
  return options;
}

// Operators of which float32, or float64 in set_operands, computes what their integers do.
bool is_exact(const ir::Node& node) {
  const ir::Op& op = node.op;
  return ir::is_linear(op) || ir::is_rectifier(op) || ir::is<ir::Add>(op) || ir::is<ir::Sub>(op) ||
         ir::is<ir::MaxPool>(op) || ir::is<ir::AveragePool>(op) || ir::is<ir::ReduceMean>(op) ||
         ir::is<ir::Identity>(op) || ir::is<ir::Dropout>(op) || ir::is_layout(op);
}

bool is_mean(const ir::Op& op) {
  return ir::is<ir::AveragePool>(op) || ir::is<ir::ReduceMean>(op);
}

// What a quantizer's integers stand for.
Quantization quantization_of(const Quantizer& quantizer, std::int64_t axis) {
  const QuantizerOptions& options = quantizer.options();
  Quantization result;
  result.dtype = options.is_signed ? DType::Int8 : DType::UInt8;
  if (options.bits < 8) result.bits = options.bits;
  const at::Tensor steps = quantizer.step().to(at::kCPU).contiguous();
  result.scales.assign(steps.data_ptr<float>(), steps.data_ptr<float>() + steps.numel());
  result.zero_points.assign(result.scales.size(), 0);
  result.axis = result.scales.size() > 1 ? axis : 0;
  return result;
}

// Whole numbers below it have no gaps in float32.
constexpr double kExactInFloat32 = 1 << 24;

// step·rne(x/step), with the gradient 1.
at::Tensor rounded_to(const at::Tensor& x, const at::Tensor& step) {
  const at::Tensor rounded = at::round(x.detach() / step) * step;
  return x + (rounded - x).detach();
}

}  // namespace

Result<NetworkQuantizers> NetworkQuantizers::plan(const ir::Graph& graph,
                                                  const QuantizationRecipe& recipe,
                                                  at::Device device) {
  SL_TRY_STATUS(check_quantization_recipe(recipe));
  NetworkQuantizers result(graph, recipe, device);
  SL_TRY_STATUS(result.check_nodes());
  result.group_values();
  SL_TRY_STATUS(result.find_layers());
  return result;
}

Status NetworkQuantizers::check_nodes() const {
  for (const ir::Node& node : graph_.nodes) {
    if (!is_exact(node)) {
      return Error{
          ErrorCode::Unsupported,
          fmt::format("{} cannot be trained for integers: it rounds otherwise than they do",
                      ir::op_name(node.op)),
          ir::place_of(node)};
    }
    if (ir::is_linear(node.op)) continue;
    for (const std::size_t i : quant::data_inputs(node)) {
      const ir::ValueId id = node.inputs[i];
      if (id == ir::kNoValue || !graph_[id].constant) continue;
      return Error{ErrorCode::Unsupported,
                   "a constant operand of it cannot be trained for integers", ir::place_of(node)};
    }
  }
  return {};
}

void NetworkQuantizers::group_values() {
  const auto values = quant::values_to_calibrate(graph_);
  const quant::ValueGroups groups(graph_, values, lowering());
  group_of_.assign(graph_.values.size(), std::nullopt);
  is_applied_.assign(graph_.values.size(), false);
  for (const ir::ValueId id : values) {
    const auto found = std::ranges::find_if(
        groups_, [&](const Group& group) { return groups.are_joined(group.values[0], id); });
    group_of_[ir::index(id)] = static_cast<std::size_t>(found - groups_.begin());
    if (found != groups_.end()) {
      found->values.push_back(id);
    } else {
      groups_.push_back({.values = {id}, .bits = recipe_.activations.bits});
    }
  }
  for (const ir::ValueId edge : {graph_.inputs[0].value, graph_.outputs[0]}) {
    groups_[*group_of_[ir::index(edge)]].bits = recipe_.edge_bits;
  }
  for (const ir::ValueId id : values) is_applied_[ir::index(id)] = is_quantized_where_made(id);
}

// Not what a rectifier of the group cuts off behind it, nor what was moved in it.
bool NetworkQuantizers::is_quantized_where_made(ir::ValueId id) const {
  const auto same_group = [&](ir::ValueId other) {
    return other != ir::kNoValue && group_of_[ir::index(other)] == group_of_[ir::index(id)];
  };
  const auto& readers = consumers_[ir::index(id)];
  if (readers.size() == 1 && ir::is_rectifier(graph_[readers[0]].op) &&
      same_group(graph_[readers[0]].outputs[0])) {
    return false;
  }
  const ir::NodeId maker = producers_[ir::index(id)];
  if (maker == ir::kNoNode || !ir::is_layout(graph_[maker].op)) return true;
  const auto inputs = quant::data_inputs(graph_[maker]);
  return !std::ranges::all_of(inputs,
                              [&](std::size_t i) { return same_group(graph_[maker].inputs[i]); });
}

Status NetworkQuantizers::find_layers() {
  SL_TRY(const auto modules, quant::find_modules(graph_, quant::Compat::None));
  for (const quant::Module& module : modules) {
    if (!module.weight) continue;
    const ir::Node& node = graph_[module.node];
    Layer layer{.weight_input = module.weight->input,
                .channel_axis = module.weight->channel_axis,
                .bits = recipe_.weights.bits};
    const auto input_group = group_of_[ir::index(graph_.inputs[0].value)];
    const bool is_first = group_of_[ir::index(node.inputs[0])] == input_group;
    const bool is_last = node.outputs[0] == graph_.outputs[0];
    if (is_first || is_last) layer.bits = recipe_.edge_bits;
    layers_.emplace(module.node, std::move(layer));
  }
  return {};
}

void NetworkQuantizers::observe(ir::ValueId value, const at::Tensor& content) {
  constexpr std::int64_t kMostSamples = 1 << 18;
  const auto group = group_of_[ir::index(value)];
  if (!group || !is_applied_[ir::index(value)]) return;
  at::Tensor flat = content.detach().reshape({-1}).to(at::kFloat);
  groups_[*group].least = std::min(groups_[*group].least, flat.min().item<double>());
  const std::int64_t stride = flat.numel() / kMostSamples + 1;
  groups_[*group].samples.push_back(flat.slice(0, 0, flat.numel(), stride).clone());
}

Status NetworkQuantizers::start(const std::vector<at::Tensor>& constants) {
  for (auto& [id, layer] : layers_) {
    const ir::Node& node = graph_[id];
    const ir::ValueId value = node.inputs[layer.weight_input];
    const at::Tensor& weights = constants[ir::index(value)];
    QuantizerOptions options = recipe_.weights;
    options.bits = layer.bits;
    options.axis =
        options.kind == QuantizerKind::Lsq ? std::optional(layer.channel_axis) : std::nullopt;
    SL_TRY(layer.quantizer,
           Quantizer::create(graph_[value].name, options, weights.sizes().vec(), device_));
    layer.is_frozen = !weights.requires_grad();
    if (Status status = layer.quantizer->initialize(weights); !status) {
      return std::move(status).error().at(ir::place_of(node));
    }
  }
  const auto last = group_of_[ir::index(graph_.outputs[0])];
  const ir::NodeId maker = producers_[ir::index(graph_.outputs[0])];
  for (std::size_t g = 0; g < groups_.size(); ++g) {
    if (g == last && layers_.contains(maker)) continue;  // sums as they are
    SL_TRY_STATUS(start(groups_[g]));
    groups_[g].samples.clear();
  }
  return {};
}

Status NetworkQuantizers::start(Group& group) const {
  const ir::Value& first = graph_[group.values[0]];
  QuantizerOptions options = recipe_.activations;
  options.bits = group.bits;
  options.is_signed = group.least < 0;
  // PACT clips below 0: what is negative, the input above all, has a step of its own.
  if (options.is_signed) options.kind = QuantizerKind::Lsq;
  std::vector<std::int64_t> shape = graph_.type(group.values[0]).shape;
  if (!shape.empty()) shape[0] = 1;
  SL_TRY(group.quantizer, Quantizer::create(first.name, options, shape, device_));
  Status status = group.quantizer->initialize(at::cat(group.samples));
  if (status) return status;
  return std::move(status).error().at("activation " + sluice::quoted(first.name));
}

at::Tensor NetworkQuantizers::value(ir::ValueId id, const at::Tensor& content) const {
  const auto group = group_of_[ir::index(id)];
  if (!group || !is_applied_[ir::index(id)] || !groups_[*group].quantizer) return content;
  const Quantizer& quantizer = *groups_[*group].quantizer;
  if (content.scalar_type() != at::kDouble) return quantizer(content);
  // Of sums that float32 cannot hold: the same codes, and no gradient.
  const numeric::CodeRange codes = codes_of(quantizer.options());
  const at::Tensor step = quantizer.step();
  const at::Tensor code =
      at::round(content / step)
          .clamp(static_cast<double>(codes.lowest), static_cast<double>(codes.highest));
  return code.to(at::kFloat) * step;
}

// Of a layer's sums: step of the input times the step, or steps, of the weights.
at::Tensor NetworkQuantizers::unit_of(ir::NodeId node) const {
  const auto group = group_of_[ir::index(graph_[node].inputs[0])];
  SL_ASSERT(group && groups_[*group].quantizer, "layers read what is quantized");
  return groups_[*group].quantizer->step().detach() * layers_.at(node).quantizer->step().detach();
}

void NetworkQuantizers::set_operands(ir::NodeId node, std::vector<at::Tensor>& inputs,
                                     bool is_training) const {
  if (!is_training && is_mean(graph_[node].op)) inputs[0] = inputs[0].to(at::kDouble);
  const auto found = layers_.find(node);
  if (found == layers_.end()) return;
  const Layer& layer = found->second;
  at::Tensor& weights = inputs[layer.weight_input];
  const at::Tensor unit = unit_of(node);
  const bool is_wide =
      !is_training && largest_sums(node, inputs, unit).max().item<double>() >= kExactInFloat32;
  weights = (*layer.quantizer)(weights);
  if (inputs.size() > 2 && inputs[2].defined()) inputs[2] = rounded_to(inputs[2], unit);
  if (!is_wide) return;
  for (at::Tensor& each : inputs) {
    if (each.defined()) each = each.to(at::kDouble);
  }
}

at::Tensor NetworkQuantizers::largest_sums(ir::NodeId node, const std::vector<at::Tensor>& inputs,
                                           const at::Tensor& unit) const {
  const Layer& layer = layers_.at(node);
  const auto group = group_of_[ir::index(graph_[node].inputs[0])];
  const numeric::CodeRange codes = codes_of(groups_[*group].quantizer->options());
  const auto most_code = static_cast<double>(std::max(-codes.lowest, codes.highest));
  const at::Tensor weights = layer.quantizer->codes(inputs[layer.weight_input]).abs();
  const at::Tensor by_channel = weights.transpose(0, layer.channel_axis).flatten(1).sum(1);
  at::Tensor sums = by_channel.to(at::kDouble) * most_code;
  if (inputs.size() > 2 && inputs[2].defined()) sums = sums + inputs[2].detach().abs() / unit;
  return sums;
}

std::vector<Parameter> NetworkQuantizers::parameters() const {
  std::vector<Parameter> result;
  const auto add = [&](const std::optional<Quantizer>& quantizer) {
    if (!quantizer) return;
    const auto& own = quantizer->parameters();
    result.insert(result.end(), own.begin(), own.end());
  };
  for (const auto& entry : layers_) {
    if (!entry.second.is_frozen) add(entry.second.quantizer);
  }
  for (const Group& group : groups_) add(group.quantizer);
  return result;
}

at::Tensor NetworkQuantizers::scores(const at::Tensor& sums,
                                     const std::vector<at::Tensor>& constants) const {
  const float step = step_of_scores(constants);
  return step > 0 ? at::round(sums / step).to(at::kFloat) * step : sums;
}

float NetworkQuantizers::step_of_scores(const std::vector<at::Tensor>& constants) const {
  constexpr double kMostCode = (1 << 15) - 1;
  const ir::NodeId maker = producers_[ir::index(graph_.outputs[0])];
  if (!layers_.contains(maker)) return 0;
  std::vector<at::Tensor> inputs;
  for (const ir::ValueId id : graph_[maker].inputs) {
    inputs.push_back(id == ir::kNoValue ? at::Tensor() : constants[ir::index(id)]);
  }
  const at::Tensor unit = unit_of(maker);
  const double largest = (largest_sums(maker, inputs, unit) * unit).max().item<double>();
  float step = unit.min().item<float>();
  while (largest / step > kMostCode) step *= 2;
  return step;
}

Result<ir::Graph> NetworkQuantizers::integer_graph(ir::Graph graph,
                                                   const std::vector<at::Tensor>& constants) const {
  const at::NoGradGuard no_gradients;
  quant::KnownQuantizations known;
  for (const auto& [id, layer] : layers_) {
    known.weights.emplace(id, quantization_of(*layer.quantizer, layer.channel_axis));
    ir::Value& weights = graph[graph[id].inputs[layer.weight_input]];
    SL_TRY(const at::Tensor reals, to_torch(*weights.constant));
    weights.constant = from_torch((*layer.quantizer)(reals.to(device_)));
  }
  for (const Group& group : groups_) {
    const Quantization quantization =
        group.quantizer
            ? quantization_of(*group.quantizer, 0)
            : Quantization{.dtype = DType::Int16, .scales = {step_of_scores(constants)}};
    for (const ir::ValueId id : group.values) known.values.emplace(id, quantization);
  }
  return quant::lower(std::move(graph), known, lowering());
}

}  // namespace sluice::train
