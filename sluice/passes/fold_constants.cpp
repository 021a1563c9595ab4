// SPDX-License-Identifier: Apache-2.0
#include "sluice/passes/fold_constants.hpp"

#include <algorithm>

#include "sluice/passes/code_groups.hpp"
#include "sluice/passes/rewrite.hpp"

namespace sluice::passes {
namespace {

// A folded value must be able to become a constant: outputs of the graph stay made by a node.
// Kernels do not know of quantization.
bool is_foldable(const ir::Graph& graph, const ir::Node& node, std::int64_t max_elements) {
  const bool inputs_known =
      ir::is<ir::Shape>(node.op) || std::ranges::all_of(node.inputs, [&](ir::ValueId id) {
        return id == ir::kNoValue || graph[id].constant.has_value();
      });
  const auto is_quantized = [&](ir::ValueId id) {
    return id != ir::kNoValue && graph[id].quantization.has_value();
  };
  const bool is_fold_qdqs_work =
      (ir::is<ir::QuantizeLinear>(node.op) || ir::is<ir::DequantizeLinear>(node.op)) &&
      described_quantization(graph, node).has_value();
  if (is_fold_qdqs_work || std::ranges::any_of(node.inputs, is_quantized) ||
      std::ranges::any_of(node.outputs, is_quantized)) {
    return false;
  }
  return inputs_known && std::ranges::all_of(node.outputs, [&](ir::ValueId id) {
           return id == ir::kNoValue || (std::ranges::count(graph.outputs, id) == 0 &&
                                         num_elements(graph.type(id).shape) <= max_elements);
         });
}

Status fold_node(ir::Graph& graph, const ir::Node& node, const ir::Evaluator& evaluate) {
  if (const auto* shape = std::get_if<ir::Shape>(&node.op)) {
    graph[node.outputs[0]].constant = ir::shape_content(*shape, graph.type(node.inputs[0]).shape);
    return {};
  }
  std::vector<const Tensor*> inputs;
  inputs.reserve(node.inputs.size());
  for (const ir::ValueId id : node.inputs) inputs.push_back(constant_of(graph, id));
  std::vector<ir::ValueType> types;
  types.reserve(node.outputs.size());
  for (const ir::ValueId id : node.outputs) {
    types.push_back(id == ir::kNoValue ? ir::ValueType{} : graph.type(id));
  }
  auto results = evaluate(node.op, inputs, types);
  if (!results) {
    if (results.error().code == ErrorCode::Unsupported) return {};
    return std::move(results).error().at(ir::place_of(node));
  }
  for (std::size_t i = 0; i < node.outputs.size(); ++i) {
    if (node.outputs[i] != ir::kNoValue) {
      graph[node.outputs[i]].constant = std::move((*results)[i]);
    }
  }
  return {};
}

}  // namespace

Status fold_constants(ir::Graph& graph, const ir::Evaluator& evaluate,
                      const FoldConstantsOptions& options) {
  std::vector<ir::Node> kept;
  for (const ir::Node& node : graph.nodes) {
    if (is_foldable(graph, node, options.max_elements)) {
      SL_TRY_STATUS(fold_node(graph, node, evaluate));
    }
    const bool folded = std::ranges::all_of(node.outputs, [&](ir::ValueId id) {
      return id == ir::kNoValue || graph[id].constant.has_value();
    });
    if (!folded) kept.push_back(node);
  }
  graph.nodes = std::move(kept);
  ir::remove_unused(graph);
  return ir::verify(graph);
}

}  // namespace sluice::passes
