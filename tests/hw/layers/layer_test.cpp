// SPDX-License-Identifier: Apache-2.0
#include "sluice/hw/layers/layer.hpp"

#include <cmath>
#include <gmock/gmock.h>
#include <sstream>

#include "tests/hw/layers/random_layers.hpp"
#include "tests/hw/unit_coefficients.hpp"

namespace sluice::hw {
namespace {

using ::testing::ElementsAre;

// ---- shapes and streams

Layer grouped_convolution() {
  Layer layer{.map = {8, 10, 1, 12}};
  layer.operation = Convolution{.filters = 24, .groups = 3, .kernel = {3, 3}};
  layer.folding = {.coarse_in = 2, .coarse_out = 4, .coarse_group = 3, .fine = 3};
  return layer;
}

TEST(Streams, OfAConvolutionAreThoseOfAllItsGroups) {
  EXPECT_EQ(streams_in(grouped_convolution()), 2 * 3);
  EXPECT_EQ(streams_out(grouped_convolution()), 4 * 3);
  Layer layer{.map = {8, 10, 1, 12}, .operation = Regroup{}, .folding = {2, 4, 3}};
  EXPECT_EQ(streams_in(layer), 2);
  EXPECT_EQ(streams_out(layer), 4);
}

TEST(StreamWords, ArePositionsByChannelsOfAStream) {
  const Layer layer = grouped_convolution();
  EXPECT_EQ(stream_words_in(layer), 8 * 10 * (12 / 6));
  EXPECT_EQ(stream_words_out(layer), 6 * 8 * (24 / 12));
}

TEST(StreamWords, LeaveOutChannelsThatDoNotFillAllStreams) {
  const Layer layer{.map = {2, 3, 1, 7}, .operation = Passing{}, .folding = {2, 2}};
  EXPECT_EQ(stream_words_in(layer), 2 * 3 * 3);  // ⌊7/2⌋
}

TEST(MapIn, OfAConcatHasThePortsChannels) {
  const Layer layer{.map = {2, 3, 1, 4}, .operation = Concat{{4, 8}}};
  EXPECT_EQ(map_in(layer, 0), (FeatureMap{2, 3, 1, 4}));
  EXPECT_EQ(map_in(layer, 1), (FeatureMap{2, 3, 1, 8}));
}

TEST(Latency, WithoutModulesIsAWordAClock) {
  const Layer layer{.map = {2, 3, 1, 8}, .operation = Passing{}, .folding = {2, 2}};
  EXPECT_EQ(latency_cycles(layer), 2 * 3 * 4);
  EXPECT_EQ(timing_of(layer).rate_in, 1);
}

TEST(PortRates, AddUpPortsAndKeepToWhatMemoryGives) {
  Layer layer{.map = {2, 3, 1, 8}, .operation = Join{}, .folding = {4, 4}};
  layer.inputs.resize(2);
  EXPECT_EQ(port_rates(layer).in, 4 + 4);
  EXPECT_EQ(port_rates(layer).out, 4);
  layer.inputs[1].words_per_cycle = 1.5;
  EXPECT_EQ(port_rates(layer).in, 4 + 1.5);
}

TEST(Resources, OfAJoinHaveTheFifosOfWaitingWords) {
  Layer layer{.map = {2, 3, 1, 8}, .operation = Join{}, .folding = {4, 4}};
  layer.inputs.resize(2);
  layer.inputs[0].buffer_depth = 2048;  // of 16 bits: two blocks of 1024 by 18
  layer.inputs[1].buffer_depth = 512;   // one
  const Coefficients by = test::uniform(0);
  EXPECT_EQ(resources_of(layer, by).bram18, (2 + 1) * 4);
  layer.inputs[0].is_off_chip = true;
  EXPECT_EQ(resources_of(layer, by).bram18, 1 * 4);
}

// ---- what is feasible

TEST(FoldingValues, OfAConvolutionDivideChannelsFiltersAndGroups) {
  const FoldingValues values = folding_values(grouped_convolution());
  EXPECT_THAT(values.coarse_in, ElementsAre(1, 2, 4));      // 12/3
  EXPECT_THAT(values.coarse_out, ElementsAre(1, 2, 4, 8));  // 24/3
  EXPECT_THAT(values.coarse_group, ElementsAre(1, 3));
  EXPECT_THAT(values.fine, ElementsAre(1, 3, 9));
  EXPECT_FALSE(values.is_coupled);
}

TEST(FoldingValues, OfASparseConvolutionHaveAnyNumberOfProducts) {
  Layer layer = grouped_convolution();
  layer.as<Convolution>()->kernel = {2, 2};
  layer.as<Convolution>()->sparsity = std::make_shared<Sparsity>();
  EXPECT_THAT(folding_values(layer).fine, ElementsAre(1, 2, 3, 4));
}

TEST(FoldingValues, OfAConcatDivideTheChannelsOfAllInputs) {
  const Layer layer{.map = {2, 3, 1, 8}, .operation = Concat{{8, 12}}};
  EXPECT_THAT(folding_values(layer).coarse_in, ElementsAre(1, 2, 4));
  EXPECT_TRUE(folding_values(layer).is_coupled);
}

TEST(FoldingValues, OfAChopDivideAllItsParts) {
  const Layer layer{.map = {2, 3, 1, 10}, .operation = Chop{{4, 6}}};
  EXPECT_THAT(folding_values(layer).coarse_in, ElementsAre(1, 2));
  // There those of the whole and of the first part.
  EXPECT_THAT(folding_values(layer, Rules::FpgaConvNet).coarse_in, ElementsAre(1, 2, 5, 10));
  EXPECT_THAT(folding_values(layer, Rules::FpgaConvNet).coarse_out, ElementsAre(1, 2, 4));
}

TEST(ReloadingValues, DivideTheFiltersOfAStream) {
  EXPECT_THAT(reloading_values(grouped_convolution()), ElementsAre(1, 2));  // 24/(3·4)
  Layer layer{.map = {1, 1, 1, 4}, .operation = InnerProduct{.filters = 12}};
  layer.folding.coarse_out = 3;
  EXPECT_THAT(reloading_values(layer), ElementsAre(1, 2, 4));
  EXPECT_THAT(reloading_values({.operation = Pooling{}}), ElementsAre(1));
}

// ---- properties of layers by chance

constexpr std::uint64_t kSeed = 20241105;
constexpr int kOfEachKind = 200;

std::string text_of(const Layer& layer) {
  std::ostringstream out;
  const auto& [rows, cols, depth, channels] = layer.map;
  const Folding& by = layer.folding;
  out << "kind " << layer.operation.index() << (layer.is_3d ? " 3-D " : " ") << rows << "×" << cols
      << "×" << depth << "×" << channels << " of " << layer.data.width_bits << " bits; coarse "
      << by.coarse_in << " " << by.coarse_out << " " << by.coarse_group << " fine " << by.fine;
  if (const auto* of = layer.as<Convolution>()) {
    out << "; filters " << of->filters << " groups " << of->groups << " kernel " << of->kernel.rows
        << "×" << of->kernel.cols << "×" << of->kernel.depth << " step " << of->step.rows << " "
        << of->step.cols << " padding " << of->padding.top << " " << of->padding.bottom << " "
        << of->padding.left << " " << of->padding.right << (of->sparsity ? " sparse" : "");
  }
  return out.str();
}

// The least that is more than a factor and a multiple of it; 0 if none is.
std::int64_t next_multiple(std::int64_t factor, const std::vector<std::int64_t>& values) {
  for (const std::int64_t value : values) {
    if (value > factor && value % factor == 0) return value;
  }
  return 0;
}

// The foldings that raise one factor to its next feasible multiple.
std::vector<Folding> raised(const Layer& layer) {
  const FoldingValues values = folding_values(layer);
  std::vector<Folding> result;
  const auto add = [&](std::int64_t Folding::*factor, const std::vector<std::int64_t>& feasible) {
    const std::int64_t next = next_multiple(layer.folding.*factor, feasible);
    if (next == 0) return;
    Folding by = layer.folding;
    by.*factor = next;
    if (values.is_coupled) by.coarse_in = by.coarse_out = next;
    result.push_back(by);
  };
  add(&Folding::coarse_in, values.coarse_in);
  add(&Folding::coarse_out, values.coarse_out);
  add(&Folding::coarse_group, values.coarse_group);
  add(&Folding::fine, values.fine);
  return result;
}

// By multiples only: three streams of eight channels are no gain over two.
TEST(MoreFolding, NeverTakesMoreCycles) {
  int compared = 0;
  test::for_random_layers(kSeed, kOfEachKind, [&](test::RandomLayers&, Layer& layer) {
    SCOPED_TRACE(text_of(layer));
    const double before = latency_cycles(layer);
    for (const Folding& by : raised(layer)) {
      Layer more = layer;
      more.folding = by;
      EXPECT_LE(latency_cycles(more), before) << text_of(more);
      ++compared;
    }
  });
  EXPECT_GT(compared, 1000);
}

// All that is feasible of a layer.
std::vector<Folding> all_foldings(const Layer& layer) {
  const FoldingValues values = folding_values(layer);
  std::vector<Folding> result;
  for (const std::int64_t in : values.coarse_in) {
    for (const std::int64_t out : values.coarse_out) {
      if (values.is_coupled && in != out) continue;
      for (const std::int64_t group : values.coarse_group) {
        for (const std::int64_t fine : values.fine) result.push_back({in, out, group, fine});
      }
    }
  }
  return result;
}

TEST(EveryFeasibleFolding, HasAFiniteLatencyAndTakesNoLessThanNothing) {
  const Coefficients by = test::uniform(1);
  test::for_random_layers(kSeed + 1, 20, [&](test::RandomLayers&, Layer& layer) {
    for (const Folding& each : all_foldings(layer)) {
      layer.folding = each;
      SCOPED_TRACE(text_of(layer));
      const LayerTiming timing = timing_of(layer);
      EXPECT_TRUE(std::isfinite(timing.latency_cycles));
      EXPECT_GT(timing.latency_cycles, 0);
      EXPECT_TRUE(timing.rate_in > 0 && timing.rate_in <= 1) << timing.rate_in;
      EXPECT_TRUE(timing.rate_out > 0 && timing.rate_out <= 1) << timing.rate_out;
      const Resources taken = resources_of(layer, by);
      for (const ResourceKind& kind : kResourceKinds) EXPECT_GE(taken.*kind.count, 0) << kind.name;
    }
  });
}

TEST(EveryFeasibleFolding, DealsOutAllWords) {
  test::for_random_layers(kSeed + 2, kOfEachKind, [&](test::RandomLayers&, Layer& layer) {
    SCOPED_TRACE(text_of(layer));
    for (std::size_t p = 0; p < layer.inputs.size(); ++p) {
      EXPECT_EQ(stream_words_in(layer, p) * streams_in(layer), map_in(layer, p).words());
    }
    for (std::size_t p = 0; p < layer.outputs.size(); ++p) {
      EXPECT_EQ(stream_words_out(layer, p) * streams_out(layer), map_out(layer, p).words());
    }
  });
}

TEST(EveryFeasibleFolding, ComputesTheSame) {
  test::for_random_layers(kSeed + 3, 20, [&](test::RandomLayers&, Layer& layer) {
    const double operations = operations_of(layer);
    for (const Folding& each : all_foldings(layer)) {
      layer.folding = each;
      EXPECT_EQ(operations_of(layer), operations) << text_of(layer);
    }
  });
}

// The widths that a layer has.
std::vector<std::int64_t*> widths_of(Layer& layer) {
  std::vector<std::int64_t*> result{&layer.data.width_bits};
  const auto add = [&](auto&... types) { (result.push_back(&types.width_bits), ...); };
  if (auto* conv = layer.as<Convolution>()) add(conv->output, conv->weight, conv->acc);
  if (auto* product = layer.as<InnerProduct>()) add(product->output, product->weight, product->acc);
  if (auto* pool = layer.as<GlobalPooling>()) add(pool->acc);
  if (auto* words = layer.as<Elementwise>()) add(words->output);
  if (auto* join = layer.as<Join>()) add(join->acc);
  return result;
}

// No block does the work of more than 16 arrays of LUTs: a FIFO of 1024 words of a bit, the most
// that stays in LUTs, has ⌈1024/64⌉ of them, and a memory of 32 words or fewer ⌈(w + 1)/16⌉, of
// which a block has two for its 36 bits.
constexpr double kMostLutsABlockReplaces = 16 * 8;

// Makes each of a layer's widths larger in turn; returns how often that took fewer LUTs.
int widen(test::RandomLayers& random, const Layer& layer, const Coefficients& by) {
  int fewer_luts = 0;
  const Resources before = resources_of(layer, by);
  Layer same = layer;
  for (std::size_t w = 0; w < widths_of(same).size(); ++w) {
    Layer wider = layer;
    *widths_of(wider)[w] += random.upto(12);
    const Resources after = resources_of(wider, by);
    const double new_blocks = after.bram18 - before.bram18;
    EXPECT_GE(new_blocks, 0) << w;
    EXPECT_GE(after.lut + kMostLutsABlockReplaces * new_blocks, before.lut) << w;
    EXPECT_GE(after.ff, before.ff) << w;
    EXPECT_GE(after.dsp, before.dsp) << w;
    EXPECT_GE(after.uram, before.uram) << w;
    fewer_luts += after.lut < before.lut ? 1 : 0;
  }
  return fewer_luts;
}

// One resource may fall: LUTs, where a buffer that was in them becomes too large and is put into
// block RAM.
TEST(WiderWords, TakeNoLessOfAnyResourceButLutsThatBlockRamsReplace) {
  int exchanged = 0;
  for (const Coefficients& by : {test::uniform(0), test::uniform(1), test::lut_memories()}) {
    test::for_random_layers(kSeed + 4, kOfEachKind, [&](test::RandomLayers& random, Layer& layer) {
      layer.weights.in_uram = random.upto(2) == 1;
      SCOPED_TRACE(text_of(layer));
      exchanged += widen(random, layer, by);
    });
  }
  EXPECT_GT(exchanged, 0);  // so that the exception is no idle one
}

}  // namespace
}  // namespace sluice::hw
