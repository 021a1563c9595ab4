// SPDX-License-Identifier: Apache-2.0
#include "sluice/sparse/zero_statistics.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/sparse/random_conv.hpp"

#include "sluice/runtime/observe.hpp"

namespace sluice::sparse {
namespace {

using testing::HasSubstr;

// Two convolutions that read the same value, and one that reads the network's input.
ir::Graph branched() {
  test::Net net;
  const auto x = net.input({2, 3, 8, 8});
  const auto first = net.add(ir::Relu{}, {net.add(ir::Conv{}, {x, net.weight({4, 3, 3, 3})})});
  const auto a = net.add(ir::Conv{}, {first, net.weight({2, 4, 1, 1})});
  const auto b =
      net.add(ir::Conv{.window = {.strides = {2, 2}}}, {first, net.weight({2, 4, 1, 1})});
  return net.finish({a, b});
}

TEST(ZeroStatistics, EveryConvolutionIsCountedOnWhatItReads) {
  const ir::Graph graph = branched();
  const std::vector<Tensor> inputs{test::with_zeros(test::random_tensor({2, 3, 8, 8}, 5), 30, 6)};
  ZeroStatistics statistics = ZeroStatistics::create(graph);
  auto executor = *runtime::make_reference_executor(graph);
  ASSERT_TRUE(executor->run(inputs, &statistics.observer()));
  ASSERT_EQ(statistics.layers().size(), 3U);
  EXPECT_TRUE(statistics.unwatched().empty());

  std::vector<ir::ValueId> values;
  for (const auto& layer : statistics.layers()) values.push_back(graph[layer.node].inputs[0]);
  const auto seen = runtime::observe(*executor, graph, inputs, values);
  ASSERT_TRUE(seen);
  for (const auto& layer : statistics.layers()) {
    const ir::Node& node = graph[layer.node];
    EXPECT_EQ(layer.name, node.name);
    EXPECT_EQ(layer.zeros.histogram().counts,
              count_zeros_plainly(*conv_windows(graph, node), seen->at(node.inputs[0])).counts);
  }
}

TEST(ZeroStatistics, MovingThemLeavesTheObserverWorking) {
  const ir::Graph graph = branched();
  ZeroStatistics first = ZeroStatistics::create(graph);
  ZeroStatistics statistics = std::move(first);
  auto executor = *runtime::make_reference_executor(graph);
  ASSERT_TRUE(executor->run(test::random_inputs(graph), &statistics.observer()));
  EXPECT_EQ(statistics.layers()[0].zeros.inputs().numbers, 2U * 3 * 8 * 8);
}

TEST(ZeroStatistics, WhatCannotBeWatchedIsNamedWithTheReason) {
  test::Net net;
  const auto x = net.input({1, 1, 5, 5});
  const auto w = net.add(ir::Relu{}, {net.input({1, 1, 3, 3})});
  const ZeroStatistics statistics =
      ZeroStatistics::create(net.finish({net.add(ir::Conv{}, {x, w})}));
  EXPECT_TRUE(statistics.layers().empty());
  ASSERT_EQ(statistics.unwatched().size(), 1U);
  EXPECT_FALSE(statistics.unwatched()[0].name.empty());
  EXPECT_THAT(statistics.unwatched()[0].reason, HasSubstr("not constant"));
}

}  // namespace
}  // namespace sluice::sparse
