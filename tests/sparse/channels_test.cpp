// SPDX-License-Identifier: Apache-2.0
#include "sluice/sparse/channels.hpp"

#include <gmock/gmock.h>

#include "tests/sparse/channel_net.hpp"
#include "tests/sparse/parsed.hpp"

namespace sluice::sparse {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::SizeIs;

ChannelReport checked(Result<ChannelReport> report) {
  EXPECT_TRUE(report) << report.error().text();
  return report ? *std::move(report) : ChannelReport{};
}

// Two convolutions in a residual sum, one before the classifier, which makes the output.
const std::string kResidual = R"(
  input %x: float32[1x1x2x2]
  const %w1: float32[4x1x1x1] = [1, 2, 3, 4]
  %a = Conv(%x, %w1) "first"
  const %w2: float32[4x4x1x1] = [9, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0]
  %b = Conv(%a, %w2) "second"
  %c = Add(%a, %b) "sum"
  const %w3: float32[2x4x1x1] = [1, 1, 1, 1, -1, 1, 1, 2]
  %d = Conv(%c, %w3) "third"
  %e = Flatten(%d)
  const %w4: float32[8x3] = [1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1]
  %y = Gemm(%e, %w4) "classifier"
  output %y)";

TEST(PruneChannels, RemovesTheLeastOfEachGroup) {
  ir::Graph graph = parsed(kResidual);
  const ChannelReport report = checked(prune_channels(graph, {.parts = {0.5}}));
  // Norms 1+9, 2+1, 3+1, 4+1; and 4, 5.
  EXPECT_THAT(
      report.groups,
      ElementsAre(ChannelGroup{{"first", "second"}, 4, 2, ""}, ChannelGroup{{"third"}, 2, 1, ""},
                  ChannelGroup{{"classifier"}, 3, 3, "is an output of the network"}));
  EXPECT_THAT(report.layers, ElementsAre(ChannelLayer{"first", "Conv", 4, {1, 2}},
                                         ChannelLayer{"second", "Conv", 4, {1, 2}},
                                         ChannelLayer{"third", "Conv", 2, {0}},
                                         ChannelLayer{"classifier", "Gemm", 3, {}}));
  EXPECT_THAT(elements(graph, "w1"), ElementsAre(1, 4));
  EXPECT_THAT(elements(graph, "w2"), ElementsAre(9, 0, 1, 0));
  EXPECT_THAT(elements(graph, "w3"), ElementsAre(-1, 2));
  EXPECT_THAT(elements(graph, "w4"), SizeIs(12));
  EXPECT_EQ(report.parameters_before, 4 + 16 + 8 + 24);
  EXPECT_EQ(report.parameters_after, 2 + 4 + 2 + 12);
}

TEST(PruneChannels, AmongEqualsTheLaterGo) {
  ir::Graph graph = parsed(R"(
    input %x: float32[1x1x1x1]
    const %w: float32[4x1x1x1] = [1, -1, 1, 1]
    %a = Conv(%x, %w) "first"
    const %v: float32[1x4x1x1] = [1, 2, 3, 4]
    %y = Conv(%a, %v) "last"
    output %y)");
  checked(prune_channels(graph, {.parts = {0.5}}));
  EXPECT_THAT(elements(graph, "w"), ElementsAre(1, -1));
}

TEST(PruneChannels, KeepsOneAtLeast) {
  ir::Graph graph = parsed(kResidual);
  const ChannelReport report = checked(prune_channels(graph, {.parts = {0.99}}));
  EXPECT_EQ(report.groups[0].kept, 1);
  EXPECT_EQ(report.groups[1].kept, 1);
}

TEST(PruneChannels, KeepsMultiples) {
  ir::Graph graph = parsed(kResidual);
  const ChannelReport report = checked(prune_channels(graph, {.parts = {0.75}, .multiple = 2}));
  EXPECT_EQ(report.groups[0].kept, 2);
  EXPECT_EQ(report.groups[1].kept, 2);
}

TEST(PruneChannels, TakesAPartOfAGroupByAnyOfItsLayers) {
  ir::Graph graph = parsed(kResidual);
  const ChannelReport report = checked(prune_channels(graph, {.parts = {0, {{"second", 0.25}}}}));
  EXPECT_EQ(report.groups[0].kept, 3);
  EXPECT_EQ(report.groups[1].kept, 2);
}

TEST(PruneChannels, RefusesTwoPartsForOneGroup) {
  ir::Graph graph = parsed(kResidual);
  EXPECT_THAT(error_text(prune_channels(graph, {.parts = {0, {{"first", 0.5}, {"second", 0.25}}}})),
              HasSubstr("layer \"second\": its channels go together with those of \"first\""));
}

TEST(PruneChannels, RefusesAPartOfAGroupThatMustStay) {
  ir::Graph graph = parsed(kResidual);
  EXPECT_THAT(error_text(prune_channels(graph, {.parts = {0, {{"classifier", 0.5}}}})),
              HasSubstr("its channels must stay: is an output of the network"));
}

TEST(PruneChannels, NamesTheNearestLayer) {
  ir::Graph graph = parsed(kResidual);
  EXPECT_THAT(error_text(prune_channels(graph, {.parts = {0, {{"frist", 0.5}}}})),
              HasSubstr("no layer with channels \"frist\" (did you mean \"first\"?)"));
}

TEST(PruneChannels, RefusesPartsAndMultiplesThatAreNone) {
  ir::Graph graph = parsed(kResidual);
  for (const double part : {-0.1, 1.0, std::nan("")}) {
    EXPECT_THAT(error_text(prune_channels(graph, {.parts = {part}})),
                HasSubstr("from 0 to below 1"));
  }
  EXPECT_THAT(error_text(prune_channels(graph, {.parts = {0.5}, .multiple = 0})),
              HasSubstr("multiples of 1 or more, got 0"));
}

TEST(PruneChannels, RefusesQuantizedNetworksWithTheRemedy) {
  ir::Graph graph = parsed(kResidual);
  graph.values[0].quantization = numeric::Quantization{};
  EXPECT_THAT(error_text(prune_channels(graph, {.parts = {0.5}})), HasSubstr("then quantize that"));
}

// All of the least channels are in one part of a split, which keeps one.
TEST(PruneChannels, EmptiesNoPartOfASplit) {
  ir::Graph graph = parsed(R"(
    input %x: float32[1x1x1x1]
    const %w: float32[4x1x1x1] = [1, 1, 5, 6]
    %a = Conv(%x, %w) "first"
    const %sizes: int64[2] = [2, 2]
    %b, %c = Split(%a, %sizes) {axis=1}
    const %v: float32[1x2x1x1] = [1, 2]
    %y = Conv(%b, %v) "left"
    %z = Conv(%c, %v) "right"
    output %y
    output %z)");
  const ChannelReport report = checked(prune_channels(graph, {.parts = {0.5}}));
  EXPECT_THAT(report.layers[0].removed, ElementsAre(1, 2));
}

TEST(PruneChannels, LeavesNetworksWithoutAnythingToRemove) {
  ir::Graph graph = parsed("input %x: float32[1x2]\n%y = Relu(%x)\noutput %y");
  const ChannelReport report = checked(prune_channels(graph, {.parts = {0.5}}));
  EXPECT_THAT(report.groups, SizeIs(0));
}

// Filters that are zero have the least norm, and what nothing reads is not missed.
TEST(PruneChannels, WithoutChannelsThatAreZeroTheNetworkGivesTheSame) {
  for (std::uint32_t seed = 100; seed < 130; ++seed) {
    SCOPED_TRACE(seed);
    ir::Graph graph = ChannelNet(seed).make();
    const ChannelMap map = map_channels(graph);
    ir::Graph smaller = graph;
    const ChannelReport first = checked(prune_channels(smaller, {.parts = {0.4}}));
    std::vector<bool> removed(map.units.size());
    for (std::size_t u = 0; u < removed.size(); ++u) {
      for (const MadeChannel& made : map.units[u].made) {
        for (const ChannelLayer& layer : first.layers) {
          removed[u] = removed[u] || (layer.name == graph[made.node].name &&
                                      std::ranges::count(layer.removed, made.channel) > 0);
        }
      }
    }
    zero_units(graph, map, removed);
    smaller = graph;
    const ChannelReport second = checked(prune_channels(smaller, {.parts = {0.4}}));
    EXPECT_EQ(second.layers, first.layers);
    const auto inputs = test::random_inputs(graph);
    test::expect_near(test::reference_outputs(smaller, inputs),
                      test::reference_outputs(graph, inputs), 0);
  }
}

}  // namespace
}  // namespace sluice::sparse
