// SPDX-License-Identifier: Apache-2.0
#include "sluice/hw/split.hpp"

#include <algorithm>
#include <gtest/gtest.h>

#include "tests/hw/sample_layers.hpp"

namespace sluice::hw {
namespace {

TEST(Bridges, AreAllEdgesOfAChain) {
  const Graph graph = test::chain(
      {test::relu(test::kSmallMap), test::relu(test::kSmallMap), test::relu(test::kSmallMap)});
  EXPECT_EQ(bridges(graph), (std::vector<Edge>{{0, 1}, {1, 2}}));
}

// relu → split → (relu) → join → relu
TEST(Bridges, AreNotWithinABlockOfBranches) {
  Graph graph = test::chain(
      {test::relu(test::kSmallMap), test::split(test::kSmallMap), test::relu(test::kSmallMap)});
  const NodeId join = test::add(graph, test::join(test::kSmallMap), std::array<NodeId, 2>{1, 2});
  test::add(graph, test::relu(test::kSmallMap), std::array{join});
  EXPECT_EQ(bridges(graph), (std::vector<Edge>{{0, 1}, {3, 4}}));
}

TEST(Bridges, HaveAllInputsBeforeThem) {
  Graph graph = test::chain(
      {test::relu(test::kSmallMap), test::join(test::kSmallMap), test::relu(test::kSmallMap)});
  EXPECT_EQ(bridges(graph), (std::vector<Edge>{{1, 2}}));
  test::add(graph, test::relu(test::kSmallMap));
  graph.connect(3, 1);
  EXPECT_EQ(bridges(graph), (std::vector<Edge>{{1, 2}}));
}

// Whether outputs can be reached from inputs without an edge.
bool separates(Graph graph, const Edge& edge) {
  const auto outputs = graph.output_nodes();
  std::vector<NodeId> open = graph.input_nodes();
  graph.disconnect(edge.from, edge.to);
  std::vector<bool> seen(graph.size());
  while (!open.empty()) {
    const NodeId at = open.back();
    open.pop_back();
    if (seen[at]) continue;
    seen[at] = true;
    open.insert(open.end(), graph[at].successors.begin(), graph[at].successors.end());
  }
  return std::ranges::none_of(outputs, [&](NodeId id) { return seen[id]; });
}

TEST(Bridges, AreThoseFoundByTakingOutEachEdge) {
  for (std::uint64_t seed = 0; seed < 200; ++seed) {
    Rng rng(seed);
    Graph graph = test::chain({test::relu(test::kSmallMap)});
    while (graph.size() < 12) {
      const NodeId last = graph.size() - 1;
      if (rng.below(3) > 0) {
        test::add(graph, test::relu(test::kSmallMap), std::array{last});
        continue;
      }
      const NodeId parting = test::add(graph, test::split(test::kSmallMap), std::array{last});
      const NodeId branch = test::add(graph, test::relu(test::kSmallMap), std::array{parting});
      test::add(graph, test::join(test::kSmallMap), std::array{parting, branch});
    }
    const auto found = bridges(graph);
    for (NodeId from = 0; from < graph.size(); ++from) {
      for (const NodeId to : graph[from].successors) {
        const bool is_found = std::ranges::find(found, Edge{from, to}) != found.end();
        ASSERT_EQ(is_found, separates(graph, {from, to})) << seed << ": " << from << " → " << to;
      }
    }
  }
}

TEST(SplitAt, KeepsNodesInTheirOrderAndPassesWithTheirLayer) {
  Partition whole{
      .graph = test::chain({test::convolution(test::kSmallMap, 2, 1), test::relu(test::kSmallMap),
                            test::convolution(test::kSmallMap, 4, 1), test::relu({4, 4, 1, 4})}),
      .batch_size = 5,
      .reloading_layer = "n2",
      .reloading_factor = 2,
      .streams_in = {2},
      .streams_out = {4}};
  const auto [first, second] = split_at(whole, {1, 2});
  ASSERT_EQ(first.graph.size(), 2);
  ASSERT_EQ(second.graph.size(), 2);
  EXPECT_EQ(first.graph[0].name, "n0");
  EXPECT_EQ(second.graph[0].name, "n2");
  EXPECT_EQ(second.graph[0].successors, std::vector<NodeId>{1});
  EXPECT_TRUE(first.graph[1].successors.empty());
  EXPECT_EQ(first.batch_size, 5);
  EXPECT_EQ(first.reloading_layer, "n0");
  EXPECT_EQ(first.reloading_factor, 1);
  EXPECT_EQ(second.reloading_layer, "n2");
  EXPECT_EQ(second.reloading_factor, 2);
  EXPECT_EQ(first.streams_in, std::vector<std::int64_t>{2});
  EXPECT_EQ(first.streams_out, std::vector<std::int64_t>{1});
  EXPECT_EQ(second.streams_out, std::vector<std::int64_t>{4});
}

}  // namespace
}  // namespace sluice::hw
