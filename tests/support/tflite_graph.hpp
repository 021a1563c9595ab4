// SPDX-License-Identifier: Apache-2.0
// What tests look at in an imported graph.
#pragma once

#include <gtest/gtest.h>
#include <string>
#include <vector>

#include "sluice/ir/graph.hpp"

namespace sluice::test {

// "Transpose Conv Relu": the operators, in order.
inline std::string op_names(const ir::Graph& graph) {
  std::string names;
  for (const ir::Node& node : graph.nodes) {
    if (!names.empty()) names += ' ';
    names += ir::op_name(node.op);
  }
  return names;
}

// The first node with that operator.
template <class Op>
const ir::Node& node_of(const ir::Graph& graph) {
  for (const ir::Node& node : graph.nodes) {
    if (ir::is<Op>(node.op)) return node;
  }
  ADD_FAILURE() << "no such node among " << op_names(graph);
  static const ir::Node kNone{"none", Op{}, {}, {}};
  return kNone;
}
template <class Op>
const Op& op_of(const ir::Graph& graph) {
  return std::get<Op>(node_of<Op>(graph).op);
}

// Constant input i of a node; an empty tensor if it is none.
inline Tensor constant_input(const ir::Graph& graph, const ir::Node& node, std::size_t i) {
  const bool is_constant = i < node.inputs.size() && node.inputs[i] != ir::kNoValue &&
                           graph[node.inputs[i]].constant.has_value();
  EXPECT_TRUE(is_constant) << "input " << i << " of " << node.name;
  return is_constant ? *graph[node.inputs[i]].constant : Tensor(DType::Int64, {0});
}
template <class Op>
std::vector<std::int64_t> int64_input(const ir::Graph& graph, std::size_t i) {
  const Tensor list = constant_input(graph, node_of<Op>(graph), i);
  if (list.dtype() != DType::Int64) return {};
  const auto data = list.data<std::int64_t>();
  return {data.begin(), data.end()};
}

}  // namespace sluice::test
