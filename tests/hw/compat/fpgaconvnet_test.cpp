// SPDX-License-Identifier: Apache-2.0
#include "sluice/hw/compat/fpgaconvnet.hpp"

#include <algorithm>
#include <cmath>
#include <functional>
#include <gtest/gtest.h>

#include "tests/hw/sample_layers.hpp"

namespace sluice::hw::compat {
namespace {

const FeatureMap kMap{8, 8, 1, 4};

// A block of branches that starts at the split `from`; its join.
NodeId add_block(Graph& graph, NodeId from, Rng& rng) {
  const auto conv = [&] {
    Layer layer = test::convolution(kMap, 4, 3, 1);
    layer.folding.fine = test::one_of(rng, folding_values(layer).fine);
    return layer;
  };
  const NodeId a = test::add(graph, conv(), std::array{from});
  const NodeId b = rng.below(2) == 0 ? from : test::add(graph, conv(), std::array{from});
  return test::add(graph, test::join(kMap), std::array{a, b});
}

// One split and one join around `blocks` blocks one after another. The join comes last.
Graph blocks_within_one(std::size_t blocks, Rng& rng) {
  Graph graph;
  const NodeId parting = test::add(graph, test::split(kMap));
  NodeId at = parting;
  for (std::size_t i = 0; i < blocks; ++i) {
    at = add_block(graph, test::add(graph, test::split(kMap), std::array{at}), rng);
  }
  test::add(graph, test::join(kMap), std::array{parting, at});
  return graph;
}

// Of all paths from node 0 over a predecessor to the last node, the most that one sums up to.
double longest(const Graph& graph, NodeId before) {
  const NodeId join = graph.size() - 1;
  double result = 0;
  const std::function<void(NodeId, double, double, double)> walk =
      [&](NodeId at, double depth, double cycles, double product) {
        const Layer& layer = graph[at].layer;
        const LayerTiming timing = timing_of(layer, Rules::FpgaConvNet);
        product *= real(stream_words_in(layer)) / real(stream_words_out(layer));
        depth += real(timing.pipeline_depth);
        cycles += timing.latency_cycles / real(stream_words_in(layer)) * product;
        if (at == join) {
          result = std::max(result, depth + cycles);
          return;
        }
        for (const NodeId to : graph[at].successors) {
          if (to != join || at == before) walk(to, depth, cycles, product);
        }
      };
  walk(0, 0, 0, 1);
  return result;
}

TEST(CompatBufferDepths, AreThoseOfAllPaths) {
  for (std::uint64_t seed = 0; seed < 50; ++seed) {
    Rng rng(seed);
    Graph graph = blocks_within_one(1 + rng.below(5), rng);
    set_buffer_depths(graph);
    const Node& join = graph.nodes().back();
    std::vector<double> depths;
    depths.reserve(join.predecessors.size());
    for (const NodeId before : join.predecessors) depths.push_back(longest(graph, before));
    const double most = std::ranges::max(depths);
    for (std::size_t p = 0; p < depths.size(); ++p) {
      ASSERT_EQ(real(join.layer.inputs[p].buffer_depth), std::ceil(most - depths[p]) + 64) << seed;
    }
  }
}

// 2^40 paths: one by one they would take hours.
TEST(CompatBufferDepths, TakeNoTimeForManyBranches) {
  Rng rng(1);
  Graph graph = blocks_within_one(40, rng);
  set_buffer_depths(graph);
  EXPECT_GT(graph.nodes().back().layer.inputs[0].buffer_depth, 64);
  EXPECT_EQ(graph.nodes().back().layer.inputs[1].buffer_depth, 64);
}

TEST(CompatBufferDepths, AreTwoWhereBranchesDoNotPart) {
  Graph graph;
  const NodeId a = test::add(graph, test::relu(kMap));
  const NodeId b = test::add(graph, test::relu(kMap));
  const NodeId join = test::add(graph, test::join(kMap), std::array{a, b});
  graph[join].layer.inputs[0].buffer_depth = 9;
  set_buffer_depths(graph);
  EXPECT_EQ(graph[join].layer.inputs[0].buffer_depth, 2);
}

// 256 cycles an interval, over 256 words: a cycle a node.
TEST(CompatPipelineDepth, IsSummedAlongTheLongestPath) {
  EXPECT_EQ(pipeline_depth_cycles(test::chain({test::relu(kMap), test::relu(kMap)}), 256), 2);
}

}  // namespace
}  // namespace sluice::hw::compat
