// SPDX-License-Identifier: Apache-2.0
#include "sluice/hw/build/steps.hpp"

#include <algorithm>
#include <cmath>
#include <map>
#include <optional>

#include "sluice/hw/build/constants.hpp"
#include "sluice/hw/build/slices.hpp"

namespace sluice::hw {
namespace {

bool is_number(const ir::Graph& network, ir::ValueId id, double expected) {
  constexpr double kTolerance = 1e-4;  // of thirds and sixths in files
  const auto found = number_of(network, id);
  return found && std::abs(*found - expected) < kTolerance;
}

class Steps {
 public:
  Steps(const ir::Graph& network, Rules rules)
      : network_(network),
        rules_(rules),
        known_(known_values(network)),
        producers_(ir::producers(network)),
        readers_(ir::consumers(network)),
        is_taken_(network.nodes.size(), false) {
    for (std::size_t v = 0; v < network.values.size(); ++v) {
      alias_.push_back(ir::ValueId{static_cast<std::int32_t>(v)});
    }
  }

  std::vector<Step> take() {
    // From the end: what is last in a pattern takes what comes before it.
    for (std::size_t n = network_.nodes.size(); n-- > 0;) match(node_id(n));
    std::vector<Step> steps;
    for (std::size_t n = 0; n < network_.nodes.size(); ++n) add(steps, node_id(n));
    return steps;
  }

 private:
  static ir::NodeId node_id(std::size_t n) { return ir::NodeId{static_cast<std::int32_t>(n)}; }
  bool is_compat() const { return rules_ == Rules::FpgaConvNet; }
  bool is_known(ir::ValueId id) const { return id != ir::kNoValue && known_[index(id)]; }

  bool is_constant(const ir::Node& node) const {
    return std::ranges::all_of(node.outputs, [&](ir::ValueId id) { return is_known(id); });
  }

  template <class Op>
  bool makes(ir::ValueId id) const {
    if (id == ir::kNoValue || producers_[index(id)] == ir::kNoNode) return false;
    return ir::is<Op>(network_[producers_[index(id)]].op);
  }
  const ir::Node& maker(ir::ValueId id) const { return network_[producers_[index(id)]]; }

  bool is_read_once(ir::ValueId id) const {
    return readers_[index(id)].size() == 1 && std::ranges::count(network_.outputs, id) == 0;
  }

  void set(ir::NodeId node, Form form, std::vector<ir::ValueId> inputs,
           const std::vector<ir::ValueId>& inner) {
    forms_[node] = Step{form, node, ir::kNoNode, std::move(inputs), network_[node].outputs};
    for (const ir::ValueId id : inner) is_taken_[index(producers_[index(id)])] = true;
  }

  void match(ir::NodeId id) {
    const ir::Node& node = network_[id];
    if (is_taken_[index(id)] || is_constant(node)) return;
    if (ir::is<ir::Add>(node.op)) {
      match_product(id);
    } else if (ir::is<ir::Mul>(node.op)) {
      match_swish(id);
    } else if (ir::is<ir::Div>(node.op)) {
      match_divided(id);
    } else if (ir::is<ir::BatchNormalization>(node.op) && is_compat()) {
      match_normalized(id);
    }
  }

  void match_normalized(ir::NodeId id) {
    const ir::Node& norm = network_[id];
    const ir::ValueId x = norm.inputs[0];
    if (!makes<ir::Conv>(x) || !is_read_once(x)) return;
    const ir::NodeId conv = producers_[index(x)];
    forms_[conv] = {Form::Normalized, conv, id, network_[conv].inputs, norm.outputs};
    is_taken_[index(id)] = true;
  }

  void match_product(ir::NodeId id) {
    const ir::Node& add = network_[id];
    const std::size_t sides = is_compat() ? 1 : 2;
    for (std::size_t i = 0; i < sides; ++i) {
      const ir::ValueId product = add.inputs[i];
      const ir::ValueId other = add.inputs[1 - i];
      if (!makes<ir::MatMul>(product) || !is_read_once(product) || !is_known(other)) continue;
      const ir::Node& matmul = maker(product);
      if (!is_known(matmul.inputs[1])) continue;
      // What is added must be a word a filter.
      const Shape& shape = network_.type(product).shape;
      const auto& added = network_.type(other).shape;
      if (added.empty() || num_elements(added) != shape.back() || added.back() != shape.back()) {
        continue;
      }
      return set(id, Form::Product, {matmul.inputs[0], matmul.inputs[1], other}, {product});
    }
  }

  // Whether `id` is what x is multiplied with in a HardSwish, divided by six or not; what it is
  // computed with, of it read once.
  std::optional<std::vector<ir::ValueId>> clipped(ir::ValueId id, ir::ValueId x) const {
    if (!makes<ir::Clip>(id) || !is_read_once(id)) return std::nullopt;
    const ir::Node& clip = maker(id);
    if (clip.inputs.size() < 3 || !is_number(network_, clip.inputs[1], 0) ||
        !is_number(network_, clip.inputs[2], 6)) {
      return std::nullopt;
    }
    const ir::ValueId sum = clip.inputs[0];
    if (!makes<ir::Add>(sum) || !is_read_once(sum)) return std::nullopt;
    const ir::Node& add = maker(sum);
    for (std::size_t i = 0; i < 2; ++i) {
      if (add.inputs[i] == x && is_number(network_, add.inputs[1 - i], 3)) {
        return std::vector{id, sum};
      }
    }
    return std::nullopt;
  }

  bool is_by_six(const ir::Node& node) const {
    return ir::is<ir::Div>(node.op)
               ? is_number(network_, node.inputs[1], 6)
               : ir::is<ir::Mul>(node.op) && is_number(network_, node.inputs[1], 1.0 / 6);
  }

  std::optional<std::vector<ir::ValueId>> hard_sigmoid(ir::ValueId id, ir::ValueId x) const {
    if (id == ir::kNoValue || producers_[index(id)] == ir::kNoNode || !is_read_once(id)) {
      return std::nullopt;
    }
    const ir::Node& node = maker(id);
    if (const auto* op = std::get_if<ir::HardSigmoid>(&node.op)) {
      constexpr float kTolerance = 1e-4F;
      const bool fits = node.inputs[0] == x && std::abs(op->alpha - 1.0F / 6) < kTolerance &&
                        std::abs(op->beta - 0.5F) < kTolerance;
      return fits ? std::optional(std::vector{id}) : std::nullopt;
    }
    if (!is_by_six(node)) return std::nullopt;
    auto inner = clipped(node.inputs[0], x);
    if (inner) inner->push_back(id);
    return inner;
  }

  void match_swish(ir::NodeId id) {
    const ir::Node& mul = network_[id];
    for (std::size_t i = 0; i < 2; ++i) {
      const ir::ValueId x = mul.inputs[i];
      const ir::ValueId factor = mul.inputs[1 - i];
      // fpgaConvNet's looks for Sigmoid as the second input only.
      if (makes<ir::Sigmoid>(factor) && is_read_once(factor) && maker(factor).inputs[0] == x &&
          (i == 0 || !is_compat())) {
        return set(id, Form::Silu, {x}, {factor});
      }
      if (const auto inner = hard_sigmoid(factor, x); inner && !is_compat()) {
        return set(id, Form::HardSwish, {x}, *inner);
      }
    }
    if (!is_compat() && is_by_six(mul)) match_divided(id);
  }

  // x·Clip(x + 3, 0, 6)/6.
  void match_divided(ir::NodeId id) {
    const ir::ValueId product = network_[id].inputs[0];
    if (!is_by_six(network_[id]) || !makes<ir::Mul>(product) || !is_read_once(product)) return;
    const ir::Node& mul = maker(product);
    for (std::size_t i = 0; i < 2; ++i) {
      auto inner = clipped(mul.inputs[1 - i], mul.inputs[i]);
      if (!inner) continue;
      inner->push_back(product);
      return set(id, Form::HardSwish, {mul.inputs[i]}, *inner);
    }
  }

  // What fpgaConvNet's parser takes out before it names nodes.
  bool is_bypassed(const ir::Node& node) const {
    if (!is_compat()) return false;
    if (ir::is<ir::Identity>(node.op) || ir::is<ir::Dropout>(node.op) ||
        ir::is<ir::QuantizeLinear>(node.op) || ir::is<ir::DequantizeLinear>(node.op) ||
        ir::is<ir::Snap>(node.op)) {
      return true;
    }
    const auto keeps_shape = [&] {
      return network_.type(node.inputs[0]).shape == network_.type(node.outputs[0]).shape;
    };
    const auto is_one = [](const ir::Window& window) {
      return std::ranges::all_of(window.kernel, [](std::int64_t size) { return size == 1; });
    };
    if (ir::is<ir::Pad>(node.op)) return keeps_shape();
    if (const auto* pool = std::get_if<ir::MaxPool>(&node.op)) {
      return is_one(pool->window) && keeps_shape();
    }
    const auto* pool = std::get_if<ir::AveragePool>(&node.op);
    return pool != nullptr && is_one(pool->window) && keeps_shape();
  }

  ir::ValueId resolved(ir::ValueId id) const { return id == ir::kNoValue ? id : alias_[index(id)]; }

  void add(std::vector<Step>& steps, ir::NodeId id) {
    const ir::Node& node = network_[id];
    if (is_taken_[index(id)] || is_constant(node)) return;
    if (is_bypassed(node)) {
      alias_[index(node.outputs[0])] = resolved(node.inputs[0]);
      return;
    }
    const auto found = forms_.find(id);
    Step step = found != forms_.end() ? found->second
                                      : Step{Form::One, id, ir::kNoNode, node.inputs, node.outputs};
    if (ir::is<ir::Slice>(node.op) && !is_compat()) {
      if (!take_parts(step)) return;
    }
    for (ir::ValueId& input : step.inputs) input = resolved(input);
    steps.push_back(std::move(step));
  }

  // The Slices of one tensor become one step where they are its parts; false for all but the first.
  bool take_parts(Step& step) {
    const auto parts = parts_of(network_, readers_[index(step.inputs[0])]);
    if (parts.empty()) return true;
    if (step.node != *std::ranges::min_element(parts)) return false;
    step.form = Form::Chop;
    step.inputs.resize(1);
    step.outputs.clear();
    for (const ir::NodeId part : parts) step.outputs.push_back(network_[part].outputs[0]);
    return true;
  }

  const ir::Graph& network_;
  Rules rules_;
  std::vector<bool> known_;
  std::vector<ir::NodeId> producers_;
  std::vector<std::vector<ir::NodeId>> readers_;
  std::vector<bool> is_taken_;  // into a step of a later node
  std::map<ir::NodeId, Step> forms_;
  std::vector<ir::ValueId> alias_;
};

}  // namespace

std::vector<bool> known_values(const ir::Graph& network) {
  std::vector<bool> known(network.values.size());
  for (std::size_t v = 0; v < known.size(); ++v) known[v] = network.values[v].constant.has_value();
  for (const ir::Node& node : network.nodes) {
    const bool all = std::ranges::all_of(
        node.inputs, [&](ir::ValueId id) { return id == ir::kNoValue || known[index(id)]; });
    for (const ir::ValueId id : node.outputs) known[index(id)] = all;
  }
  return known;
}

std::vector<Step> steps_of(const ir::Graph& network, Rules rules) {
  return Steps(network, rules).take();
}

ir::ValueId input_of(const Step& step, std::size_t i) {
  return i < step.inputs.size() ? step.inputs[i] : ir::kNoValue;
}

}  // namespace sluice::hw
