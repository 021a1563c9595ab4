// SPDX-License-Identifier: Apache-2.0
#include "sluice/passes/real_interface.hpp"

#include <iterator>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "sluice/ir/names.hpp"

namespace sluice::passes {
namespace {

std::optional<numeric::Arithmetic> first_arithmetic(const ir::Graph& graph) {
  for (const ir::Node& node : graph.nodes) {
    if (node.arithmetic) return node.arithmetic;
  }
  return std::nullopt;
}

// A float32 value of the shape of `id` that takes its name.
ir::ValueId add_real(ir::Graph& graph, ir::ValueId id) {
  const std::string name = graph[id].name;
  graph[id].name = ir::Names::of(graph.values).take(name + "/codes");
  const Shape shape = graph.type(id).shape;
  return graph.add_value(name, ir::ValueType{DType::Float32, shape});
}

}  // namespace

Status real_inputs(ir::Graph& graph) {
  const auto arithmetic = first_arithmetic(graph);
  std::vector<ir::Node> quantizers;
  for (ir::GraphInput& input : graph.inputs) {
    if (!graph[input.value].quantization) continue;
    const ir::ValueId codes = input.value;
    const ir::ValueId real = add_real(graph, codes);
    quantizers.push_back(
        {graph[real].name + "/quantize", ir::Identity{}, {real}, {codes}, arithmetic});
    input.value = real;
    input.dtype = DType::Float32;
  }
  graph.nodes.insert(graph.nodes.begin(), std::make_move_iterator(quantizers.begin()),
                     std::make_move_iterator(quantizers.end()));
  return ir::verify(graph);
}

Status real_outputs(ir::Graph& graph) {
  for (ir::ValueId& output : graph.outputs) {
    if (!graph[output].quantization) continue;
    const ir::ValueId codes = output;
    output = add_real(graph, codes);
    graph.nodes.push_back({graph[output].name + "/dequantize", ir::Identity{}, {codes}, {output}});
  }
  return ir::verify(graph);
}

}  // namespace sluice::passes
