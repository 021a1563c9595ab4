// SPDX-License-Identifier: Apache-2.0
#include "sluice/train/network_quantizers.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <limits>
#include <utility>

#include "sluice/base/assert.hpp"
#include "sluice/base/text.hpp"
#include "sluice/ir/ops/pool.hpp"
#include "sluice/ir/pixel_shift.hpp"
#include "sluice/quant/integer_format.hpp"
#include "sluice/quant/lower.hpp"
#include "sluice/quant/modules.hpp"
#include "sluice/quant/value_groups.hpp"
#include "sluice/train/integer_operators.hpp"
#include "sluice/train/operators.hpp"
#include "sluice/train/tensors.hpp"

namespace sluice::train {
namespace {

using numeric::Quantization;

// Codes times powers of two everywhere, rounded once, halves to even: what rne of LibTorch is. Or
// times any numbers, in kAnyStepArithmetic, which goes with affine formats.
const quant::LoweringOptions& lowering(bool has_powers_of_two) {
  static const quant::LoweringOptions shifting{
      .format = {.rule = quant::ScaleRule::Fixed, .weights_by_channel = true}};
  static const quant::LoweringOptions affine{
      .format = {.rule = quant::ScaleRule::Affine, .weights_by_channel = true},
      .arithmetic = kAnyStepArithmetic};
  return has_powers_of_two ? shifting : affine;
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

// A width as its codes have it: those of dorefa's weights take a bit more.
int code_bits(const QuantizerOptions& options) {
  const bool is_odd = options.kind == QuantizerKind::Dorefa && options.is_signed;
  return options.bits + (is_odd ? 1 : 0);
}

// What a quantizer's integers stand for.
Quantization quantization_of(const Quantizer& quantizer, const at::Tensor& used_steps,
                             std::int64_t axis) {
  const QuantizerOptions& options = quantizer.options();
  Quantization result;
  result.dtype = options.is_signed ? DType::Int8 : DType::UInt8;
  if (code_bits(options) < 8) result.bits = code_bits(options);
  const at::Tensor steps = used_steps.to(at::kCPU).contiguous();
  result.scales.assign(steps.data_ptr<float>(), steps.data_ptr<float>() + steps.numel());
  result.zero_points.assign(result.scales.size(), quantizer.zero_point()[0].item<std::int64_t>());
  result.axis = result.scales.size() > 1 ? axis : 0;
  return result;
}

// The greatest magnitude of a level.
double most_level(const Quantizer& quantizer) {
  const numeric::CodeRange codes = codes_of(quantizer.options());
  const auto zero = quantizer.zero_point()[0].item<std::int64_t>();
  return static_cast<double>(std::max(zero - codes.lowest, codes.highest - zero));
}

std::vector<float> numbers_of(const at::Tensor& tensor) {
  const at::Tensor all = tensor.to(at::kCPU, at::kFloat).contiguous();
  return {all.data_ptr<float>(), all.data_ptr<float>() + all.numel()};
}

// What the codes of a bias stand for, as lowering rounds it.
at::Tensor bias_levels(const at::Tensor& bias, const at::Tensor& unit) {
  return at::round(bias.detach().to(at::kDouble) / unit.to(at::kDouble));
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
    const auto* pool = std::get_if<ir::AveragePool>(&node.op);
    if (pool != nullptr && pool->count_include_pad && !has_powers_of_two_) {
      return Error{ErrorCode::Unsupported,
                   "counts its padding, which is in no mean of codes; let steps be powers of two",
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
  const quant::ValueGroups groups(graph_, values, lowering(has_powers_of_two_));
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
  groups_[*group_of_[ir::index(graph_.outputs[0])]].bits = recipe_.edge_bits;
  groups_[*group_of_[ir::index(graph_.inputs[0].value)]].bits =
      recipe_.input_bits.value_or(recipe_.edge_bits);
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
  if (maker == ir::kNoNode) return true;
  if (ir::real_pixel_shift_of(graph_, graph_[maker])) return !same_group(graph_[maker].inputs[0]);
  if (!ir::is_layout(graph_[maker].op)) return true;
  const auto inputs = quant::data_inputs(graph_[maker]);
  return !std::ranges::all_of(inputs,
                              [&](std::size_t i) { return same_group(graph_[maker].inputs[i]); });
}

Status NetworkQuantizers::find_layers() {
  SL_TRY(const auto modules, quant::find_modules(graph_, quant::Compat::None));
  for (const quant::Module& module : modules) {
    if (!module.weight) continue;
    const ir::Node& node = graph_[module.node];
    if (ir::real_pixel_shift_of(graph_, node)) {
      shifts_.push_back(module.node);
      continue;
    }
    Layer layer{.weight_input = module.weight->input,
                .channel_axis = module.weight->channel_axis,
                .bits = recipe_.weights.bits};
    const auto input_group = group_of_[ir::index(graph_.inputs[0].value)];
    const bool is_first = group_of_[ir::index(node.inputs[0])] == input_group;
    const bool is_last = node.outputs[0] == graph_.outputs[0];
    if (is_first) layer.bits = recipe_.first_bits.value_or(recipe_.edge_bits);
    if (is_last) layer.bits = recipe_.last_bits.value_or(recipe_.edge_bits);
    // Of one step the scores' 16 bits are a shift of the sums, whatever the step is.
    layer.has_one_step = is_last && !has_powers_of_two_;
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
  samples_[value].push_back(flat.slice(0, 0, flat.numel(), stride).clone());
}

Status NetworkQuantizers::start(const std::vector<at::Tensor>& constants) {
  for (auto& [id, layer] : layers_) {
    const ir::Node& node = graph_[id];
    const ir::ValueId value = node.inputs[layer.weight_input];
    const at::Tensor& weights = constants[ir::index(value)];
    QuantizerOptions options = recipe_.weights;
    options.bits = layer.bits;
    const bool is_lsq =
        options.kind == QuantizerKind::Lsq || options.kind == QuantizerKind::LsqPlus;
    const bool has_channels = options.axis && is_lsq && !layer.has_one_step;
    options.axis = has_channels ? std::optional(layer.channel_axis) : std::nullopt;
    // One bit has no code but 0 on either side.
    options.is_symmetric = is_lsq && options.is_symmetric && options.bits > 1;
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
  }
  samples_.clear();
  return {};
}

QuantizerOptions NetworkQuantizers::options_of(const Group& group) const {
  QuantizerOptions options = recipe_.activations;
  options.bits = group.bits;
  options.is_signed = group.least < 0;
  // What is negative, the input above all, has a step of its own: PACT clips below 0. So has an
  // input whose range is not the kind's.
  const bool has_range =
      options.kind == QuantizerKind::Dorefa || options.kind == QuantizerKind::NormalizedPact;
  const bool is_input = std::ranges::count(group.values, graph_.inputs[0].value) > 0;
  const bool clips = has_range || options.kind == QuantizerKind::Pact;
  if ((options.is_signed && clips) || (is_input && has_range)) options.kind = QuantizerKind::Lsq;
  return options;
}

at::Tensor NetworkQuantizers::samples_of(const Group& group) const {
  std::vector<at::Tensor> all;
  for (const ir::ValueId id : group.values) {
    const auto found = samples_.find(id);
    if (found != samples_.end()) all.insert(all.end(), found->second.begin(), found->second.end());
  }
  return at::cat(all);
}

Status NetworkQuantizers::start(Group& group) {
  const ir::Value& first = graph_[group.values[0]];
  QuantizerOptions options = options_of(group);
  if (options.kind == QuantizerKind::NormalizedPact) {
    SL_TRY_STATUS(start_clips(group, options));
    // What no layer makes is rounded to the same step and clipped at its end.
    group.is_fixed = true;
    options.clip = options.range;
  }
  std::vector<std::int64_t> shape = graph_.type(group.values[0]).shape;
  if (!shape.empty()) shape[0] = 1;
  SL_TRY(group.quantizer, Quantizer::create(first.name, options, shape, device_));
  if (group.is_fixed) return {};
  Status status = group.quantizer->initialize(samples_of(group));
  if (status) return status;
  return std::move(status).error().at("activation " + sluice::quoted(first.name));
}

Status NetworkQuantizers::start_clips(Group& group, const QuantizerOptions& options) {
  for (const ir::ValueId id : group.values) {
    const std::vector<ir::NodeId> nodes = layer_behind(id);
    if (!is_applied_[ir::index(id)] || nodes.empty()) continue;
    const std::string& name = graph_[id].name;
    SL_TRY(Quantizer clip, Quantizer::create(name, options, {1}, device_));
    if (Status status = clip.initialize(at::cat(samples_.at(id))); !status) {
      return std::move(status).error().at("activation " + sluice::quoted(name));
    }
    group.clips.emplace(id, std::move(clip));
    for (const ir::NodeId node : nodes) clipped_by_.emplace(node, id);
  }
  return {};
}

std::vector<ir::NodeId> NetworkQuantizers::layer_behind(ir::ValueId id) const {
  std::vector<ir::NodeId> nodes;
  const auto group = group_of_[ir::index(id)];
  for (ir::ValueId at = id; group_of_[ir::index(at)] == group;) {
    const ir::NodeId maker = producers_[ir::index(at)];
    if (maker == ir::kNoNode || (at != id && is_applied_[ir::index(at)])) break;
    nodes.push_back(maker);
    if (layers_.contains(maker)) return nodes;
    if (!ir::is_rectifier(graph_[maker].op)) break;
    at = graph_[maker].inputs[0];
  }
  return {};
}

at::Tensor NetworkQuantizers::gain_of(ir::NodeId node) const {
  const auto found = clipped_by_.find(node);
  if (found == clipped_by_.end()) return {};
  return groups_[*group_of_[ir::index(found->second)]].clips.at(found->second).gain();
}

at::Tensor NetworkQuantizers::value(ir::ValueId id, const at::Tensor& content,
                                    bool is_training) const {
  const auto of = group_of_[ir::index(id)];
  if (!of || !is_applied_[ir::index(id)] || !groups_[*of].quantizer) return content;
  const Group& group = groups_[*of];
  const Quantizer& quantizer = *group.quantizer;
  if (computes_codes(is_training)) {
    if (id != graph_.inputs[0].value) return content;
    return levels_of_reals(content, train::quantization_of(quantizer, quantizer.step(), 0)) *
           quantizer.step();
  }
  if (const auto clip = group.clips.find(id); clip != group.clips.end()) {
    return clip->second(content);
  }
  if (content.scalar_type() != at::kDouble) return quantizer(content);
  // Of sums that float32 cannot hold: the same codes, and no gradient.
  const numeric::CodeRange codes = codes_of(quantizer.options());
  const at::Tensor step = quantizer.step(), zero_point = quantizer.zero_point();
  const at::Tensor code =
      (at::round(content / step) + zero_point)
          .clamp(static_cast<double>(codes.lowest), static_cast<double>(codes.highest));
  return (code - zero_point).to(at::kFloat) * step;
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
  const double most = most_level(*groups_[*group].quantizer);
  const at::Tensor weights = layer.quantizer->codes(inputs[layer.weight_input]).abs();
  const at::Tensor by_channel = weights.transpose(0, layer.channel_axis).flatten(1).sum(1);
  at::Tensor sums = by_channel.to(at::kDouble) * most;
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
  for (const Group& group : groups_) {
    if (!group.is_fixed) add(group.quantizer);
    for (const auto& clip : group.clips) add(clip.second);
  }
  return result;
}

at::Tensor NetworkQuantizers::scores(const at::Tensor& sums,
                                     const std::vector<at::Tensor>& constants) const {
  if (!has_powers_of_two_) return sums;  // run_on_codes() has rounded them
  const float step = step_of_scores(constants);
  // Plus 0, for integers have no −0.
  return step > 0 ? (at::round(sums / step) + 0).to(at::kFloat) * step : sums;
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
  // No finer than any channel's sums: hardware shifts them to the right only.
  float step = unit.max().item<float>();
  while (largest / step > kMostCode) step *= 2;
  return step;
}

at::Tensor NetworkQuantizers::weight_steps(ir::NodeId node) const {
  const at::Tensor steps = layers_.at(node).quantizer->step();
  const at::Tensor gain = gain_of(node);
  return gain.defined() ? steps * gain : steps;
}

Quantization NetworkQuantizers::quantization_of(const Group& group,
                                                const std::vector<at::Tensor>& constants) const {
  if (group.quantizer) return train::quantization_of(*group.quantizer, group.quantizer->step(), 0);
  return {.dtype = DType::Int16, .scales = {step_of_scores(constants)}};
}

// Of a rectifier, with the gain in them.
std::pair<double, double> NetworkQuantizers::bounds_of(ir::NodeId id) const {
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  const ir::Node& node = graph_[id];
  if (ir::is<ir::Relu>(node.op)) return {0, kInfinity};
  const at::Tensor gain = gain_of(id);
  const auto bound = [&](std::size_t i, double otherwise) {
    if (node.inputs.size() <= i || node.inputs[i] == ir::kNoValue) return otherwise;
    const float real = graph_[node.inputs[i]].constant->data<float>()[0];
    return double{gain.defined() ? real * gain.item<float>() : real};
  };
  return {bound(1, -kInfinity), bound(2, kInfinity)};
}

Result<at::Tensor> NetworkQuantizers::layer_levels(ir::NodeId id,
                                                   const std::vector<at::Tensor>& inputs,
                                                   const Quantization& x,
                                                   const Quantization& y) const {
  const Layer& layer = layers_.at(id);
  const at::Tensor gain = gain_of(id), steps = weight_steps(id);
  const at::Tensor unit = steps * at::full_like(steps, x.scales[0]);
  const bool is_wide =
      largest_sums(id, inputs, unit_of(id)).max().item<double>() >= kExactInFloat32;
  const auto type = is_wide ? at::kDouble : at::kFloat;
  std::vector<at::Tensor> levels = inputs;
  levels[0] = at::round(inputs[0] / at::full_like(steps[0], x.scales[0])).to(type);
  levels[layer.weight_input] = layer.quantizer->codes(inputs[layer.weight_input]).to(type);
  if (inputs.size() > 2 && inputs[2].defined()) {
    const at::Tensor bias = gain.defined() ? inputs[2] * gain : inputs[2];
    levels[2] = bias_levels(bias, unit).to(type);
  }
  SL_TRY(const auto sums, apply_operator({graph_, graph_[id], levels, false}));
  const std::int64_t axis = ir::is<ir::MatMul>(graph_[id].op) ? sums[0].dim() - 1 : 1;
  return levels_of_sums(sums[0], axis, x, numbers_of(steps), y);
}

Result<at::Tensor> NetworkQuantizers::levels_of(ir::NodeId id,
                                                const std::vector<at::Tensor>& inputs,
                                                const std::vector<at::Tensor>& constants) const {
  const ir::Node& node = graph_[id];
  const auto quantization = [&](ir::ValueId value) {
    return quantization_of(groups_[*group_of_[ir::index(value)]], constants);
  };
  const Quantization x = quantization(node.inputs[0]), y = quantization(node.outputs[0]);
  if (layers_.contains(id)) return layer_levels(id, inputs, x, y);
  const auto levels = [&](std::size_t i, const Quantization& by) {
    return at::round(inputs[i] / at::full({1}, by.scales[0], inputs[i].options()));
  };
  if (ir::is_rectifier(node.op)) {
    const auto [low, high] = bounds_of(id);
    return clamped_levels(levels(0, x), x, y, low, high);
  }
  if (ir::is<ir::Add>(node.op) || ir::is<ir::Sub>(node.op)) {
    const Quantization other = quantization(node.inputs[1]);
    return sum_levels({levels(0, x), x}, {levels(1, other), other},
                      ir::is<ir::Add>(node.op) ? 1 : -1, y);
  }
  if (const auto* pool = std::get_if<ir::AveragePool>(&node.op)) {
    const Shape shape(inputs[0].sizes().begin(), inputs[0].sizes().end());
    SL_TRY(const ir::ResolvedWindow window, ir::resolve_pool(*pool, shape));
    return pooled_levels(levels(0, x), window, pool->ceil_mode, x);
  }
  if (!ir::is<ir::ReduceMean>(node.op)) return at::Tensor();
  std::vector<at::Tensor> wide = inputs;
  wide[0] = levels(0, x).to(at::kDouble);
  SL_TRY(const auto means, apply_operator({graph_, node, wide, false}));
  // float64 has the mean so nearly that the sum is the whole number next to the product.
  const std::int64_t count = wide[0].numel() / std::max<std::int64_t>(means[0].numel(), 1);
  return mean_levels(at::round(means[0] * static_cast<double>(count)), count, x, y);
}

Result<std::vector<at::Tensor>> NetworkQuantizers::run_on_codes(
    ir::NodeId id, const std::vector<at::Tensor>& inputs,
    const std::vector<at::Tensor>& constants) const {
  const ir::Node& node = graph_[id];
  auto levels = levels_of(id, inputs, constants);
  if (!levels) return std::move(levels).error().at(ir::place_of(node));
  if (!levels->defined()) return apply_operator({graph_, node, inputs, false});
  const Group& group = groups_[*group_of_[ir::index(node.outputs[0])]];
  const float step = quantization_of(group, constants).scales[0];
  return std::vector<at::Tensor>{*levels * at::full({1}, step, levels->options())};
}

// Its weights become multiples of their steps, and all it makes is multiplied with the gain.
void NetworkQuantizers::scale_weights(ir::Graph& graph, ir::NodeId id) const {
  const Layer& layer = layers_.at(id);
  const at::Tensor gain = gain_of(id);
  const auto replace = [&](std::size_t input, const auto& change) {
    ir::ValueId& value = graph[id].inputs[input];
    const at::Tensor reals = to_torch(*graph[value].constant)->to(device_);
    value = graph.add_constant(graph[value].name, from_torch(change(reals)));
  };
  replace(layer.weight_input, [&](const at::Tensor& weights) {
    const at::Tensor used = (*layer.quantizer)(weights);
    return gain.defined() ? used * gain : used;
  });
  const auto& inputs = graph[id].inputs;
  if (!gain.defined() || inputs.size() < 3 || inputs[2] == ir::kNoValue) return;
  replace(2, [&](const at::Tensor& bias) { return bias * gain; });
}

void NetworkQuantizers::scale_bounds(ir::Graph& graph, ir::NodeId id) const {
  if (!ir::is<ir::Clip>(graph[id].op) || !gain_of(id).defined()) return;
  const auto [low, high] = bounds_of(id);
  for (const auto& [i, bound] : {std::pair{std::size_t{1}, low}, {std::size_t{2}, high}}) {
    if (graph[id].inputs.size() <= i || graph[id].inputs[i] == ir::kNoValue) continue;
    const std::string name = graph[graph[id].inputs[i]].name;
    graph[id].inputs[i] = graph.add_constant(name, Tensor::scalar(static_cast<float>(bound)));
  }
}

Result<ir::Graph> NetworkQuantizers::integer_graph(ir::Graph graph,
                                                   const std::vector<at::Tensor>& constants) const {
  const at::NoGradGuard no_gradients;
  quant::KnownQuantizations known;
  for (const auto& [id, layer] : layers_) {
    known.weights.emplace(
        id, train::quantization_of(*layer.quantizer, weight_steps(id), layer.channel_axis));
    scale_weights(graph, id);
  }
  for (const ir::NodeId id : shifts_) {
    known.weights.emplace(id, Quantization{.dtype = DType::Int8, .scales = {1}});
  }
  for (std::size_t n = 0; n < graph.nodes.size(); ++n) {
    scale_bounds(graph, ir::NodeId{static_cast<std::int32_t>(n)});
  }
  for (const Group& group : groups_) {
    const Quantization quantization = quantization_of(group, constants);
    for (const ir::ValueId id : group.values) known.values.emplace(id, quantization);
  }
  SL_TRY(ir::Graph lowered, quant::lower(std::move(graph), known, lowering(has_powers_of_two_)));
  for (const ir::Node& node : lowered.nodes) {
    if (has_powers_of_two_ || !node.arithmetic || *node.arithmetic == kAnyStepArithmetic) continue;
    return Error{ErrorCode::Unsupported,
                 "has integers only with steps that are powers of two; let all be these",
                 ir::place_of(node)};
  }
  return lowered;
}

}  // namespace sluice::train
