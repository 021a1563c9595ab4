// SPDX-License-Identifier: Apache-2.0
#include "sluice/dse/space.hpp"

#include <algorithm>
#include <gtest/gtest.h>
#include <set>
#include <span>

#include "tests/dse/small_networks.hpp"

#include "sluice/hw/partition.hpp"

namespace sluice::dse {
namespace {

Assignment random_assignment(const Space& space, Rng& rng) {
  Assignment result;
  for (const SpaceNode& node : space.nodes) {
    result.choices.push_back(static_cast<std::uint32_t>(rng.below(node.layer->choices.size())));
  }
  return result;
}

// As a planner builds it: the layers so folded, the ports as the space says, the rest derived.
hw::Partition partition_of(const Problem& problem, const Space& space, const Assignment& by) {
  hw::Partition result{.graph = problem.graph, .streams_in = {}, .streams_out = {}};
  for (std::size_t n = 0; n < space.nodes.size(); ++n) {
    const SpaceNode& node = space.nodes[n];
    const Choice& choice = node.layer->choices[by.choices[n]];
    hw::Layer& layer = result.graph[node.id].layer;
    layer.folding = choice.folding;
    layer.weights = choice.weights;
    if (!node.in_port.empty()) result.streams_in.push_back(node.in_port_streams[choice.in]);
    if (!node.out_port.empty()) result.streams_out.push_back(node.out_port_streams[choice.out]);
  }
  hw::update(result);
  return result;
}

double buffers_of(const hw::Graph& graph) {
  double sum = 0;
  for (const hw::Node& node : graph.nodes()) {
    hw::Layer shallow = node.layer;
    for (hw::Port& port : shallow.inputs) port.buffer_depth = 2;
    sum += hw::resources_of(node.layer, test::ones()).bram18 -
           hw::resources_of(shallow, test::ones()).bram18;
  }
  return sum;
}

void expect_as_estimated(const Problem& problem, Rng& rng) {
  const Space space = test::space_of(problem);
  for (int i = 0; i < 10; ++i) {
    const Assignment any = random_assignment(space, rng);
    const hw::Partition partition = partition_of(problem, space, any);
    const hw::PartitionEstimate estimate = hw::estimate(partition, test::ones());
    Demand demand = demand_of(space, any);
    demand.of[kBram18] += buffers_of(partition.graph);
    EXPECT_EQ(interval_cycles(space, any), estimate.interval_cycles);
    const double bits = estimate.traffic.total() * estimate.interval_cycles;
    EXPECT_NEAR(demand.of[kBits], bits, bits * 1e-9);
    demand.of[kBits] = 0;
    EXPECT_EQ(demand, Demand(estimate.resources));
  }
}

TEST(Space, DemandsOfChainsWhatTheirEstimateSays) {
  for (std::uint64_t seed = 0; seed < 60; ++seed) {
    Rng rng(seed);
    SCOPED_TRACE(seed);
    expect_as_estimated(test::problem_of(test::random_chain(rng, 4)), rng);
  }
}

TEST(Space, DemandsOfBranchesWhatTheirEstimateSaysButForBuffers) {
  Rng rng(1);
  for (int i = 0; i < 10; ++i) expect_as_estimated(test::problem_of(test::residual(8)), rng);
}

TEST(Space, HasEdgesThatCostTheirRegrouping) {
  const Problem problem = test::problem_of(test::residual(4));
  const Space space = test::space_of(problem);
  EXPECT_EQ(space.edges.size(), 6U);
  for (const SpaceEdge& edge : space.edges) {
    const SpaceNode& from = space.nodes[edge.from];
    const auto& outs = from.layer->out_streams;
    const auto& ins = space.nodes[edge.to].layer->in_streams;
    for (std::uint32_t out = 0; out < outs.size(); ++out) {
      for (std::uint32_t in = 0; in < ins.size(); ++in) {
        hw::Layer regroup{.map = hw::map_out(problem.graph[from.id].layer),
                          .operation = hw::Regroup{}};
        regroup.folding = {.coarse_in = outs[out], .coarse_out = ins[in]};
        const Demand cost =
            outs[out] == ins[in] ? Demand() : Demand(hw::resources_of(regroup, test::ones()));
        EXPECT_EQ(edge.at(out, in), cost);
      }
    }
  }
}

TEST(Space, HasPortsNoWiderThanTheDevices) {
  Problem problem = test::problem_of(test::residual(16));
  problem.device.port_bits = 80;  // five words of 16 bits, of which four divide 32
  const Space space = test::space_of(problem);
  const SpaceNode& last = space.nodes.back();
  const auto& streams = last.layer->out_streams;
  for (std::size_t s = 0; s < streams.size(); ++s) {
    EXPECT_EQ(last.out_port_streams[s], std::min<std::int64_t>(streams[s], 4));
  }
}

TEST(Space, IsNoFasterThanItsPorts) {
  Problem problem = test::problem_of(test::residual(4));
  problem.device.port_bits = 16;
  const Space space = test::space_of(problem);
  for (const double cycles : space.nodes.front().in_port_cycles) EXPECT_EQ(cycles, 8 * 8 * 2);
  for (const double cycles : space.nodes.back().out_port_cycles) EXPECT_EQ(cycles, 8 * 8 * 8);
  EXPECT_GE(space.least_interval_cycles(), 8 * 8 * 8);
}

TEST(Space, HasPortsWhereItsNeighboursAreInOtherPartitions) {
  const Problem problem = test::problem_of(test::residual());
  const auto order = problem.graph.topological_order();
  const Space space = SpaceBuilder(problem).build(std::span(order).subspan(4));
  ASSERT_EQ(space.nodes.size(), 2U);
  EXPECT_FALSE(space.nodes[0].in_port.empty());
  EXPECT_TRUE(space.nodes[0].out_port.empty());
  EXPECT_TRUE(space.nodes[1].in_port.empty());
  EXPECT_FALSE(space.nodes[1].out_port.empty());
}

TEST(Space, HasEachNodeOnOnePath) {
  const Space space = test::space_of(test::problem_of(test::residual()));
  std::multiset<std::size_t> seen;
  for (const auto& path : space.paths) seen.insert(path.begin(), path.end());
  EXPECT_EQ(seen, (std::multiset<std::size_t>{0, 1, 2, 3, 4, 5}));
}

TEST(Space, HasPathsAlongEdges) {
  const Space space = test::space_of(test::problem_of(test::residual()));
  for (const auto& path : space.paths) {
    for (std::size_t i = 1; i < path.size(); ++i) {
      EXPECT_TRUE(std::ranges::any_of(space.edges, [&](const SpaceEdge& edge) {
        return edge.from == path[i - 1] && edge.to == path[i];
      }));
    }
  }
}

TEST(Space, IsOnePathForAChain) {
  Rng rng(3);
  EXPECT_EQ(test::space_of(test::problem_of(test::random_chain(rng, 4))).paths.size(), 1U);
}

TEST(Space, IsImpossibleIfALayerHasNoChoice) {
  Problem problem = test::problem_of(test::residual());
  EXPECT_TRUE(test::space_of(problem).is_possible());
  problem.device.resources.dsp = 0;
  EXPECT_FALSE(test::space_of(problem).is_possible());
}

// ---- passes

TEST(Space, ReloadsTheLastLayerWithWeights) {
  const hw::Graph graph = test::residual();
  EXPECT_EQ(reloadable_layer(graph, graph.topological_order()), graph.find("c"));
}

TEST(Space, ReloadsNothingBeforeAJoin) {
  const hw::Graph graph = test::residual();
  const auto order = graph.topological_order();
  EXPECT_EQ(reloadable_layer(graph, std::span(order).first(4)), std::nullopt);
}

TEST(Space, HasAPartOfTheFiltersInEachPass) {
  const Problem problem = test::problem_of(test::residual());
  const auto order = problem.graph.topological_order();
  const SpaceBuilder builder(problem);
  const hw::NodeId c = *problem.graph.find("c");
  EXPECT_EQ(hw::map_out(builder.layer_of(order, c, 4)).channels, 2);
  EXPECT_EQ(builder.layer_of(order, *problem.graph.find("r"), 4).map.channels, 2);
  EXPECT_EQ(builder.layer_of(order, *problem.graph.find("b"), 4).map.channels, 4);
}

// There the channels are those of all positions.
TEST(Space, HasAPartOfTheWordsInEachPassAfterAFlatteningToo) {
  hw::Graph graph;
  const auto conv = test::add(graph, "conv", {4, 4, 1, 2}, test::convolution(8));
  const auto flat = test::add(graph, "flat", {4, 4, 1, 8}, hw::Passing{}, {conv});
  const auto relu = test::add(graph, "relu", {1, 1, 1, 128}, hw::Elementwise{}, {flat});
  const Problem problem = test::problem_of(std::move(graph));
  const auto order = problem.graph.topological_order();
  EXPECT_EQ(SpaceBuilder(problem).layer_of(order, flat, 2).map.channels, 4);
  EXPECT_EQ(SpaceBuilder(problem).layer_of(order, relu, 2).map.channels, 64);
}

}  // namespace
}  // namespace sluice::dse
