// SPDX-License-Identifier: Apache-2.0
#include "sluice/passes/rewrite.hpp"

#include <utility>

namespace sluice::passes {
Renaming::Renaming(ir::Graph& graph)
    : graph_(graph), is_output_(graph.values.size()), is_input_(graph.values.size()) {
  for (std::size_t v = 0; v < graph.values.size(); ++v) {
    target_.push_back(ir::ValueId{static_cast<std::int32_t>(v)});
  }
  for (const ir::ValueId id : graph.outputs) is_output_[index(id)] = true;
  for (const ir::GraphInput& input : graph.inputs) is_input_[index(input.value)] = true;
}

ir::ValueId Renaming::resolve(ir::ValueId id) const {
  // One step is enough: replace() only ever points at resolved values, which are not replaced.
  return id == ir::kNoValue || index(id) >= target_.size() ? id : target_[index(id)];
}

bool Renaming::replace(ir::ValueId from, ir::ValueId to) {
  to = resolve(to);
  if (is_output_[index(from)]) {
    if (is_input_[index(to)] || is_output_[index(to)] || graph_[to].constant) return false;
    std::swap(graph_[from].name, graph_[to].name);
    is_output_[index(to)] = true;
  }
  target_[index(from)] = to;
  return true;
}

void Renaming::apply() {
  for (ir::ValueId& id : graph_.outputs) id = resolve(id);
  for (ir::Node& node : graph_.nodes) {
    for (ir::ValueId& id : node.inputs) id = resolve(id);
  }
}

const Tensor* constant_of(const ir::Graph& graph, ir::ValueId id) {
  if (id == ir::kNoValue || !graph[id].constant) return nullptr;
  return &*graph[id].constant;
}

ir::ValueId input_of(const ir::Node& node, std::size_t i) {
  return i < node.inputs.size() ? node.inputs[i] : ir::kNoValue;
}

}  // namespace sluice::passes
