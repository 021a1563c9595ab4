// SPDX-License-Identifier: Apache-2.0
#include "sluice/hw/buffers.hpp"

#include <gtest/gtest.h>

#include "tests/hw/sample_layers.hpp"
#include "tests/hw/word_simulation.hpp"

namespace sluice::hw {
namespace {

TEST(Flows, OfAChainOfReluAreAClockApart) {
  const auto times = flows(test::chain({test::relu({4, 4, 1, 2}), test::relu({4, 4, 1, 2})}));
  EXPECT_EQ(times[0][0].first_cycle(), 1);
  EXPECT_EQ(times[0][0].last_cycle(), 32);
  EXPECT_EQ(times[1][0].last_cycle(), 33);
}

// The sums of eight filters come at once, and a layer behind them takes a word in four cycles.
TEST(Flows, CountTheQueueOfWordsThatComeAtOnce) {
  const FeatureMap map{4, 4, 1, 4};
  const Layer conv = test::convolution(map, 8, 1);
  const Layer product = test::layer_of({4, 4, 1, 8}, InnerProduct{.filters = 4});
  EXPECT_EQ(burst_depth(test::chain({conv, product}), 0), 8);
  EXPECT_EQ(burst_depth(test::chain({conv, test::convolution({4, 4, 1, 8}, 1, 3)}), 0), 0);
  const auto queued = flows(test::chain({conv, product}));
  const auto direct = flows(test::chain({conv, test::convolution({4, 4, 1, 8}, 1, 3)}));
  EXPECT_EQ(queued[0][0], delayed(direct[0][0], 2));
}

// A whole window a cycle, but for the column of padding at the beginning of a row, in which a layer
// that takes four cycles a word goes on with four words.
TEST(BurstDepth, CoversTheColumnsThatEndNoWindow) {
  const FeatureMap map{4, 4, 1, 4};
  Layer depthwise = test::convolution(map, 4, 3, 1, 1, {.fine = 9});
  depthwise.as<Convolution>()->groups = 4;
  EXPECT_EQ(burst_depth(test::chain({depthwise, test::convolution(map, 4, 1)}), 0), 4 + 2);
  EXPECT_EQ(burst_depth(test::chain({depthwise, test::convolution(map, 4, 3)}), 0), 0);
  depthwise.folding.fine = 3;
  EXPECT_EQ(burst_depth(test::chain({depthwise, test::convolution(map, 4, 1)}), 0), 0);
}

TEST(PartDepth, IsAPixelsWordsOfThePart) {
  const Layer parts = test::layer_of({4, 4, 1, 6}, Chop{{2, 4}}, {.coarse_in = 2, .coarse_out = 2});
  EXPECT_EQ(part_depth(parts, 0), 1);
  EXPECT_EQ(part_depth(parts, 1), 2);
}

// A word that one reader takes in four cycles is copied for the others in as many.
TEST(Flows, OfCopiesGoAsTheSlowestReaderTakesThem) {
  const FeatureMap map{4, 4, 1, 4};
  Graph graph;
  const NodeId parting = test::add(graph, test::split(map));
  test::add(graph, test::relu(map), std::array{parting});
  test::add(graph, test::convolution(map, 4, 1), std::array{parting});
  const auto times = flows(graph);
  EXPECT_EQ(times[parting][0].first_cycle(), 1);
  EXPECT_EQ(times[parting][0].last_cycle(), 1 + 63 * 4);
}

TEST(Span, CountsFromTheWordThatIsTakenFirst) {
  EXPECT_EQ(span_cycles(test::chain({test::relu({4, 4, 1, 2})})), 33);
  // Six filters in turn: the first word stands for six cycles. Sums of one product take four
  // cycles more and two to codes; the last leaves with the last cycle's.
  const Layer product = test::layer_of({1, 1, 1, 10}, InnerProduct{.filters = 6});
  EXPECT_EQ(span_cycles(test::chain({product})), 60 - 5 + 4 + 2);
}

// Seeds are fixed: these are always the same 2000 chains.
TEST(Flows, OfChainsEndNearlyWithTheirWords) {
  for (std::uint64_t seed = 0; seed < 2000; ++seed) {
    SCOPED_TRACE(seed);
    Rng rng(seed);
    const Graph graph = test::random_chain(rng);
    const auto times = flows(graph);
    const auto words = test::simulated(graph);
    double queued = 0;  // which the words do not know
    for (NodeId id = 0; id < graph.size(); ++id) {
      queued += real(stages::fifo(burst_depth(graph, id)));
    }
    const double last = words.back().back() + queued;
    ASSERT_NEAR(times.back()[0].last_cycle(), last, std::max(0.03 * last, 4.0));
  }
}

// The words of the short branch come from cycle 1 to 64. Those of the other need a row and a word,
// the cycles of the windows, of nine products and of their codes; each row takes nine columns.
TEST(BufferDepths, KeepWhatAResidualBlockWaitsFor) {
  Graph graph =
      test::residual({8, 8, 1, 1}, {test::convolution({8, 8, 1, 1}, 1, 3, 1, 1, {.fine = 9})});
  const auto times = flows(graph);
  EXPECT_EQ(times[0][0].first_cycle(), 1);
  EXPECT_EQ(times[0][0].last_cycle(), 64);
  // Word 10 comes in cycle 10, to a window in four, to a sum in 4 + 4, to a code in two, and
  // through the queue for the columns that end none in two.
  EXPECT_EQ(times[1][0].first_cycle(), 10 + 4 + 8 + 2 + 2);
  EXPECT_EQ(times[1][0].last_cycle(), 26 + 7 + 7 * 9);
  set_buffer_depths(graph, Rules::Sluice);
  // In cycle 64 the last word of the short branch comes. That which is taken in cycle 26 + 4·9 + 2
  // is the 35th of the other: 64 − 34 wait, and 16 are slack.
  EXPECT_EQ(graph[2].layer.inputs[0].buffer_depth, 64 - 34 + 16);
  EXPECT_EQ(graph[2].layer.inputs[1].buffer_depth, 1 + 16);
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
  // A word is there before it is taken.
  for (const Port& port : graph[join].layer.inputs) EXPECT_EQ(port.buffer_depth, 1 + 16);
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
