// SPDX-License-Identifier: Apache-2.0
#include "sluice/exact/code_ranges.hpp"

#include <algorithm>
#include <array>

#include "sluice/exact/reference/kernel.hpp"
#include "sluice/numeric/element.hpp"

namespace sluice::exact {
namespace {

using numeric::CodeRange;

bool is_clamp(const ir::Graph& graph, const ir::Node& node) {
  const auto is_codes = [&](ir::ValueId id) {
    return graph[id].quantization && !graph[id].quantization->is_per_channel();
  };
  const auto is_known = [&](ir::ValueId id) {
    return id == ir::kNoValue || (graph[id].constant && graph[id].constant->num_elements() == 1);
  };
  return (ir::is<ir::Relu>(node.op) || ir::is<ir::Clip>(node.op)) && is_codes(node.inputs[0]) &&
         is_codes(node.outputs[0]) &&
         std::all_of(node.inputs.begin() + 1, node.inputs.end(), is_known);
}

// Whether each code of the outputs is one of input 0.
bool moves_codes(const ir::Op& op) {
  const bool adds_codes = ir::is<ir::Pad>(op) || ir::is<ir::Concat>(op);
  return (ir::is_layout(op) && !adds_codes) || ir::is<ir::MaxPool>(op) || ir::is<ir::Identity>(op);
}

}  // namespace

// The node on two codes, in a graph of its own.
Result<CodeRange> clamped(const ir::Graph& graph, const ir::Node& node, CodeRange codes,
                          std::optional<numeric::Arithmetic> instead) {
  if (!is_clamp(graph, node)) {
    return Error{ErrorCode::Unsupported, "is no clamp of codes by known bounds"};
  }
  ir::Graph one;
  ir::Node copy = node;
  const auto add = [&](ir::ValueId id, const ir::ValueType& type) {
    const ir::ValueId added = one.add_value("", type);
    one[added].quantization = graph[id].quantization;
    return added;
  };
  const ir::ValueType type{graph.type(node.inputs[0]).dtype, {2}};
  const Tensor ends = reference::to_tensor({codes.lowest, codes.highest}, type);
  std::vector<Tensor> bounds(node.inputs.size());
  std::vector<const Tensor*> inputs(node.inputs.size(), nullptr);
  copy.inputs[0] = add(node.inputs[0], type);
  inputs[0] = &ends;
  for (std::size_t i = 1; i < inputs.size(); ++i) {
    if (node.inputs[i] == ir::kNoValue) continue;
    bounds[i] = graph[node.inputs[i]].constant->reshaped({});
    inputs[i] = &bounds[i];
    copy.inputs[i] = add(node.inputs[i], {bounds[i].dtype(), {}});
  }
  copy.outputs[0] = add(node.outputs[0], {graph.type(node.outputs[0]).dtype, {2}});
  SL_TRY(const auto outputs,
         reference::evaluate({one, copy, inputs, reference::arithmetic_of(node, instead)}));
  const auto result = numeric::to_integers(outputs[0]);
  return CodeRange{result[0], result[1]};
}

std::vector<CodeRange> code_ranges(const ir::Graph& graph,
                                   std::optional<numeric::Arithmetic> instead) {
  std::vector<CodeRange> ranges(graph.values.size(), CodeRange{0, 0});
  for (std::size_t v = 0; v < ranges.size(); ++v) {
    const auto& quantization = graph.values[v].quantization;
    if (quantization) ranges[v] = numeric::codes_of(*quantization);
  }
  for (const ir::Node& node : graph.nodes) {
    if (node.inputs.empty() || node.inputs[0] == ir::kNoValue) continue;
    const CodeRange input = ranges[static_cast<std::size_t>(node.inputs[0])];
    const auto& quantization = graph[node.inputs[0]].quantization;
    if (!quantization) continue;
    if (const auto clamp = clamped(graph, node, input, instead)) {
      ranges[static_cast<std::size_t>(node.outputs[0])] = *clamp;
    } else if (moves_codes(node.op)) {
      for (const ir::ValueId id : node.outputs) {
        if (graph[id].quantization == quantization) ranges[static_cast<std::size_t>(id)] = input;
      }
    }
  }
  return ranges;
}

}  // namespace sluice::exact
