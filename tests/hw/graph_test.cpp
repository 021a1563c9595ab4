// SPDX-License-Identifier: Apache-2.0
#include "sluice/hw/graph.hpp"

#include <gmock/gmock.h>

namespace sluice::hw {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

//      ┌─ b ───────┐
//  a ──┤           ├── e
//      └─ c ── d ──┘
Graph diamond() {
  Graph graph;
  for (const char* name : {"a", "b", "c", "d", "e"}) graph.add({.name = name});
  graph[0].layer.operation = Split{};
  graph[0].layer.outputs.resize(2);
  graph[4].layer.operation = Join{};
  graph[4].layer.inputs.resize(2);
  for (const auto& [from, to] :
       std::vector<std::pair<NodeId, NodeId>>{{0, 1}, {0, 2}, {2, 3}, {1, 4}, {3, 4}}) {
    graph.connect(from, to);
  }
  return graph;
}

TEST(Graph, FindsANodeByItsName) {
  const Graph graph = diamond();
  EXPECT_EQ(graph.find("d"), NodeId{3});
  EXPECT_EQ(graph.find("f"), std::nullopt);
}

TEST(Graph, KeepsTheOrderOfNeighbours) {
  const Graph graph = diamond();
  EXPECT_THAT(graph[0].successors, ElementsAre(1, 2));
  EXPECT_THAT(graph[4].predecessors, ElementsAre(1, 3));
}

TEST(Graph, TakesOutAnEdgeAtBothEnds) {
  Graph graph = diamond();
  graph.disconnect(1, 4);
  EXPECT_THAT(graph[1].successors, IsEmpty());
  EXPECT_THAT(graph[4].predecessors, ElementsAre(3));
}

TEST(Graph, MovesLaterNodesUpWhenOneIsRemoved) {
  Graph graph = diamond();
  graph.remove(1);
  ASSERT_EQ(graph.size(), 4U);
  EXPECT_EQ(graph.find("e"), NodeId{3});
  EXPECT_THAT(graph[0].successors, ElementsAre(1));    // c
  EXPECT_THAT(graph[1].predecessors, ElementsAre(0));  // of a
  EXPECT_THAT(graph[3].predecessors, ElementsAre(2));  // d
}

TEST(Graph, RemovesANodeThatIsReadTwice) {
  Graph graph;
  graph.add({.name = "x"});
  graph.add({.name = "twice"});
  graph.connect(0, 1);
  graph.connect(0, 1);
  graph.remove(0);
  EXPECT_THAT(graph[0].predecessors, IsEmpty());
}

TEST(TopologicalOrder, GoesByGenerations) {
  EXPECT_THAT(diamond().topological_order(), ElementsAre(0, 1, 2, 3, 4));
  Graph backwards;
  for (const char* name : {"last", "middle", "first"}) backwards.add({.name = name});
  backwards.connect(1, 0);
  backwards.connect(2, 1);
  EXPECT_THAT(backwards.topological_order(), ElementsAre(2, 1, 0));
}

TEST(TopologicalOrder, OfNothingIsNothing) {
  EXPECT_THAT(Graph().topological_order(), IsEmpty());
}

TEST(LongestPath, HasTheMostNodes) {
  EXPECT_THAT(diamond().longest_path(), ElementsAre(0, 2, 3, 4));
  EXPECT_THAT(Graph().longest_path(), IsEmpty());
}

TEST(LongestPath, IsTheFirstAmongEquals) {
  Graph graph = diamond();
  graph.remove(3);
  graph.connect(2, 3);
  EXPECT_THAT(graph.longest_path(), ElementsAre(0, 1, 3));
}

TEST(Sorted, IsByName) {
  Graph graph;
  for (const char* name : {"b", "c", "a"}) graph.add({.name = name});
  EXPECT_THAT(graph.sorted({0, 1, 2}), ElementsAre(2, 0, 1));
  EXPECT_THAT(graph.input_nodes(), ElementsAre(2, 0, 1));
}

TEST(InputNodes, AreThoseThatNothingIsBefore) {
  EXPECT_THAT(diamond().input_nodes(), ElementsAre(0));
}

TEST(InputNodes, HaveFewerPredecessorsThanAJoinHasInputs) {
  Graph graph = diamond();
  graph[4].layer.inputs.resize(3);
  EXPECT_THAT(graph.input_nodes(), ElementsAre(0, 4));
  graph[4].layer.operation = Concat{};
  EXPECT_THAT(graph.input_nodes(), ElementsAre(0, 4));
}

TEST(OutputNodes, AreThoseThatNothingIsAfter) {
  EXPECT_THAT(diamond().output_nodes(), ElementsAre(4));
}

TEST(OutputNodes, HaveFewerSuccessorsThanASplitHasOutputs) {
  Graph graph = diamond();
  graph[0].layer.outputs.resize(3);
  EXPECT_THAT(graph.output_nodes(), ElementsAre(0, 4));
  graph[0].layer.operation = Chop{};
  EXPECT_THAT(graph.output_nodes(), ElementsAre(0, 4));
}

}  // namespace
}  // namespace sluice::hw
