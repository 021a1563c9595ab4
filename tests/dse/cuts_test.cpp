// SPDX-License-Identifier: Apache-2.0
#include "sluice/dse/cuts.hpp"

#include <algorithm>
#include <gtest/gtest.h>

#include "tests/dse/small_networks.hpp"

namespace sluice::dse {
namespace {

std::vector<Plan> cut_of(const Problem& problem) {
  Planner planner(problem);
  return cut(problem, planner);
}

// Four convolutions, one after another.
Problem convolutions() {
  hw::Graph graph;
  std::vector<hw::NodeId> last;
  for (const char* name : {"c0", "c1", "c2", "c3"}) {
    last = {test::add(graph, name, {8, 8, 1, 4}, test::convolution(4), last)};
  }
  Problem problem = test::problem_of(std::move(graph));
  problem.batch_size = 64;
  return problem;
}

std::vector<std::vector<std::string>> names_of(const hw::Graph& graph) {
  std::vector<std::vector<std::string>> result;
  for (const auto& piece : pieces_of(graph)) {
    auto& names = result.emplace_back();
    for (const hw::NodeId id : piece) names.push_back(graph[id].name);
  }
  return result;
}

TEST(Pieces, AreCutWhereOneStreamGoesOn) {
  using Names = std::vector<std::vector<std::string>>;
  EXPECT_EQ(names_of(test::residual()), (Names{{"a"}, {"s", "b", "j"}, {"c", "r"}}));
}

TEST(Pieces, AreAllLayersInTopologicalOrder) {
  for (std::uint64_t seed = 0; seed < 50; ++seed) {
    Rng rng(seed);
    const hw::Graph graph = test::random_chain(rng, 6);
    std::vector<hw::NodeId> all;
    for (const auto& piece : pieces_of(graph)) all.insert(all.end(), piece.begin(), piece.end());
    EXPECT_EQ(all, graph.topological_order());
  }
}

TEST(Pieces, HaveWeightsButForTheFirst) {
  for (std::uint64_t seed = 0; seed < 50; ++seed) {
    Rng rng(seed);
    const hw::Graph graph = test::random_chain(rng, 6);
    const auto pieces = pieces_of(graph);
    for (std::size_t p = 1; p < pieces.size(); ++p) {
      EXPECT_TRUE(std::ranges::any_of(pieces[p], [&](hw::NodeId id) {
        const hw::Layer& layer = graph[id].layer;
        return layer.as<hw::Convolution>() != nullptr || layer.as<hw::InnerProduct>() != nullptr;
      }));
    }
  }
}

TEST(Cut, LeavesANetworkWholeThatFits) {
  Problem problem = convolutions();
  problem.max_partitions = 4;
  problem.device.reconfiguration_s = 1;
  EXPECT_EQ(cut_of(problem).size(), 1U);
}

TEST(Cut, PartsANetworkThatDoesNotFit) {
  Problem problem = convolutions();
  problem.device.resources.dsp = 2;  // four layers multiply
  EXPECT_TRUE(cut_of(problem).empty());
  problem.max_partitions = 4;
  const auto plans = cut_of(problem);
  EXPECT_GE(plans.size(), 2U);
  std::vector<std::string> names;
  for (const Plan& plan : plans) {
    EXPECT_LE(plan.estimate.resources.dsp, 2);
    for (const char* name : {"c0", "c1", "c2", "c3"}) {
      if (plan.partition.graph.find(name)) names.emplace_back(name);
    }
  }
  EXPECT_EQ(names, (std::vector<std::string>{"c0", "c1", "c2", "c3"}));
}

TEST(Cut, MakesNoMorePartitionsThanAreAllowed) {
  Problem problem = convolutions();
  problem.device.resources.dsp = 6;
  problem.device.reconfiguration_s = 0;
  for (problem.max_partitions = 1; problem.max_partitions <= 4; ++problem.max_partitions) {
    EXPECT_LE(cut_of(problem).size(), static_cast<std::size_t>(problem.max_partitions));
  }
}

TEST(Cut, IsNoSlowerWithMorePartitions) {
  for (const double dsp : {4, 6, 12, 40}) {
    Problem problem = convolutions();
    problem.device.resources.dsp = dsp;
    double before = 1e9;
    for (problem.max_partitions = 1; problem.max_partitions <= 4; ++problem.max_partitions) {
      const auto plans = cut_of(problem);
      ASSERT_FALSE(plans.empty());
      EXPECT_LE(seconds(problem, plans), before);
      before = seconds(problem, plans);
    }
  }
}

// What is left out by how many partitions there may be is no loss.
TEST(Cut, IntoTwoIsTheBestThereIs) {
  Problem problem = convolutions();
  problem.max_partitions = 2;
  problem.device.reconfiguration_s = 0;
  const auto members = problem.graph.topological_order();
  for (const double dsp : {4, 6, 12}) {
    problem.device.resources.dsp = dsp;
    Planner planner(problem);
    double shortest = seconds(problem, *planner.plan(members));
    for (std::size_t at = 1; at < members.size(); ++at) {
      const auto first = planner.plan(std::span(members).first(at));
      const auto second = planner.plan(std::span(members).subspan(at));
      shortest = std::min(shortest, seconds(problem, *first) + seconds(problem, *second));
    }
    EXPECT_LE(seconds(problem, cut_of(problem)), shortest);
  }
}

TEST(Cut, IsWorthTheLoading) {
  Problem problem = convolutions();
  problem.device.resources.dsp = 8;
  problem.batch_size = 1000;
  problem.max_partitions = 4;
  problem.device.reconfiguration_s = 0;
  EXPECT_GE(cut_of(problem).size(), 2U);
  problem.device.reconfiguration_s = 100;
  EXPECT_EQ(cut_of(problem).size(), 1U);
}

TEST(Cut, TakesTheTimeOfLoadingEachOfSeveral) {
  Problem problem = convolutions();
  problem.device.reconfiguration_s = 2;
  const Plan plan = cut_of(problem).front();
  EXPECT_EQ(seconds(problem, std::vector{plan}), seconds(problem, plan));
  EXPECT_EQ(seconds(problem, std::vector{plan, plan}), 2 * seconds(problem, plan) + 4);
}

}  // namespace
}  // namespace sluice::dse
