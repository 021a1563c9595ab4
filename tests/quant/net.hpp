// SPDX-License-Identifier: Apache-2.0
// Small typed graphs for the tests of this layer.
#pragma once

#include <string>
#include <vector>

#include "sluice/ir/graph.hpp"

namespace sluice::quant {

struct NamedNet {
  ir::Graph graph;

  ir::ValueId input(const std::string& name, const Shape& shape) {
    const ir::ValueId id = graph.add_input(name, DType::Float32, shape);
    graph[id].type = ir::ValueType{DType::Float32, shape};
    return id;
  }
  ir::ValueId constant(const std::string& name, const Shape& shape,
                       const std::vector<float>& values) {
    return graph.add_constant(name, Tensor::from<float>(shape, values));
  }
  ir::ValueId constant(const std::string& name, const Shape& shape) {
    return graph.add_constant(name, Tensor(DType::Float32, shape));
  }
  // The result of a node of that name, of that shape.
  ir::ValueId node(const std::string& name, ir::Op op, std::vector<ir::ValueId> inputs,
                   const Shape& shape) {
    const ir::NodeId id = graph.add_node(name, std::move(op), std::move(inputs));
    const ir::ValueId output = graph[id].outputs[0];
    graph[output].type = ir::ValueType{DType::Float32, shape};
    return output;
  }
};

// The name of each node and of its first input, in order: `a<-x b<-a`.
inline std::string wiring(const ir::Graph& graph) {
  std::string text;
  for (const ir::Node& node : graph.nodes) {
    text += (text.empty() ? "" : " ") + node.name + "<-" + graph[node.inputs[0]].name;
  }
  return text;
}

}  // namespace sluice::quant
