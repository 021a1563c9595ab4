// SPDX-License-Identifier: Apache-2.0
// That these are the cycles of the hardware is tested in tests/conformance/rtl_cycles_test.cpp.
#include "sluice/hw/layers/flow.hpp"

#include <gtest/gtest.h>

#include "tests/hw/sample_layers.hpp"
#include "tests/hw/word_simulation.hpp"

namespace sluice::hw {
namespace {

constexpr FeatureMap kSmallMap{2, 3, 1, 4};
constexpr double kJoin = stages::kFifo + stages::kAdd;

Flow alone(const Layer& layer, std::size_t port = 0) {
  std::vector<Flow> inputs;
  inputs.reserve(layer.inputs.size());
  for (std::size_t i = 0; i < layer.inputs.size(); ++i) inputs.push_back(steady_flow(layer, i));
  return flow_through(layer, inputs, port);
}

Layer in_streams(Operation operation, std::int64_t in, std::int64_t out) {
  return test::layer_of(kSmallMap, std::move(operation), {.coarse_in = in, .coarse_out = out});
}

TEST(SteadyFlow, IsAWordACycle) {
  const Flow flow = steady_flow(test::relu(kSmallMap, 2));
  EXPECT_EQ(flow.words, 2);
  EXPECT_EQ(flow.pixels[1], (PixelTimes{2, 3}));
  EXPECT_EQ(flow.last_cycle(), 11);
}

TEST(Flow, GoesEvenlyWithinAPixel) {
  const Flow flow{.words = 3, .pixels = {{10, 14}}};
  EXPECT_EQ(flow.gap_cycles(0), 2);
  EXPECT_EQ(flow.at(0, 1), 12);
}

TEST(AsPixels, KeepsWordsWhereTheyAre) {
  const Flow flow = steady_flow(test::relu(kSmallMap));
  const Flow other = as_pixels(flow, 8);
  EXPECT_EQ(other.words, 3);
  EXPECT_EQ(other.pixels[1], (PixelTimes{3, 5}));
  EXPECT_EQ(as_pixels(other, 6), flow);
}

TEST(Delayed, MovesAllWords) {
  EXPECT_EQ(delayed({.words = 2, .pixels = {{0, 1}}}, 5), (Flow{.words = 2, .pixels = {{5, 6}}}));
}

TEST(FlowThrough, ClampsIsACycle) {
  EXPECT_EQ(alone(test::relu(kSmallMap)).pixels[0], (PixelTimes{1, 4}));
}

TEST(FlowThrough, ClampsThatRescaleIsTheStagesOfRequantization) {
  Layer layer = test::relu(kSmallMap);
  layer.outputs[0].rescale = {Scaling::Line};
  EXPECT_EQ(alone(layer).pixels[0], (PixelTimes{stages::kRequantize, 3 + stages::kRequantize}));
}

TEST(FlowThrough, FunctionsIsACycle) {
  Layer layer = test::relu(kSmallMap);
  layer.outputs[0].rescale = {Scaling::Table};
  EXPECT_EQ(alone(layer).pixels[0], (PixelTimes{1, 4}));
}

TEST(FlowThrough, ThresholdsIsTwoCyclesABitOfTheCodes) {
  Layer layer = test::relu(kSmallMap);
  layer.outputs[0].rescale = {.by = Scaling::Thresholds, .threshold_steps = 8};
  EXPECT_EQ(alone(layer).pixels[0], (PixelTimes{16, 19}));
}

TEST(FlowThrough, ProductsIsACycleMoreThanSums) {
  Layer layer = test::join(kSmallMap);
  layer.as<Join>()->op = Eltwise::Mul;
  const std::vector<Flow> inputs(2, steady_flow(layer));
  EXPECT_EQ(flow_through(layer, inputs).pixels[0], (PixelTimes{2 + 2, 3 + 2 + 2}));
}

TEST(FlowThrough, JoinsRepeatsTheWordAChannel) {
  Layer layer = test::join(kSmallMap);
  layer.as<Join>()->broadcasts = true;
  const std::vector<Flow> inputs{steady_flow(layer, 0), delayed(steady_flow(layer, 1), 50)};
  ASSERT_EQ(inputs[1].pixels.size(), 1U);
  const Flow flow = flow_through(layer, inputs);
  const double first = 50 + kJoin + stages::kPingPong;
  EXPECT_EQ(flow.pixels[0], (PixelTimes{first, first + 3}));
  EXPECT_EQ(flow.pixels[1], (PixelTimes{first + 4, first + 7}));
}

TEST(FlowThrough, JoinsWaitsForTheLaterWord) {
  const Layer layer = test::join(kSmallMap);
  const std::vector<Flow> inputs{steady_flow(layer), delayed(steady_flow(layer), 10)};
  EXPECT_EQ(flow_through(layer, inputs).pixels[0], (PixelTimes{10 + kJoin, 13 + kJoin}));
  EXPECT_EQ(taken_by(layer, inputs)[0], inputs[1]);
}

TEST(FlowThrough, ConcatenationsTakesTheInputsInTurn) {
  Layer layer = in_streams(Concat{{4, 2}}, 1, 1);
  layer.inputs.resize(2);
  const std::vector<Flow> inputs{steady_flow(layer, 0), steady_flow(layer, 1)};
  const std::vector<Flow> taken = taken_by(layer, inputs);
  EXPECT_EQ(taken[0].pixels[1], (PixelTimes{6, 9}));
  EXPECT_EQ(taken[1].pixels[1], (PixelTimes{10, 11}));
  EXPECT_EQ(flow_through(layer, inputs).pixels[1], (PixelTimes{7, 12}));
}

TEST(FlowThrough, ConcatenationsTakesWordsThatChangeTheirScaleLater) {
  Layer layer = in_streams(Concat{{4, 2}}, 1, 1);
  layer.inputs.resize(2);
  layer.inputs[0].rescale = {Scaling::Line};
  const std::vector<Flow> inputs{steady_flow(layer, 0), steady_flow(layer, 1)};
  EXPECT_EQ(taken_by(layer, inputs)[0].pixels[0],
            (PixelTimes{stages::kRequantize, 3 + stages::kRequantize}));
}

TEST(FlowThrough, PartsOfChannelsHasTheWordsOfThePort) {
  Layer layer = in_streams(Chop{{1, 3}}, 1, 1);
  layer.outputs.resize(2);
  EXPECT_EQ(alone(layer, 0).pixels[1], (PixelTimes{5, 5}));
  EXPECT_EQ(alone(layer, 1).pixels[1], (PixelTimes{6, 8}));
}

TEST(FlowThrough, FewerStreamsTakesACycleAWord) {
  const Flow flow = alone(in_streams(Regroup{}, 4, 1));
  EXPECT_EQ(flow.pixels[0], (PixelTimes{1, 4}));
  EXPECT_EQ(flow.pixels[1], (PixelTimes{5, 8}));
}

TEST(FlowThrough, MoreStreamsWaitsForTheWordsOfOne) {
  const Flow flow = alone(in_streams(Regroup{}, 1, 4));
  EXPECT_EQ(flow.pixels[1], (PixelTimes{8, 8}));
}

TEST(FlowThrough, RepeatedRowsComesWithTheFirstAndAgain) {
  const Flow flow = alone(in_streams(Repeat{{2, 1}}, 1, 1));
  EXPECT_EQ(flow.pixels[0], (PixelTimes{2, 5}));
  EXPECT_EQ(flow.pixels[3], (PixelTimes{14, 17}));
  EXPECT_EQ(flow.last_cycle(), 2 + 4 * 12 - 1);
}

TEST(FlowThrough, ShufflesOfOneStreamWaitsForTheChannelOfTheLastGroup) {
  // Channels 0, 2, 1, 3: the third word goes second.
  EXPECT_EQ(alone(in_streams(Shuffle{2}, 1, 1)).pixels[0], (PixelTimes{2, 6}));
  EXPECT_EQ(alone(in_streams(Shuffle{2}, 2, 2)).pixels[0], (PixelTimes{3, 4}));
}

TEST(FlowThrough, WholeMapsEndsWithTheLastPixel) {
  const Flow flow = alone(in_streams(GlobalPooling{}, 1, 1));
  EXPECT_EQ(flow.pixels[0], (PixelTimes{20 + stages::kFrame + stages::kRequantize,
                                        23 + stages::kFrame + stages::kRequantize}));
}

TEST(FlowThrough, PaddingBeginsWithTheFirstWord) {
  const Flow flow = alone(test::layer_of({2, 2, 1, 1}, Padded{{.left = 1}}));
  // What is beside it is there with the first word; then there are words in every cycle.
  EXPECT_EQ(flow.first_cycle(), stages::kWindowTaps);
  EXPECT_EQ(flow.last_cycle(), stages::kWindowTaps + 5);
}

TEST(FlowThrough, PixelShiftsWaitsForTheRowBelow) {
  const Flow flow = alone(in_streams(PixelShift{}, 1, 1));
  EXPECT_EQ(flow.first_cycle(), (3 + 1) * 4 + 2);
}

TEST(FlowThrough, PixelShiftsOfOneRowWaitsForItsEnd) {
  const Flow flow = alone(test::layer_of({1, 5, 1, 4}, PixelShift{}));
  EXPECT_EQ(flow.first_cycle(), 19 + 2);
  EXPECT_EQ(flow.last_cycle(), 19 + 2 + 19);
}

TEST(FlowThrough, TransposedConvolutionsIsThatOfTheirWords) {
  for (std::uint64_t seed = 0; seed < 300; ++seed) {
    SCOPED_TRACE(seed);
    Rng rng(seed);
    const std::int64_t kernel = rng.integer(1, 4);
    Layer layer = test::convolution({rng.integer(4, 6), rng.integer(4, 6), 1, rng.integer(1, 3)}, 6,
                                    kernel, rng.integer(0, kernel / 2));
    layer.as<Convolution>()->spread = {rng.integer(1, 3), rng.integer(2, 3)};
    layer.folding.fine = test::one_of(rng, folding_values(layer).fine);
    layer.folding.coarse_out = test::one_of<std::int64_t>(rng, {1, 2, 3, 6});
    const Flow flow = alone(layer);
    const test::Cycles words = test::simulated(test::chain({layer}))[0];
    ASSERT_EQ(flow.pixels.size() * static_cast<std::size_t>(flow.words), words.size());
    for (std::size_t p = 0; p < flow.pixels.size(); ++p) {
      const std::size_t last = (p + 1) * static_cast<std::size_t>(flow.words) - 1;
      ASSERT_EQ(flow.pixels[p].last, words[last]) << p;
    }
  }
}

// To the cycle, of a layer alone, against its words one by one.
TEST(FlowThrough, LayersIsThatOfTheirWords) {
  for (std::uint64_t seed = 0; seed < 1000; ++seed) {
    SCOPED_TRACE(seed);
    Rng rng(seed);
    const std::int64_t size = rng.integer(6, 12);
    Layer layer =
        test::random_layer(rng, {size, size + 1, 1, test::one_of<std::int64_t>(rng, {1, 2, 4})});
    test::fold(rng, layer, test::one_of(rng, folding_values(layer).coarse_in));
    if (rng.below(2) == 0) layer.outputs[0].rescale = {Scaling::Line};
    const Flow flow = alone(layer);
    const test::Cycles words = test::simulated(test::chain({layer}))[0];
    ASSERT_EQ(flow.pixels.size() * static_cast<std::size_t>(flow.words), words.size());
    for (std::size_t p = 0; p < flow.pixels.size(); ++p) {
      const std::size_t first = p * static_cast<std::size_t>(flow.words);
      ASSERT_EQ(flow.pixels[p].first, words[first]) << p;
      ASSERT_EQ(flow.pixels[p].last, words[first + static_cast<std::size_t>(flow.words) - 1]) << p;
    }
  }
}

}  // namespace
}  // namespace sluice::hw
