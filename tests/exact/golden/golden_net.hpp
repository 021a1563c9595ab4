// SPDX-License-Identifier: Apache-2.0
// A small padded convolution of int8, and what golden data say of it.
#pragma once

#include <gtest/gtest.h>

#include "tests/support/quantized_net.hpp"

#include "sluice/exact/golden/layer.hpp"
#include "sluice/exact/reference/kernel.hpp"

namespace sluice::exact::golden {

// x [1, 2, 3, 4] by 3x3 kernels to 3 channels, padded with 1.
inline ir::Graph conv_net(numeric::Arithmetic arithmetic = numeric::Arithmetic::TfliteDouble) {
  test::QuantizedNet net(3, arithmetic);
  const ir::ValueId x = net.input({1, 2, 3, 4}, {DType::Int8, {0.5F}, {3}});
  const ir::ValueId w = net.weights_per_channel({3, 2, 3, 3}, DType::Int8, 0, false);
  const ir::ValueId b = net.bias({3}, x, w);
  return net.finish(
      {net.add(ir::Conv{{.pads = {1, 1, 1, 1}}}, {x, w, b}, {{DType::Int8, {4}, {-5}}})});
}

// Of a graph's last node, on random inputs.
inline Collected collect_last(const ir::Graph& graph, bool thresholds = false) {
  const ir::Node& node = graph.nodes.back();
  const auto given = test::random_code_inputs(graph, 7);
  std::vector<const Tensor*> inputs;
  inputs.reserve(node.inputs.size());
  std::size_t next = 0;
  for (const ir::ValueId id : node.inputs) {
    inputs.push_back(graph[id].constant ? &*graph[id].constant : &given.at(next++));
  }
  const reference::NodeView view(graph, node, inputs, reference::arithmetic_of(node, {}));
  const auto outputs = reference::evaluate(view);
  EXPECT_TRUE(outputs) << outputs.error().text();
  auto collected = collect(graph, view, *outputs, thresholds);
  EXPECT_TRUE(collected) << collected.error().text();
  return *std::move(collected);
}

}  // namespace sluice::exact::golden
