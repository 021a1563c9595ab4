// SPDX-License-Identifier: Apache-2.0
#include "sluice/train/network.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <map>
#include <optional>
#include <string_view>

#include "sluice/base/assert.hpp"
#include "sluice/base/text.hpp"
#include "sluice/ir/pixel_shift.hpp"
#include "sluice/train/operators.hpp"
#include "sluice/train/tensors.hpp"

namespace sluice::train {
namespace {

// What the constants of a layer are to training.
enum class Use : std::uint8_t { Fixed, Weight, Bias, Normalization, Statistic };

// Of input i of the node.
Use use_of(const ir::Node& node, std::size_t i) {
  if (ir::is_linear(node.op)) {
    if (i == 1) return Use::Weight;
    return i == 2 ? Use::Bias : Use::Fixed;
  }
  if (ir::is<ir::BatchNormalization>(node.op) && i > 0) {
    return i <= 2 ? Use::Normalization : Use::Statistic;
  }
  return ir::is<ir::PRelu>(node.op) && i == 1 ? Use::Weight : Use::Fixed;
}

Role role_of(Use use) {
  if (use == Use::Bias) return Role::Bias;
  return use == Use::Weight ? Role::Weight : Role::Normalization;
}

at::Tensor gain_of(const at::Tensor& scale, float range) {
  return at::full_like(scale, range) / scale;
}

Status check_frozen(const ir::Graph& graph, const std::vector<std::string>& frozen) {
  std::vector<std::string_view> names;
  for (const ir::Value& value : graph.values) {
    if (value.constant) names.push_back(value.name);
  }
  for (const std::string& name : frozen) {
    if (std::ranges::count(names, name) > 0) continue;
    return invalid_argument(fmt::format("the network has no weights {}{}", sluice::quoted(name),
                                        did_you_mean(name, names)));
  }
  return {};
}

}  // namespace

Result<Network> Network::create(ir::Graph graph, const std::vector<std::string>& frozen,
                                at::Device device) {
  if (ir::is_quantized(graph)) {
    return Error{ErrorCode::Unsupported,
                 "the network is quantized already; give its float32 original"};
  }
  if (graph.inputs.size() != 1 || graph.inputs[0].dtype != DType::Float32) {
    return Error{ErrorCode::Unsupported, "a network is trained that has one input, of float32"};
  }
  SL_TRY_STATUS(check_frozen(graph, frozen));
  for (const ir::Node& node : graph.nodes) SL_TRY_STATUS(check_operator(graph, node));
  Network network(std::move(graph));
  network.device_ = device;
  SL_TRY_STATUS(network.list_constants(frozen, device));
  return network;
}

Status Network::list_constants(const std::vector<std::string>& frozen, at::Device device) {
  const std::size_t num_values = graph_.values.size();
  scores_ = graph_.outputs[0];
  std::vector<Use> uses(num_values, Use::Fixed);
  last_use_.assign(num_values, 0);
  for (std::size_t n = 0; n < graph_.nodes.size(); ++n) {
    const ir::Node& node = graph_.nodes[n];
    // A shift that learnt would be a convolution.
    const bool is_shift = ir::real_pixel_shift_of(graph_, node).has_value();
    for (std::size_t i = 0; i < node.inputs.size(); ++i) {
      if (node.inputs[i] == ir::kNoValue) continue;
      const std::size_t v = ir::index(node.inputs[i]);
      last_use_[v] = n;
      if (is_shift) continue;
      if (uses[v] == Use::Fixed) uses[v] = use_of(node, i);
    }
    if (ir::is<ir::Softmax>(node.op) && node.outputs[0] == scores_) scores_ = node.inputs[0];
  }
  constants_.resize(num_values);
  for (std::size_t v = 0; v < num_values; ++v) {
    const ir::Value& value = graph_.values[v];
    if (!value.constant) continue;
    auto tensor = to_torch(*value.constant);
    if (!tensor) return std::move(tensor).error().at("value " + sluice::quoted(value.name));
    constants_[v] = tensor->to(device);
    const bool is_trained = uses[v] != Use::Fixed && value.constant->dtype() == DType::Float32;
    if (!is_trained || std::ranges::count(frozen, value.name) > 0) continue;
    const auto id = static_cast<ir::ValueId>(v);
    if (uses[v] == Use::Statistic) {
      buffers_.push_back({value.name, constants_[v]});
      buffer_values_.push_back(id);
    } else {
      constants_[v].requires_grad_();
      parameters_.push_back({value.name, role_of(uses[v]), constants_[v]});
      parameter_values_.push_back(id);
    }
  }
  if (!parameters_.empty()) return {};
  return Error{ErrorCode::Unsupported, "the network has no weights that can be trained"};
}

std::vector<Network::ScaledClip> Network::scaled_clips() const {
  const auto consumers = ir::consumers(graph_);
  const auto number = [&](const ir::Node& node, std::size_t i) -> std::optional<float> {
    if (i >= node.inputs.size() || node.inputs[i] == ir::kNoValue) return std::nullopt;
    const auto& constant = graph_[node.inputs[i]].constant;
    const bool is_number =
        constant && constant->dtype() == DType::Float32 && constant->num_elements() == 1;
    return is_number ? std::optional(constant->data<float>()[0]) : std::nullopt;
  };
  std::vector<ScaledClip> result;
  std::map<ir::ValueId, std::size_t> other_uses;
  for (const ir::Node& node : graph_.nodes) {
    for (const ir::ValueId id : node.inputs) {
      if (id != ir::kNoValue) ++other_uses[id];
    }
  }
  for (const ir::Node& clip : graph_.nodes) {
    const auto low = number(clip, 1), scale = number(clip, 2);
    if (!ir::is<ir::Clip>(clip.op) || low != 0.0F || !scale || !(*scale > 0)) continue;
    const auto& readers = consumers[ir::index(clip.outputs[0])];
    if (readers.size() != 1 || !ir::is<ir::Mul>(graph_[readers[0]].op)) continue;
    const ir::Node& mul = graph_[readers[0]];
    const auto gain = number(mul, 1);
    if (mul.inputs[0] != clip.outputs[0] || !gain || !(*gain > 0)) continue;
    --other_uses[clip.inputs[2]];
    --other_uses[mul.inputs[1]];
    // Several clips may share a scale and a gain, as both sides of a block do.
    const bool is_new = std::ranges::none_of(result, [&](const ScaledClip& each) {
      return each.scale == clip.inputs[2] && each.gain == mul.inputs[1];
    });
    if (is_new) result.push_back({clip.inputs[2], mul.inputs[1], *scale * *gain});
  }
  std::erase_if(result, [&](const ScaledClip& each) {
    return other_uses[each.scale] > 0 || other_uses[each.gain] > 0;
  });
  return result;
}

Status Network::learn_clips() {
  clips_ = scaled_clips();
  if (clips_.empty()) {
    return invalid_argument(
        "the network has no clips that could learn, a Clip from 0 and a Mul by a number each");
  }
  for (const ScaledClip& clip : clips_) {
    // They are no constants for operators that look.
    graph_[clip.gain].constant.reset();
    if (!graph_[clip.scale].constant) continue;  // of another one too
    graph_[clip.scale].constant.reset();
    constants_[ir::index(clip.scale)].requires_grad_();
    parameters_.push_back(
        {graph_[clip.scale].name, Role::Quantizer, constants_[ir::index(clip.scale)]});
    parameter_values_.push_back(clip.scale);
  }
  return {};
}

at::Tensor Network::used_scale(const ScaledClip& clip) const {
  constexpr double kLeast = 1e-6;
  return constants_[ir::index(clip.scale)].abs().clamp_min(kLeast);
}

Result<at::Tensor> Network::scores(const at::Tensor& images, bool is_training) const {
  SL_TRY(at::Tensor scores, run(images, is_training, {}));
  if (quantizers_ && !is_training) scores = quantizers_->scores(scores, constants_);
  return scores.to(at::kFloat);
}

Result<at::Tensor> Network::run(const at::Tensor& images, bool is_training,
                                const Watch& watch) const {
  std::vector<at::Tensor> values = constants_;
  for (const ScaledClip& clip : clips_) {
    values[ir::index(clip.scale)] = used_scale(clip);
    values[ir::index(clip.gain)] = gain_of(values[ir::index(clip.scale)], clip.range);
  }
  const auto set = [&](ir::ValueId id, const at::Tensor& content) {
    values[ir::index(id)] = quantizers_ ? quantizers_->value(id, content, is_training) : content;
    if (watch) watch(id, values[ir::index(id)]);
  };
  set(graph_.inputs[0].value, images);
  for (std::size_t n = 0; n < graph_.nodes.size(); ++n) {
    if (values[ir::index(scores_)].defined()) break;
    const ir::Node& node = graph_.nodes[n];
    SL_TRY(const auto outputs, run_node(n, values, is_training));
    for (std::size_t i = 0; i < outputs.size(); ++i) {
      if (node.outputs[i] != ir::kNoValue) set(node.outputs[i], outputs[i]);
    }
    // What nobody reads any more is given up, unless a gradient needs it.
    for (const ir::ValueId id : node.inputs) {
      if (id != ir::kNoValue && last_use_[ir::index(id)] == n && id != scores_) {
        values[ir::index(id)] = at::Tensor();
      }
    }
  }
  return values[ir::index(scores_)];
}

Result<std::vector<at::Tensor>> Network::run_node(std::size_t n,
                                                  const std::vector<at::Tensor>& values,
                                                  bool is_training) const {
  const ir::Node& node = graph_.nodes[n];
  std::vector<at::Tensor> inputs;
  inputs.reserve(node.inputs.size());
  for (const ir::ValueId id : node.inputs) {
    inputs.push_back(id == ir::kNoValue ? at::Tensor() : values[ir::index(id)]);
  }
  const auto id = static_cast<ir::NodeId>(n);
  if (quantizers_ && quantizers_->computes_codes(is_training)) {
    return quantizers_->run_on_codes(id, inputs, constants_);
  }
  if (quantizers_) quantizers_->set_operands(id, inputs, is_training);
  if (is_training && layer_type_ != at::kFloat && ir::is_linear(node.op)) {
    for (at::Tensor& each : inputs) {
      if (each.defined()) each = each.to(layer_type_);
    }
    SL_TRY(auto outputs, apply_operator({graph_, node, inputs, is_training}));
    for (at::Tensor& each : outputs) each = each.to(at::kFloat);
    return outputs;
  }
  return apply_operator({graph_, node, inputs, is_training});
}

Status Network::quantize(const QuantizationRecipe& recipe, const at::Tensor& images) {
  // What a Softmax makes of the scores is not trained, and not written.
  graph_.outputs = {scores_};
  SL_TRY(NetworkQuantizers quantizers, NetworkQuantizers::plan(graph_, recipe, device_));
  {
    const at::NoGradGuard no_gradients;
    auto seen = run(images, false, [&](ir::ValueId id, const at::Tensor& content) {
      quantizers.observe(id, content);
    });
    if (!seen) return std::move(seen).error();
    SL_TRY_STATUS(quantizers.start(constants_));
  }
  quantizers_ = std::move(quantizers);
  for (const Parameter& each : quantizers_->parameters()) parameters_.push_back(each);
  return {};
}

Result<ir::Graph> Network::integer_graph() const {
  SL_ASSERT(quantizers_.has_value(), "quantize() comes first");
  return quantizers_->integer_graph(graph(), constants_);
}

ir::Graph Network::graph() const {
  ir::Graph graph = graph_;
  for (std::size_t i = 0; i < parameter_values_.size(); ++i) {
    graph[parameter_values_[i]].constant = from_torch(parameters_[i].tensor);
  }
  for (const ScaledClip& clip : clips_) {
    const at::NoGradGuard no_gradients;
    const at::Tensor scale = used_scale(clip);
    graph[clip.scale].constant = from_torch(scale);
    graph[clip.gain].constant = from_torch(gain_of(scale, clip.range));
  }
  for (std::size_t i = 0; i < buffers_.size(); ++i) {
    graph[buffer_values_[i]].constant = from_torch(buffers_[i].tensor);
  }
  return graph;
}

}  // namespace sluice::train
