// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <functional>
#include <gtest/gtest.h>

#include "tests/hw/layers/module_of.hpp"
#include "tests/hw/unit_coefficients.hpp"

#include "sluice/hw/layers/layer.hpp"

namespace sluice::hw {
namespace {

constexpr Padding kOne{.top = 1, .bottom = 1, .left = 1, .right = 1};

// The worked example of fpgaConvNet's configuration files: 4 channels to 8 on 8 by 8.
Layer convolution() {
  Layer layer{.map = {8, 8, 1, 4}};
  layer.operation = Convolution{.filters = 8,
                                .kernel = {3, 3},
                                .padding = kOne,
                                .has_bias = true,
                                .weight = {8, 7},
                                .acc = {30, 15}};
  layer.folding = {.coarse_out = 2, .fine = 3};
  return layer;
}

Layer changed(const std::function<void(Layer&, Convolution&)>& change) {
  Layer layer = convolution();
  change(layer, *layer.as<Convolution>());
  return layer;
}

double copies(const Layer& layer, std::string_view name, Rules rules = Rules::Sluice) {
  return test::module_of(chain_of(layer, rules), name).copies;
}

// ---- its shape

TEST(Convolution, HasAPositionAWindow) {
  EXPECT_EQ(map_out(convolution()), (FeatureMap{8, 8, 1, 8}));
  const Layer layer = changed([](Layer& of, Convolution& conv) {
    of.map.cols = 11;
    conv.step = {2, 3};
  });
  EXPECT_EQ(map_out(layer), (FeatureMap{4, 4, 1, 8}));  // (10 - 3)/2 + 1 and (13 - 3)/3 + 1
}

TEST(Convolution, OfSpreadWordsHasTheZerosBetween) {
  const Layer layer = changed([](Layer&, Convolution& conv) { conv.spread = {2, 2}; });
  EXPECT_EQ(map_out(layer), (FeatureMap{15, 15, 1, 8}));  // 7·2 + 1 words, padded by 2, less 2
}

TEST(Convolution, CountsTheOperationsOfAllFilters) {
  // Products and sums, and 8 biases, at 64 positions.
  EXPECT_EQ(operations_of(convolution()), 2 * 4 * 8 * 9 * 64 + 8 * 64);
  const Layer grouped = changed([](Layer&, Convolution& conv) {
    conv.groups = 2;
    conv.has_bias = false;
  });
  EXPECT_EQ(operations_of(grouped), 2 * 4 * 8 / 2 * 9 * 64);
}

// ---- its cycles

TEST(Convolution, TakesACycleAPartOfAWindowForEachFilterOfAStream) {
  EXPECT_EQ(latency_cycles(convolution()), 64 * (9 * 4 / 3) * (8 / 2));
}

TEST(Convolution, IsNoFasterThanItsWindowsAreRead) {
  const Layer layer = changed([](Layer& of, Convolution&) { of.folding = {1, 8, 1, 9}; });
  // Products 64·4·1; whole windows come from a sweep over the eight columns and the padding beside.
  EXPECT_EQ(latency_cycles(layer), 8 * 9 * 4);
}

TEST(Convolution, SpendsNoCyclesOnPadding) {
  const Layer layer = changed([](Layer& of, Convolution& conv) {
    conv.step = {2, 2};
    of.folding = {1, 8, 1, 9};
  });
  EXPECT_EQ(latency_cycles(layer), 8 * 8 * 4);  // the words that come
}

TEST(Convolution, OfGroupsSharesTheirChannels) {
  const Layer layer = changed([](Layer& of, Convolution& conv) {
    conv.groups = 4;
    of.folding = {1, 1, 2, 1};
  });
  // 9·4/2 words of two streams, each with the 8/4 filters of its group.
  EXPECT_EQ(latency_cycles(layer), 64 * 18 * 2);
}

TEST(Convolution, ReadsAsOftenAsItsProductsTakeWords) {
  const LayerTiming timing = timing_of(convolution());
  EXPECT_DOUBLE_EQ(timing.rate_in, 1.0 / 12);   // a word in three parts for four filters
  EXPECT_DOUBLE_EQ(timing.rate_out, 1.0 / 12);  // a sum of twelve products
}

TEST(Convolution, AddsUpTheDepthsOfItsModules) {
  // Two lines of 10 words and two words, of 4 channels; ⌊log2 3⌋ + 1; 12 sums of 4; a stream.
  EXPECT_EQ(timing_of(convolution()).pipeline_depth, 2 * 10 * 4 + 2 * 4 + 2 + 48 + 1);
}

// ---- what it takes

TEST(Convolution, TakesADspAProduct) {
  EXPECT_EQ(resources_of(convolution(), test::uniform(0)).dsp, 2 * 3);
}

TEST(Convolution, SharesDspsAmongNarrowProducts) {
  const auto dsp = [](std::int64_t bits) {
    const Layer layer = changed([&](Layer& of, Convolution& conv) {
      of.data.width_bits = bits;
      conv.weight.width_bits = 3;
      of.folding = {.coarse_out = 1, .fine = 9};
    });
    return resources_of(layer, test::uniform(0)).dsp;
  };
  EXPECT_EQ(dsp(9), 9);
  EXPECT_EQ(dsp(8), 5);  // ⌈9/2⌉
  EXPECT_EQ(dsp(4), 3);  // ⌈9/4⌉
}

TEST(Convolution, LooksAtTheWidthOfWeightsInThreeDimensionsToo) {
  const Layer layer = changed([](Layer& of, Convolution& conv) {
    of.is_3d = true;
    conv.weight.width_bits = 28;  // two blocks by 27 bits
  });
  EXPECT_EQ(resources_of(layer, test::uniform(0)).dsp, 6 * 2);
  EXPECT_EQ(resources_of(layer, test::uniform(0), Rules::FpgaConvNet).dsp, 6);
}

TEST(Convolution, KeepsLinesAndWeightsInBlocks) {
  // A line of 10·4 words of 2·16 bits: one. 8·4·9/6 = 48 weights of 6·8 bits: two. Biases, 4 words
  // of 60 bits: none.
  EXPECT_EQ(resources_of(convolution(), test::uniform(0)).bram18, 1 + 2);
}

TEST(Convolution, KeepsNoLinesWhereItsInputWaitsOutside) {
  const Layer layer = changed([](Layer& of, Convolution&) { of.inputs[0].is_off_chip = true; });
  EXPECT_EQ(resources_of(layer, test::uniform(0)).bram18, 2);
}

TEST(Convolution, KeepsItsWeightsInUramWhereTheyArePlacedThere) {
  const Layer layer = changed([](Layer& of, Convolution&) { of.weights.in_uram = true; });
  EXPECT_EQ(resources_of(layer, test::uniform(0)).bram18, 1);
  EXPECT_EQ(resources_of(layer, test::uniform(0)).uram, 1);  // 48 bits by 72
}

TEST(Convolution, KeepsBiasesInBlocksOnceTheyAreMany) {
  const auto bram18 = [](bool has_bias) {
    const Layer layer = changed([&](Layer&, Convolution& conv) {
      conv.filters = 64;
      conv.has_bias = has_bias;
    });
    return resources_of(layer, test::uniform(0)).bram18;
  };
  EXPECT_EQ(bram18(true) - bram18(false), 2);  // 32 words of 2·30 bits by 36
}

TEST(Convolution, ScalesByADspAStreamWithBlockFloatingPoint) {
  const Layer layer = changed([](Layer&, Convolution& conv) {
    conv.filters = 128;
    conv.block_floating_point = true;
    conv.has_bias = false;
  });
  Layer without = layer;
  without.as<Convolution>()->block_floating_point = false;
  const Resources more = resources_of(layer, test::uniform(0)) -=
      resources_of(without, test::uniform(0));
  EXPECT_EQ(more.dsp, 2);
  EXPECT_EQ(more.bram18, 2 * 2 * 1);  // factors and shifts of two streams: 64 words of 30 bits
}

// ---- what it is built of

TEST(Convolution, BuildsOnlyWhatIsNeeded) {
  const Layer one = changed([](Layer& of, Convolution& conv) {
    of.map.channels = 1;
    conv.kernel = {1, 1};
    of.folding = {};
  });
  for (const char* name : {"sliding_window", "squeeze", "fork", "accum", "glue", "shift_scale"}) {
    EXPECT_EQ(copies(one, name), 0) << name;
  }
  const Layer all = changed([](Layer& of, Convolution&) { of.folding = {2, 2, 1, 3}; });
  for (const char* name : {"sliding_window", "squeeze", "fork", "accum", "glue", "bias"}) {
    EXPECT_EQ(copies(all, name), 1) << name;
  }
}

TEST(Convolution, SumsThePartsOfAWindowOfOneChannel) {
  const auto layer = [](std::int64_t fine) {
    return changed([&](Layer& of, Convolution&) { of.folding = {.coarse_in = 4, .fine = fine}; });
  };
  EXPECT_EQ(copies(layer(3), "accum"), 1);  // three parts
  EXPECT_EQ(copies(layer(9), "accum"), 0);  // the whole window
  EXPECT_EQ(copies(layer(3), "accum", Rules::FpgaConvNet), 0);
}

TEST(Convolution, BuildsAModuleAStreamWhereZerosAreSkipped) {
  const Layer layer = changed([](Layer& of, Convolution& conv) {
    std::vector<double> values(40);
    for (std::size_t c = 0; c < 4; ++c) values[c * 10] = 1;
    conv.sparsity = std::make_shared<Sparsity>(Sparsity{.values = values});
    of.folding = {2, 2, 1, 3};
  });
  EXPECT_EQ(copies(layer, "sliding_window"), 2);
  EXPECT_EQ(copies(layer, "vector_dot"), 4);
  EXPECT_EQ(copies(layer, "glue"), 1);
  EXPECT_EQ(copies(layer, "bias"), 2);
  EXPECT_EQ(resources_of(layer, test::uniform(0)).dsp, 4 * 3);
}

}  // namespace
}  // namespace sluice::hw
