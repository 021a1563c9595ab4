// SPDX-License-Identifier: Apache-2.0
#include "sluice/sparse/weight_layers.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <map>

#include "sluice/base/text.hpp"

namespace sluice::sparse {
namespace {

// Along which axis of its weights a node sums, and over how many inputs.
struct Inputs {
  std::size_t axis = 1;
  std::int64_t per_group = 0;
  friend bool operator==(const Inputs&, const Inputs&) = default;
};

Inputs inputs_of(const ir::Op& op, const Shape& weights) {
  if (ir::is<ir::Conv>(op)) return {1, weights[1]};
  if (const auto* transposed = std::get_if<ir::ConvTranspose>(&op)) {
    return {0, weights[0] / transposed->group};
  }
  const auto* gemm = std::get_if<ir::Gemm>(&op);
  const bool is_transposed = gemm != nullptr && gemm->trans_b;
  const std::size_t axis = weights.size() - (is_transposed ? 1 : 2);
  return {axis, weights[axis]};
}

class LayerFinder {
 public:
  explicit LayerFinder(const ir::Graph& graph)
      : graph_(graph), producers_(ir::producers(graph)), consumers_(ir::consumers(graph)) {}

  WeightLayers run() {
    for (std::size_t n = 0; n < graph_.nodes.size(); ++n) {
      if (ir::is_linear(graph_.nodes[n].op)) add(ir::NodeId{static_cast<std::int32_t>(n)});
    }
    return std::move(found_);
  }

 private:
  void add(ir::NodeId id) {
    const ir::Node& node = graph_[id];
    const bool is_product = ir::is<ir::Gemm>(node.op) || ir::is<ir::MatMul>(node.op);
    const ir::ValueId stored = stored_at(node.inputs[1]);
    if (stored == ir::kNoValue) {
      // A product of two activations has no weights.
      if (!is_product) return leave(node, "its weights are computed while it runs");
      if (stored_at(node.inputs[0]) == ir::kNoValue) return;
      return leave(node, "its weights are the first operand");
    }
    const Tensor& weights = *graph_[stored].constant;
    if (is_product && weights.rank() < 2) return leave(node, "its second operand is a vector");
    if (weights.dtype() != DType::Float32) {
      return leave(
          node, fmt::format("its weights are {}, not float32", sluice::to_string(weights.dtype())));
    }
    if (const std::string reader = other_reader(stored); !reader.empty()) {
      return leave(node, fmt::format("its weights are also {}", reader));
    }
    const Inputs inputs = inputs_of(node.op, weights.shape());
    const auto [at, is_new] = by_value_.try_emplace(stored, found_.layers.size());
    if (is_new) {
      found_.layers.push_back({stored, {id}, inputs.axis, inputs.per_group, true});
      return;
    }
    WeightLayer& layer = found_.layers[at->second];
    layer.nodes.push_back(id);
    if (inputs != Inputs{layer.input_axis, layer.group_inputs}) layer.has_one_input_axis = false;
  }

  void leave(const ir::Node& node, std::string reason) {
    found_.left_alone.push_back({node.name, std::string(ir::op_name(node.op)), std::move(reason)});
  }

  ir::ValueId stored_at(ir::ValueId id) const { return stored_constant(graph_, producers_, id); }

  // Who else sees the weights than layers that multiply with them, in words; else empty.
  std::string other_reader(ir::ValueId id) const {
    if (std::ranges::count(graph_.outputs, id) > 0) return "an output of the network";
    for (const ir::NodeId reader : consumers_[index(id)]) {
      const ir::Node& node = graph_[reader];
      if (ir::is<ir::Identity>(node.op)) {
        if (std::string other = other_reader(node.outputs[0]); !other.empty()) return other;
        continue;
      }
      const bool as_weights = ir::is_linear(node.op) && node.inputs[1] == id;
      if (!as_weights || std::ranges::count(node.inputs, id) > 1) {
        return "read by " + ir::place_of(node);
      }
    }
    return {};
  }

  const ir::Graph& graph_;
  std::vector<ir::NodeId> producers_;
  std::vector<std::vector<ir::NodeId>> consumers_;
  std::map<ir::ValueId, std::size_t> by_value_;
  WeightLayers found_;
};

}  // namespace

ir::ValueId stored_constant(const ir::Graph& graph, std::span<const ir::NodeId> producers,
                            ir::ValueId id) {
  while (id != ir::kNoValue && !graph[id].constant) {
    const ir::NodeId by = producers[index(id)];
    if (by == ir::kNoNode || !ir::is<ir::Identity>(graph[by].op)) return ir::kNoValue;
    id = graph[by].inputs[0];
  }
  return id;
}

Status refuse_quantized(const ir::Graph& graph) {
  const bool has_codes = std::ranges::any_of(graph.nodes, [](const ir::Node& node) {
    return ir::is<ir::QuantizeLinear>(node.op) || ir::is<ir::DequantizeLinear>(node.op);
  });
  if (!has_codes && !ir::is_quantized(graph)) return {};
  return invalid_argument(
      "the network is quantized: prune its float32 original first, then quantize that");
}

Result<WeightLayers> find_weight_layers(const ir::Graph& graph) {
  SL_TRY_STATUS(refuse_quantized(graph));
  return LayerFinder(graph).run();
}

}  // namespace sluice::sparse
