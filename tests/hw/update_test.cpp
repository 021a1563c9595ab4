// SPDX-License-Identifier: Apache-2.0
// What update() derives.
#include <gtest/gtest.h>

#include "tests/hw/sample_layers.hpp"

#include "sluice/hw/partition.hpp"

namespace sluice::hw {
namespace {

std::vector<std::string> names(const Partition& partition) {
  std::vector<std::string> result;
  for (const Node& node : partition.graph.nodes()) result.push_back(node.name);
  return result;
}

using Names = std::vector<std::string>;
const FeatureMap kUpdatedMap{4, 4, 1, 8};

TEST(Update, RegroupsBetweenLayersWithOtherStreams) {
  Partition partition{.graph = test::chain({test::relu(kUpdatedMap), test::relu(kUpdatedMap, 4)})};
  partition.streams_out = {4};
  update(partition);
  EXPECT_EQ(names(partition), (Names{"n0", "n1", "n0_squeeze_n1"}));
  const Layer& layer = partition.graph[2].layer;
  EXPECT_EQ(layer.folding.coarse_in, 1);
  EXPECT_EQ(layer.folding.coarse_out, 4);
  EXPECT_EQ(layer.map, kUpdatedMap);
}

TEST(Update, RegroupsAtThePartitionsEdge) {
  Partition partition{.graph = test::chain({test::relu(kUpdatedMap, 2)})};
  update(partition);
  EXPECT_EQ(names(partition), (Names{"n0", "n0_squeeze", "squeeze_n0"}));
  EXPECT_EQ(partition.graph.input_nodes(), std::vector<NodeId>{1});
  EXPECT_EQ(partition.graph.output_nodes(), std::vector<NodeId>{2});
}

TEST(Update, DropsRegroupingThatIsNoLongerNeeded) {
  Partition partition{.graph = test::chain({test::relu(kUpdatedMap, 2), test::relu(kUpdatedMap)})};
  update(partition);
  EXPECT_EQ(partition.graph.size(), 4);
  partition.graph[0].layer.folding = {};
  update(partition);
  EXPECT_EQ(names(partition), (Names{"n0", "n1"}));
  EXPECT_EQ(partition.graph[0].successors, std::vector<NodeId>{1});
}

TEST(Update, ChangesNothingTheSecondTime) {
  Partition partition{.graph =
                          test::chain({test::relu(kUpdatedMap, 2), test::relu(kUpdatedMap, 8)})};
  update(partition);
  const Names once = names(partition);
  update(partition);
  EXPECT_EQ(names(partition), once);
}

TEST(Update, RegroupsNoWordsThatGoOffTheDevice) {
  Partition partition{.graph = test::chain({test::relu(kUpdatedMap), test::relu(kUpdatedMap, 4)})};
  partition.streams_out = {4};
  partition.graph[0].layer.outputs[0].is_off_chip = true;
  partition.graph[1].layer.inputs[0].is_off_chip = true;
  update(partition);
  EXPECT_EQ(names(partition), (Names{"n0", "n1"}));
}

}  // namespace
}  // namespace sluice::hw
