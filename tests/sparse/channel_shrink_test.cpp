// SPDX-License-Identifier: Apache-2.0
#include "sluice/sparse/channel_shrink.hpp"

#include "tests/sparse/channel_net.hpp"

namespace sluice::sparse {
namespace {

// About half of the units that may go, so that every value keeps a position.
std::vector<bool> some_units(const ChannelMap& map, std::uint32_t seed) {
  std::mt19937 engine(seed);
  std::vector<bool> removed(map.units.size());
  for (std::size_t u = 0; u < removed.size(); ++u) {
    if (!map.units[u].kept_because.empty() || engine() % 2 == 0) continue;
    removed[u] = true;
    for (const auto& positions : map.positions) {
      const auto left =
          std::ranges::count_if(positions, [&](std::size_t unit) { return !removed[unit]; });
      if (!positions.empty() && left == 0) removed[u] = false;
    }
  }
  return removed;
}

TEST(Shrink, WithoutChannelsThatAreZeroTheNetworkGivesTheSame) {
  std::size_t removed_units = 0;
  for (std::uint32_t seed = 0; seed < 60; ++seed) {
    SCOPED_TRACE(seed);
    ir::Graph graph = ChannelNet(seed).make();
    const ChannelMap map = map_channels(graph);
    const std::vector<bool> removed = some_units(map, seed);
    removed_units += static_cast<std::size_t>(std::ranges::count(removed, true));
    zero_units(graph, map, removed);
    ir::Graph smaller = graph;
    const auto status = shrink(smaller, map, removed);
    ASSERT_TRUE(status) << status.error().text();
    const auto inputs = test::random_inputs(graph);
    test::expect_near(test::reference_outputs(smaller, inputs),
                      test::reference_outputs(graph, inputs), 0);
  }
  EXPECT_GT(removed_units, 300U);
}

TEST(Shrink, OfNothingLeavesTheNetwork) {
  ir::Graph graph = ChannelNet(1).make();
  const std::size_t values = graph.values.size();
  const ChannelMap map = map_channels(graph);
  ASSERT_TRUE(shrink(graph, map, std::vector<bool>(map.units.size())));
  EXPECT_EQ(graph.values.size(), values);
}

TEST(Shrink, KeepsTheNamesOfConstants) {
  test::Net net;
  const ir::ValueId w = net.weight({4, 3, 1, 1});
  const ir::ValueId x = net.add(ir::Conv{}, {net.input({1, 3, 2, 2}), w});
  ir::Graph graph = net.finish({net.add(ir::Conv{}, {x, net.weight({2, 4, 1, 1})})});
  const std::string name = graph[w].name;
  const ChannelMap map = map_channels(graph);
  std::vector<bool> removed(map.units.size());
  removed[map.positions[index(x)][1]] = true;
  ASSERT_TRUE(shrink(graph, map, removed));
  EXPECT_EQ(graph[graph.nodes[0].inputs[1]].name, name);
  EXPECT_EQ(graph.type(graph.nodes[0].inputs[1]).shape, (Shape{3, 3, 1, 1}));
  EXPECT_EQ(graph.type(graph.nodes[1].inputs[1]).shape, (Shape{2, 3, 1, 1}));
}

// Two convolutions share their weights, and lose different channels.
TEST(Shrink, PartsSharedWeightsThatAreCutDifferently) {
  test::Net net;
  const ir::ValueId w = net.weight({3, 3, 1, 1});
  const ir::ValueId a = net.add(ir::Conv{}, {net.input({1, 3, 2, 2}), w});
  const ir::ValueId b = net.add(ir::Conv{}, {a, w});
  ir::Graph graph = net.finish({net.add(ir::Conv{}, {b, net.weight({2, 3, 1, 1})})});
  const ChannelMap map = map_channels(graph);
  std::vector<bool> removed(map.units.size());
  removed[map.positions[index(a)][0]] = true;
  removed[map.positions[index(b)][1]] = true;
  removed[map.positions[index(b)][2]] = true;
  ASSERT_TRUE(shrink(graph, map, removed));
  EXPECT_EQ(graph.type(graph.nodes[0].inputs[1]).shape, (Shape{2, 3, 1, 1}));
  EXPECT_EQ(graph.type(graph.nodes[1].inputs[1]).shape, (Shape{1, 2, 1, 1}));
}

TEST(Shrink, LeavesCopiesOfTheNetworkAsTheyWere) {
  ir::Graph graph = ChannelNet(3).make();
  const ir::Graph before = graph;
  const ChannelMap map = map_channels(graph);
  ASSERT_TRUE(shrink(graph, map, some_units(map, 3)));
  EXPECT_TRUE(ir::verify(before));
  const auto inputs = test::random_inputs(before);
  test::expect_near(test::reference_outputs(before, inputs),
                    test::reference_outputs(ChannelNet(3).make(), inputs), 0);
}

}  // namespace
}  // namespace sluice::sparse
