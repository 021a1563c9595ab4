// SPDX-License-Identifier: Apache-2.0
#include "sluice/hw/buffers.hpp"

#include <gtest/gtest.h>

#include "tests/hw/sample_layers.hpp"
#include "tests/hw/word_simulation.hpp"

namespace sluice::hw {
namespace {

TEST(Passages, OfAChainOfReluAreAClockApart) {
  const auto times = passages(test::chain({test::relu({4, 4, 1, 2}), test::relu({4, 4, 1, 2})}));
  EXPECT_EQ(times[0], (Passage{1, 32, 0}));
  EXPECT_EQ(times[1], (Passage{2, 33, 0}));
}

// A window of 2 by 2 is whole when a row and a word have come after its first word.
TEST(Passages, OfWindowsBeginWhenTheFirstIsWhole) {
  const auto times = passages(test::chain({test::pooling({4, 4, 1, 1}, 2, 2)}));
  EXPECT_EQ(times[0].first_cycle, 5 + 1);
  EXPECT_EQ(times[0].last_cycle, 15 + 1);
}

TEST(Passages, OfInnerProductsEndWithTheirSums) {
  const auto times =
      passages(test::chain({test::layer_of({1, 1, 1, 10}, InnerProduct{.filters = 4})}));
  EXPECT_EQ(times[0].first_cycle, 10 * 4 - 3);
  EXPECT_EQ(times[0].last_cycle, 10 * 4);
}

// Alone, with a word a clock, both are known to the cycle.
TEST(Passages, OfPixelShiftsAreThoseOfTheirWords) {
  for (const FeatureMap& map : {FeatureMap{1, 1, 1, 3}, FeatureMap{4, 5, 1, 2}}) {
    const Graph graph = test::chain({test::layer_of(map, PixelShift{})});
    const test::Cycles words = test::simulated(graph)[0];
    const Passage passage = passages(graph)[0];
    EXPECT_EQ(passage.first_cycle, words.front());
    EXPECT_EQ(passage.last_cycle, words.back());
  }
}

// Seeds are fixed: these are always the same 2000 chains.
TEST(Passages, AreNeitherTooEarlyNorMuchTooLate) {
  for (std::uint64_t seed = 0; seed < 2000; ++seed) {
    SCOPED_TRACE(seed);
    Rng rng(seed);
    const Graph graph = test::random_chain(rng);
    const auto times = passages(graph);
    const double last = test::simulated(graph).back().back();
    ASSERT_GE(times.back().last_cycle, last);
    ASSERT_LE(times.back().last_cycle, 1.25 * last);
    for (const Passage& each : times) ASSERT_GE(each.last_cycle, each.first_cycle);
  }
}

// The words of the short branch come from cycle 1 to 64. The windows of the other need a row, a
// word and two zeros more: from 13 on, and until 90, since zeros take 26 clocks.
TEST(BufferDepths, KeepWhatAResidualBlockWaitsFor) {
  Graph graph =
      test::residual({8, 8, 1, 1}, {test::convolution({8, 8, 1, 1}, 1, 3, 1, 1, {.fine = 9})});
  const auto times = passages(graph);
  EXPECT_EQ(times[0], (Passage{1, 64, 0}));
  EXPECT_EQ(times[1].first_cycle, 13);
  EXPECT_EQ(times[1].last_cycle, 90);
  set_buffer_depths(graph, Rules::Sluice);
  // 64·(1 − (64 − 13)/(90 − 13)) = 21.6 words, and 16 of slack.
  EXPECT_EQ(graph[2].layer.inputs[0].buffer_depth, 38);
  EXPECT_EQ(graph[2].layer.inputs[1].buffer_depth, 16);
}

TEST(BufferDepths, AreTheSlackAloneForEqualBranches) {
  Graph graph;
  const FeatureMap map{6, 6, 1, 4};
  const NodeId parting = test::add(graph, test::split(map));
  const Layer conv = test::convolution(map, 4, 3, 1);
  const NodeId a = test::add(graph, conv, std::array{parting});
  const NodeId b = test::add(graph, conv, std::array{parting});
  const NodeId join = test::add(graph, test::join(map), std::array{a, b});
  set_buffer_depths(graph, Rules::Sluice);
  for (const Port& port : graph[join].layer.inputs) EXPECT_EQ(port.buffer_depth, 16);
}

std::vector<Layer> random_branch(Rng& rng, const FeatureMap& map) {
  std::vector<Layer> result;
  for (std::int64_t i = rng.integer(1, 3); i > 0; --i) {
    const std::int64_t kernel = 1 + 2 * rng.integer(0, 2);
    Layer layer = test::convolution(map, map.channels, kernel, kernel / 2);
    if (rng.below(2) == 0) layer.as<Convolution>()->groups = map.channels;
    layer.folding.fine = test::one_of(rng, folding_values(layer).fine);
    result.push_back(rng.below(4) == 0 ? test::relu(map) : layer);
  }
  return result;
}

// The most words of a branch that have come when the join takes one, without that one.
std::int64_t most_waiting(const test::Cycles& branch, const test::Cycles& taken) {
  std::int64_t result = 0;
  for (std::size_t i = 0; i < taken.size(); ++i) {
    const auto come = std::ranges::lower_bound(branch, taken[i]) - branch.begin();
    result = std::max(result, come - static_cast<std::int64_t>(i));
  }
  return result;
}

TEST(BufferDepths, AreEnoughForRandomResidualBlocks) {
  for (std::uint64_t seed = 0; seed < 500; ++seed) {
    SCOPED_TRACE(seed);
    Rng rng(seed);
    const std::int64_t size = rng.integer(6, 16);
    const FeatureMap map{size, size, 1, test::one_of<std::int64_t>(rng, {1, 2, 4})};
    Graph graph = test::residual(map, random_branch(rng, map));
    set_buffer_depths(graph, Rules::Sluice);
    const auto words = test::simulated(graph);
    ASSERT_GE(passages(graph).back().last_cycle, words.back().back());
    const auto& before = graph.nodes().back().predecessors;
    test::Cycles taken = words[before[0]];
    for (std::size_t i = 0; i < taken.size(); ++i)
      taken[i] = std::max(taken[i], words[before[1]][i]);
    for (std::size_t p = 0; p < 2; ++p) {
      const std::int64_t depth = graph.nodes().back().layer.inputs[p].buffer_depth;
      ASSERT_GE(depth, 2);
      ASSERT_GE(depth, most_waiting(words[before[p]], taken));
    }
  }
}

// Ports are in the order of names, operands in that of the network: "z" comes first to the concat.
TEST(BufferDepths, AreOfTheWordsThatComeToEachPort) {
  const FeatureMap map{8, 8, 1, 4};
  Graph graph;
  const auto add = [&](std::string name, Layer layer, const std::vector<NodeId>& from) {
    const NodeId id = graph.add({std::move(name), std::move(layer), {}, {}, {}});
    for (const NodeId each : from) graph.connect(each, id);
    return id;
  };
  Layer split{.map = map, .operation = Split{}};
  split.outputs.resize(2);
  const NodeId s = add("s", split, {});
  // Half of its words wait until the first of the other branch come.
  const NodeId z = add("z", {.map = map, .operation = Elementwise{}}, {s});
  Layer slow{.map = map};
  slow.operation = Convolution{.filters = 2, .kernel = {7, 7}, .padding = {3, 3, 3, 3}};
  const NodeId a = add("a", slow, {s});
  Layer concat{.map = map, .operation = Concat{{4, 2}}};
  concat.inputs.resize(2);
  const NodeId c = add("c", concat, {z, a});
  set_buffer_depths(graph, Rules::Sluice);
  EXPECT_EQ(graph.inputs_of(c), (std::vector<NodeId>{a, z}));
  const auto& inputs = graph[c].layer.inputs;
  EXPECT_LT(inputs[0].buffer_depth, inputs[1].buffer_depth);
  EXPECT_GT(inputs[1].buffer_depth, 3 * 8 * 4);
}

}  // namespace
}  // namespace sluice::hw
