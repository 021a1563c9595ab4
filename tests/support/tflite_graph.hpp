// SPDX-License-Identifier: Apache-2.0
// What tests look at in an imported graph.
#pragma once

#include <string>

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

}  // namespace sluice::test
