// SPDX-License-Identifier: Apache-2.0
// The operators of the IR by LibTorch's, so that gradients flow through them.
#pragma once

#include <span>
#include <torch/types.h>
#include <vector>

#include "sluice/base/result.hpp"
#include "sluice/ir/graph.hpp"

namespace sluice::train {

struct OperatorCall {
  const ir::Graph& graph;
  const ir::Node& node;
  std::span<const at::Tensor> inputs;  // undefined where an optional one is absent
  bool is_training = false;            // batch statistics and dropout
};

// Unsupported for an operator, or a form of one, that cannot be trained through.
[[nodiscard]] Status check_operator(const ir::Graph& graph, const ir::Node& node);

// The node's outputs; the batch may be any, whatever the graph's. A BatchNormalization that trains
// moves the running statistics among its inputs.
[[nodiscard]] Result<std::vector<at::Tensor>> apply_operator(const OperatorCall& call);

}  // namespace sluice::train
