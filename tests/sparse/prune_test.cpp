// SPDX-License-Identifier: Apache-2.0
#include "sluice/sparse/prune.hpp"

#include <gmock/gmock.h>

#include "tests/sparse/parsed.hpp"
#include "tests/support/net.hpp"
#include "tests/support/non_finite.hpp"

namespace sluice::sparse {
namespace {

using testing::Each;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

PruneReport checked(Result<PruneReport> report) {
  EXPECT_TRUE(report) << report.error().text();
  return report ? *std::move(report) : PruneReport{};
}

std::vector<std::int64_t> zeros_of(const PruneReport& report) {
  std::vector<std::int64_t> zeros;
  zeros.reserve(report.layers.size());
  for (const PrunedLayer& layer : report.layers) zeros.push_back(layer.zeros_after);
  return zeros;
}

// One matrix product with these weights, [inputs, 1].
ir::Graph column(const std::vector<float>& weights) {
  const auto size = static_cast<std::int64_t>(weights.size());
  test::Net net;
  const ir::ValueId w = net.constant(Tensor::from<float>({size, 1}, weights));
  ir::Graph graph = net.finish({net.add(ir::MatMul{}, {net.input({1, size}), w})});
  graph.nodes[0].name = "product";
  return graph;
}

std::vector<float> pruned_column(const std::vector<float>& weights, double sparsity) {
  ir::Graph graph = column(weights);
  checked(prune_to_sparsity(graph, {sparsity}));
  return elements(graph, "w");
}

TEST(PruneBelow, ZeroesWhatIsStrictlySmaller) {
  ir::Graph graph = column({0.5F, -0.5F, 0.49F, -0.49F, 0.51F, -2, 0});
  const PruneReport report = checked(prune_below(graph, {0.5F}));
  EXPECT_THAT(elements(graph, "w"), ElementsAre(0.5F, -0.5F, 0, 0, 0.51F, -2, 0));
  EXPECT_THAT(report.layers, ElementsAre(PrunedLayer{"product", {}, "MatMul", 7, 1, 3}));
}

TEST(PruneBelow, NeverTouchesBiases) {
  ir::Graph graph = parsed(kEveryLayer);
  const PruneReport report = checked(prune_below(graph, {1000.0F}));
  EXPECT_EQ(report.zeros_after(), report.weights());
  EXPECT_THAT(elements(graph, "w4"), Each(0));
  EXPECT_THAT(elements(graph, "b1"), ElementsAre(0.001F, -0.001F));
}

TEST(PruneBelow, TakesLayersOwnThresholds) {
  ir::Graph graph = parsed(kEveryLayer);
  const PruneReport report = checked(prune_below(graph, {0.35F, {{"conv", 0.65F}, {"gemm", 0}}}));
  EXPECT_THAT(elements(graph, "w1"), ElementsAre(0, 0, 0, 0, 0, 0, 0.7F, -0.8F));
  EXPECT_THAT(elements(graph, "w3"), ElementsAre(1, 0, 0, 0));
  EXPECT_THAT(zeros_of(report), ElementsAre(6, 1, 3, 0, 4));
  EXPECT_EQ(report.zeros_before(), 1);
}

TEST(PruneBelow, KeepsWhatIsNoNumber) {
  ir::Graph graph = column({test::kNan, 1, -test::kInfinity});
  EXPECT_EQ(checked(prune_below(graph, {100.0F})).zeros_after(), 1);
}

TEST(PruneBelow, NamesTheNearestLayer) {
  ir::Graph graph = parsed(kEveryLayer);
  EXPECT_THAT(error_text(prune_below(graph, {0, {{"cnv", 1.0F}}})),
              HasSubstr("no layer to prune \"cnv\" (did you mean \"conv\"?)"));
}

TEST(PruneBelow, RefusesThresholdsThatAreNone) {
  ir::Graph graph = parsed(kEveryLayer);
  for (const float threshold : {-0.5F, test::kNan, test::kInfinity}) {
    EXPECT_THAT(error_text(prune_below(graph, {threshold})),
                HasSubstr("a threshold of weights is a finite number of 0 or more"));
    EXPECT_THAT(error_text(prune_below(graph, {0, {{"conv", threshold}}})),
                HasSubstr("layer \"conv\": a threshold"));
  }
}

TEST(PruneBelow, PrunesSharedWeightsOnceByEitherName) {
  const std::string shared = R"(
    input %x: float32[1x2]
    const %w: float32[2x2] = [1, 2, 3, 4]
    %a = MatMul(%x, %w) "first"
    %y = MatMul(%a, %w) "second"
    output %y)";
  ir::Graph graph = parsed(shared);
  const PruneReport report = checked(prune_below(graph, {0, {{"second", 2.5F}}}));
  EXPECT_THAT(report.layers, ElementsAre(PrunedLayer{"first", {"second"}, "MatMul", 4, 0, 2}));
  graph = parsed(shared);
  EXPECT_THAT(error_text(prune_below(graph, {0, {{"first", 1.0F}, {"second", 2.5F}}})),
              HasSubstr("shares its weights with \"first\""));
  EXPECT_TRUE(prune_below(graph, {0, {{"first", 1.0F}, {"second", 1.0F}}}));
}

TEST(PruneBelow, RefusesALayerWhoseWeightsAreNotToBeChanged) {
  ir::Graph graph = parsed(R"(
    input %x: float32[1x1x2x2]
    input %v: float32[1x1x1x1]
    %y = Conv(%x, %v) "computed"
    output %y)");
  EXPECT_THAT(error_text(prune_below(graph, {0, {{"computed", 1.0F}}})),
              HasSubstr("layer \"computed\": cannot be pruned: its weights are computed"));
  EXPECT_THAT(checked(prune_below(graph, {1.0F})).left_alone, testing::SizeIs(1));
}

TEST(PruneBelow, LeavesCopiesOfTheNetworkAsTheyWere) {
  ir::Graph graph = parsed(kEveryLayer);
  const ir::Graph before = graph;
  checked(prune_below(graph, {1000.0F}));
  EXPECT_THAT(elements(before, "w5"), ElementsAre(0.01F, 0.02F, 0.03F, 0.04F));
}

TEST(PruneToSparsity, CountsExactly) {
  const std::vector<float> weights{5, -4, 3, -2, 1, 6, 7, 8, 9, 10};
  EXPECT_EQ(pruned_column(weights, 0), weights);
  EXPECT_THAT(pruned_column(weights, 0.3), ElementsAre(5, -4, 0, 0, 0, 6, 7, 8, 9, 10));
  EXPECT_THAT(pruned_column(weights, 0.34), ElementsAre(5, -4, 0, 0, 0, 6, 7, 8, 9, 10));
  EXPECT_THAT(pruned_column(weights, 1), Each(0));
}

TEST(PruneToSparsity, AmongEqualsTheFirstStay) {
  EXPECT_THAT(pruned_column({1, -1, 2, 1, -1}, 0.4), ElementsAre(1, -1, 2, 0, 0));
  EXPECT_THAT(pruned_column({1, -1, 2, 1, -1}, 0.6), ElementsAre(1, 0, 2, 0, 0));
}

TEST(PruneToSparsity, CountsTheZerosThatAreThere) {
  EXPECT_THAT(pruned_column({0, 3, 0, 2}, 0.5), ElementsAre(0, 3, 0, 2));
  EXPECT_THAT(pruned_column({0, 3, 0, 2}, 0.75), ElementsAre(0, 3, 0, 0));
}

TEST(PruneToSparsity, WhatIsNoNumberGoesLast) {
  const auto pruned = pruned_column({test::kNan, 1, 2, 3}, 0.75);
  EXPECT_TRUE(std::isnan(pruned[0]));
  EXPECT_EQ(pruned[3], 0);
}

TEST(PruneToSparsity, RanksAllLayersTogether) {
  ir::Graph graph = parsed(kEveryLayer);
  const PruneReport report = checked(prune_to_sparsity(graph, {0.25}));
  EXPECT_EQ(report.weights(), 50);
  EXPECT_EQ(report.zeros_after(), 13);  // 12.5, halves away from zero
  EXPECT_THAT(elements(graph, "w5"), Each(0));
  EXPECT_THAT(elements(graph, "w1"), ElementsAre(0, 0, 0, 0, 0, -0.6F, 0.7F, -0.8F));
}

TEST(PruneToSparsity, ALayersOwnPartIsCountedByItself) {
  ir::Graph graph = parsed(kEveryLayer);
  const PruneReport report = checked(prune_to_sparsity(graph, {0.5, {{"gemm", 0.25}}}));
  EXPECT_THAT(zeros_of(report), ElementsAre(2, 1, 2, 8, 4));  // 9 of the other 18
}

TEST(PruneToSparsity, OfEachLayerZeroesThatPartOfEach) {
  ir::Graph graph = parsed(kEveryLayer);
  for (const PrunedLayer& layer :
       checked(prune_to_sparsity(graph, {0.5}, SparsityScope::EachLayer)).layers) {
    EXPECT_EQ(layer.zeros_after * 2, layer.weights) << layer.name;
  }
}

TEST(PruneToSparsity, RefusesWhatIsNoPart) {
  ir::Graph graph = parsed(kEveryLayer);
  for (const double sparsity : {-0.1, 1.1, static_cast<double>(test::kNan)}) {
    EXPECT_THAT(error_text(prune_to_sparsity(graph, {sparsity})), HasSubstr("from 0 to 1"));
  }
}

TEST(ParsePattern, ReadsTwoNumbers) {
  EXPECT_EQ(*parse_pattern("2:4"), (Pattern{2, 4}));
  EXPECT_EQ(to_string(*parse_pattern("1:16")), "1:16");
}

TEST(ParsePattern, RefusesEverythingElse) {
  for (const char* text : {"", "2", "2:", ":4", "2:4:8", "a:4", "0:4", "-1:4", "2:4x", "2 :4"}) {
    EXPECT_THAT(error_text(parse_pattern(text)), HasSubstr("a pattern is N:M")) << text;
  }
  EXPECT_THAT(error_text(parse_pattern("5:4")), HasSubstr("N must not exceed M"));
}

TEST(PruneToPattern, KeepsTheLargestOfEachRunTheEarlierAmongEquals) {
  ir::Graph graph = column({1, -3, 2, 0.5F, 1, 1, -1, 1});
  checked(prune_to_pattern(graph, {{2, 4}}));
  EXPECT_THAT(elements(graph, "w"), ElementsAre(0, -3, 2, 0, 1, 1, 0, 0));
}

TEST(PruneToPattern, GoesAlongTheInputChannelsOfEachKind) {
  ir::Graph graph = parsed(R"(
    input %x: float32[1x2x1x2]
    const %w: float32[2x2x1x2] = [1, 4, 2, 3, 8, 5, 7, 6]
    const %t: float32[2x2x1x1] = [1, 4, 2, 3]
    %a = Conv(%x, %w) "conv"
    %b = ConvTranspose(%a, %t) "up"
    %f = Flatten(%b)
    const %g: float32[2x2] = [1, 2, 4, 3]
    %c = Gemm(%f, %g) {trans_b=true} "gemm"
    const %m: float32[2x2] = [1, 2, 4, 1]
    %y = MatMul(%c, %m) "matmul"
    output %y)");
  checked(prune_to_pattern(graph, {{1, 2}}));
  EXPECT_THAT(elements(graph, "w"), ElementsAre(0, 4, 2, 0, 8, 0, 0, 6));
  EXPECT_THAT(elements(graph, "t"), ElementsAre(0, 4, 2, 0));
  EXPECT_THAT(elements(graph, "g"), ElementsAre(0, 2, 4, 0));
  EXPECT_THAT(elements(graph, "m"), ElementsAre(0, 2, 4, 0));
}

// Every run of M counted by plain indexing on a larger convolution.
TEST(PruneToPattern, LeavesNOfEachMEverywhere) {
  test::Net net;
  const ir::ValueId w = net.weight({6, 8, 3, 3});
  ir::Graph graph =
      net.finish({net.add(ir::Conv{.window = {}, .group = 2}, {net.input({1, 16, 5, 5}), w})});
  checked(prune_to_pattern(graph, {{1, 4}}));
  const auto data = graph[w].constant->data<float>();
  for (std::size_t filter = 0; filter < 6; ++filter) {
    for (std::size_t place = 0; place < 9; ++place) {
      for (std::size_t run = 0; run < 2; ++run) {
        int kept = 0;
        for (std::size_t c = 0; c < 4; ++c) {
          kept += data[(filter * 8 + run * 4 + c) * 9 + place] != 0 ? 1 : 0;
        }
        EXPECT_EQ(kept, 1);
      }
    }
  }
}

TEST(PruneToPattern, RefusesALayerItDoesNotDivideAndChangesNothing) {
  ir::Graph graph = parsed(kEveryLayer);
  EXPECT_THAT(error_text(prune_to_pattern(graph, {{1, 4}})),
              HasSubstr("layer \"depthwise\": its sums go over 1 input channel, which 4 "
                        "does not divide; --skip"));
  EXPECT_THAT(elements(graph, "w1"), testing::Not(testing::Contains(0)));
}

TEST(PruneToPattern, LeavesSuchLayersAloneWhereAsked) {
  ir::Graph graph = parsed(kEveryLayer);
  const PruneReport report = checked(prune_to_pattern(graph, {{1, 4}}, Unfit::Skip));
  std::vector<std::string> done, left;
  for (const PrunedLayer& layer : report.layers) done.push_back(layer.name);
  for (const LeftAlone& layer : report.left_alone) left.push_back(layer.name);
  EXPECT_THAT(done, ElementsAre("conv", "gemm"));
  EXPECT_THAT(left, ElementsAre("depthwise", "up", "matmul"));
  EXPECT_THAT(elements(graph, "w2"), ElementsAre(0.05F, -3));
}

TEST(PruneToPattern, TakesLayersOwnPatterns) {
  ir::Graph graph = parsed(kEveryLayer);
  checked(prune_to_pattern(graph, {{1, 1}, {{"conv", {3, 4}}}}));
  EXPECT_THAT(elements(graph, "w1"), ElementsAre(0, -0.2F, 0.3F, -0.4F, 0, -0.6F, 0.7F, -0.8F));
  EXPECT_THAT(elements(graph, "w5"), ElementsAre(0.01F, 0.02F, 0.03F, 0.04F));
}

TEST(PruneToPattern, RefusesPatternsThatAreNone) {
  ir::Graph graph = parsed(kEveryLayer);
  for (const Pattern& pattern : {Pattern{0, 4}, Pattern{5, 4}, Pattern{-1, -1}}) {
    EXPECT_THAT(error_text(prune_to_pattern(graph, {pattern})), HasSubstr("N:M keeps"));
  }
}

TEST(PruneReport, OfANetworkWithoutLayersIsEmpty) {
  ir::Graph graph = parsed("input %x: float32[2]\n%y = Relu(%x)\noutput %y");
  const PruneReport report = checked(prune_to_sparsity(graph, {0.5}));
  EXPECT_THAT(report.layers, IsEmpty());
  EXPECT_EQ(report.weights(), 0);
}

}  // namespace
}  // namespace sluice::sparse
