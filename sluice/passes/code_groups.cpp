// SPDX-License-Identifier: Apache-2.0
#include "sluice/passes/code_groups.hpp"

#include <numeric>

#include "sluice/numeric/element.hpp"
#include "sluice/passes/rewrite.hpp"

namespace sluice::passes {
namespace {

bool may_be_codes(DType dtype) {
  switch (dtype) {
    case DType::Int8:
    case DType::UInt8:
    case DType::Int16:
    case DType::UInt16:
    case DType::Int32:
      return true;
    default:
      return false;
  }
}

// Values that must have the same quantization, as a forest.
class Groups {
 public:
  explicit Groups(const ir::Graph& graph) : graph_(graph), parent_(graph.values.size()) {
    std::iota(parent_.begin(), parent_.end(), std::size_t{0});
    state_.resize(graph.values.size());
  }

  void add(const ir::Node& node) {
    const bool quantizes = ir::is<ir::QuantizeLinear>(node.op);
    if (quantizes || ir::is<ir::DequantizeLinear>(node.op)) {
      const ir::ValueId codes = quantizes ? node.outputs[0] : node.inputs[0];
      const auto described = described_quantization(graph_, node);
      if (described) {
        agree(codes, *described);
      } else {
        spoil(codes);
      }
      return;
    }
    const auto moved = moved_inputs(node);
    if (moved.empty() || !is_code(moved[0])) {
      for (const ir::ValueId id : node.inputs) spoil(id);
      for (const ir::ValueId id : node.outputs) spoil(id);
      return;
    }
    for (const ir::ValueId id : moved) join(moved[0], id);
    for (std::size_t i = moved.size(); i < node.inputs.size(); ++i) spoil(node.inputs[i]);
    for (const ir::ValueId id : node.outputs) join(moved[0], id);
  }

  std::map<ir::ValueId, numeric::Quantization> result() {
    std::map<ir::ValueId, numeric::Quantization> found;
    for (std::size_t v = 0; v < parent_.size(); ++v) {
      const State& state = state_[root(v)];
      const ir::ValueId id{static_cast<std::int32_t>(v)};
      const bool fits = state.quantization && !state.is_spoiled && !graph_[id].quantization &&
                        // Moving may take the slices of several scales apart.
                        !(state.quantization->is_per_channel() && state.is_moved);
      if (fits) found.emplace(id, *state.quantization);
    }
    return found;
  }

 private:
  struct State {
    std::optional<numeric::Quantization> quantization;
    bool is_spoiled = false;
    bool is_moved = false;
  };

  bool is_code(ir::ValueId id) const {
    return id != ir::kNoValue && may_be_codes(graph_.type(id).dtype);
  }

  std::size_t root(std::size_t v) {
    while (parent_[v] != v) v = parent_[v] = parent_[parent_[v]];
    return v;
  }

  void agree(ir::ValueId id, const numeric::Quantization& quantization) {
    State& state = state_[root(index(id))];
    state.is_spoiled =
        state.is_spoiled || (state.quantization && *state.quantization != quantization);
    state.quantization = quantization;
  }

  void spoil(ir::ValueId id) {
    if (is_code(id)) state_[root(index(id))].is_spoiled = true;
  }

  void join(ir::ValueId a, ir::ValueId b) {
    if (!is_code(b)) {  // positions, as MaxPool's second output
      return;
    }
    const std::size_t from = root(index(b));
    const std::size_t to = root(index(a));
    if (from != to) {
      const State joined = state_[from];
      parent_[from] = to;
      state_[to].is_spoiled = state_[to].is_spoiled || joined.is_spoiled;
      if (joined.quantization) agree(a, *joined.quantization);
    }
    state_[to].is_moved = true;
  }

  const ir::Graph& graph_;
  std::vector<std::size_t> parent_;
  std::vector<State> state_;  // by root
};

}  // namespace

std::optional<numeric::Quantization> described_quantization(const ir::Graph& graph,
                                                            const ir::Node& node) {
  const auto* to_codes = std::get_if<ir::QuantizeLinear>(&node.op);
  const auto* from_codes = std::get_if<ir::DequantizeLinear>(&node.op);
  const ir::ValueId codes = to_codes != nullptr ? node.outputs[0] : node.inputs[0];
  const ir::ValueId reals = to_codes != nullptr ? node.inputs[0] : node.outputs[0];
  const Tensor* scales = constant_of(graph, node.inputs[1]);
  const ir::ValueId zero_points_id = input_of(node, 2);
  const Tensor* zero_points = constant_of(graph, zero_points_id);
  const bool has_fitting_attributes =
      to_codes != nullptr ? to_codes->block_size == 0 && !to_codes->precision.has_value()
                          : from_codes->block_size == 0;
  if (!has_fitting_attributes || scales == nullptr || scales->dtype() != DType::Float32 ||
      scales->rank() > 1 || graph.type(reals).dtype != DType::Float32 ||
      (zero_points == nullptr && zero_points_id != ir::kNoValue)) {
    return std::nullopt;
  }
  numeric::Quantization result;
  result.dtype = graph.type(codes).dtype;
  result.scales.assign(scales->data<float>().begin(), scales->data<float>().end());
  result.zero_points = zero_points == nullptr ? std::vector<std::int64_t>(result.scales.size(), 0)
                                              : numeric::to_integers(*zero_points);
  const auto rank = static_cast<std::int64_t>(graph.type(codes).shape.size());
  const std::int64_t axis = to_codes != nullptr ? to_codes->axis : from_codes->axis;
  if (result.is_per_channel()) result.axis = axis < 0 ? axis + rank : axis;
  if (!may_be_codes(result.dtype) ||
      !numeric::check_quantization(result, graph.type(codes).shape)) {
    return std::nullopt;
  }
  return result;
}

std::span<const ir::ValueId> moved_inputs(const ir::Node& node) {
  const std::span<const ir::ValueId> inputs = node.inputs;
  if (ir::is<ir::Concat>(node.op)) return inputs;
  const auto* resize = std::get_if<ir::Resize>(&node.op);
  const bool moves = ir::is_layout(node.op) || ir::is<ir::Identity>(node.op) ||
                     ir::is<ir::MaxPool>(node.op) ||
                     (resize != nullptr && resize->mode == ir::ResizeMode::Nearest);
  return inputs.first(moves ? 1 : 0);
}

std::map<ir::ValueId, numeric::Quantization> code_quantizations(const ir::Graph& graph) {
  Groups groups(graph);
  for (const ir::Node& node : graph.nodes) groups.add(node);
  return groups.result();
}

}  // namespace sluice::passes
