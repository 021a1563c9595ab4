// SPDX-License-Identifier: Apache-2.0
// The fast executor against the reference one, on random inputs.
#pragma once

#include "tests/support/net.hpp"

#include "sluice/runtime/onednn/executor.hpp"

namespace sluice::test {

// Sums of a few hundred products in another order and with fused multiply-adds.
inline constexpr float kFloatTolerance = 1e-5F;

// How many nodes ran by their reference kernel.
inline std::size_t expect_fast_equals_reference(const ir::Graph& graph,
                                                float tolerance = kFloatTolerance) {
  const auto inputs = random_inputs(graph);
  const auto expected = reference_outputs(graph, inputs);
  std::size_t plain = 0;
  for (const bool fuse : {false, true}) {
    auto executor = runtime::make_onednn_executor(graph, {.fuse = fuse, .threads = 2});
    EXPECT_TRUE(executor) << executor.error().text();
    if (!executor) continue;
    plain = (*executor)->plain_nodes().size();
    // The second run finds the memory used.
    for (int run = 0; run < 2; ++run) {
      const auto outputs = (*executor)->run(inputs);
      EXPECT_TRUE(outputs) << outputs.error().text();
      if (outputs) expect_near(*outputs, expected, tolerance);
    }
  }
  return plain;
}

// A graph of one operator on one input of the shape; other inputs are weights.
inline ir::Graph one_node(const ir::Op& op, Shape input, const std::vector<Shape>& weights = {}) {
  Net net;
  std::vector<ir::ValueId> inputs{net.input(std::move(input))};
  for (const Shape& shape : weights) inputs.push_back(net.weight(shape));
  return net.finish({net.add(op, std::move(inputs))});
}

}  // namespace sluice::test
