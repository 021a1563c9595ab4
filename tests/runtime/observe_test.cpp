// SPDX-License-Identifier: Apache-2.0
#include "sluice/runtime/observe.hpp"

#include <gtest/gtest.h>

#include "tests/support/net.hpp"

#include "sluice/runtime/onednn/executor.hpp"

namespace sluice::runtime {
namespace {

// Two images: x + w, and the Relu of it.
ir::Graph two_images() {
  test::Net net;
  const ir::ValueId x = net.input({2, 3, 4, 4});
  const ir::ValueId sum = net.add(ir::Add{}, {x, net.weight({1, 3, 1, 1})});
  return net.finish({net.add(ir::Relu{}, {sum})});
}

TEST(Observe, PutsTheImagesOfABatchTogether) {
  const ir::Graph graph = two_images();
  const auto inputs = test::random_inputs(graph);
  const std::vector<ir::ValueId> values{graph.nodes[0].outputs[0], graph.nodes[1].outputs[0]};
  const auto plain = make_reference_executor(graph);
  const auto fast = make_onednn_executor(graph);
  ASSERT_TRUE(plain && fast);
  const auto expected = observe(**plain, graph, inputs, values);
  const auto seen = observe(**fast, graph, inputs, values);
  ASSERT_TRUE(expected && seen);
  EXPECT_EQ(expected->size(), 2U);
  EXPECT_TRUE(*seen == *expected);
}

TEST(Observe, InputsAndConstantsMayBeAskedFor) {
  const ir::Graph graph = two_images();
  const auto inputs = test::random_inputs(graph);
  const std::vector<ir::ValueId> values{graph.inputs[0].value, graph.nodes[0].inputs[1]};
  const auto executor = make_reference_executor(graph);
  const auto seen = observe(**executor, graph, inputs, values);
  ASSERT_TRUE(seen);
  EXPECT_EQ(seen->at(values[0]), inputs[0]);
  EXPECT_EQ(seen->at(values[1]), *graph[values[1]].constant);
}

TEST(Observe, AWrongInputIsTheRunsError) {
  const ir::Graph graph = two_images();
  const std::vector<Tensor> inputs{Tensor(DType::Float32, {1})};
  const auto executor = make_reference_executor(graph);
  EXPECT_FALSE(observe(**executor, graph, inputs, {}));
}

}  // namespace
}  // namespace sluice::runtime
