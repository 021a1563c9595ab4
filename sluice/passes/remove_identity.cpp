// SPDX-License-Identifier: Apache-2.0
#include "sluice/passes/remove_identity.hpp"

#include <algorithm>

#include "sluice/passes/rewrite.hpp"

namespace sluice::passes {
namespace {

// By value: read by a node or a graph output.
std::vector<bool> used_values(const ir::Graph& graph) {
  std::vector<bool> used(graph.values.size(), false);
  const auto mark = [&](ir::ValueId id) {
    if (id != ir::kNoValue) used[static_cast<std::size_t>(id)] = true;
  };
  for (const ir::Node& node : graph.nodes) std::ranges::for_each(node.inputs, mark);
  std::ranges::for_each(graph.outputs, mark);
  return used;
}

// Whether a node's first output is its first input.
struct IdentityRule {
  const ir::Graph& graph;
  const std::vector<bool>& used;
  const ir::Node& node;

  bool same_type() const { return graph.type(node.inputs[0]) == graph.type(node.outputs[0]); }

  // The general case: an operator that computes something.
  template <class Op>
  bool operator()(const Op& /*op*/) const {
    return false;
  }
  bool operator()(const ir::Identity& /*op*/) const { return true; }
  bool operator()(const ir::Cast& /*op*/) const { return same_type(); }
  bool operator()(const ir::Dropout& /*op*/) const {
    // Only the reader of the mask needs the node; in inference y is x, whatever training_mode says,
    // because the reference defines it so.
    return node.outputs.size() == 1 || node.outputs[1] == ir::kNoValue ||
           !used[static_cast<std::size_t>(node.outputs[1])];
  }
  // These keep the row-major order of elements, so the same shape is the same tensor.
  bool operator()(const ir::Reshape& /*op*/) const { return same_type(); }
  bool operator()(const ir::Flatten& /*op*/) const { return same_type(); }
  bool operator()(const ir::Squeeze& /*op*/) const { return same_type(); }
  bool operator()(const ir::Unsqueeze& /*op*/) const { return same_type(); }
  // These can keep a shape only by repeating nothing.
  bool operator()(const ir::Expand& /*op*/) const { return same_type(); }
  bool operator()(const ir::Tile& /*op*/) const { return same_type(); }
  bool operator()(const ir::Concat& /*op*/) const { return node.inputs.size() == 1; }
  bool operator()(const ir::Max& /*op*/) const { return node.inputs.size() == 1; }
  bool operator()(const ir::Min& /*op*/) const { return node.inputs.size() == 1; }
  bool operator()(const ir::DepthToSpace& op) const { return op.block_size == 1; }
  bool operator()(const ir::SpaceToDepth& op) const { return op.block_size == 1; }
  bool operator()(const ir::Transpose& op) const {
    const Shape& shape = graph.type(node.inputs[0]).shape;
    std::vector<std::int64_t> order = op.permutation;
    if (order.empty()) {
      for (std::size_t i = shape.size(); i-- > 0;) order.push_back(static_cast<std::int64_t>(i));
    }
    // Dimensions of one element may move freely.
    std::erase_if(order, [&](std::int64_t i) { return shape[static_cast<std::size_t>(i)] == 1; });
    return std::ranges::is_sorted(order) && same_type();
  }
  bool operator()(const ir::Mul& /*op*/) const {
    const Tensor* factor = constant_of(graph, input_of(node, 1));
    if (factor == nullptr || factor->dtype() != DType::Float32 || !same_type()) return false;
    return std::ranges::all_of(factor->data<float>(), [](float f) { return f == 1; });
  }
  bool operator()(const ir::Pad& /*op*/) const {
    const Tensor* pads = constant_of(graph, input_of(node, 1));
    if (pads == nullptr || pads->dtype() != DType::Int64) return false;
    return std::ranges::all_of(pads->data<std::int64_t>(), [](std::int64_t p) { return p == 0; });
  }
};

}  // namespace

Status remove_identity(ir::Graph& graph) {
  Renaming renaming(graph);
  const std::vector<bool> used = used_values(graph);
  for (const ir::Node& node : graph.nodes) {
    const ir::ValueId y = node.outputs[0];
    const bool is_identity =
        y != ir::kNoValue && std::visit(IdentityRule{graph, used, node}, node.op);
    if (is_identity && graph[node.inputs[0]].quantization == graph[y].quantization) {
      renaming.replace(node.outputs[0], node.inputs[0]);  // stays where the names are fixed
    }
  }
  renaming.apply();
  ir::remove_unused(graph);
  return ir::verify(graph);
}

}  // namespace sluice::passes
