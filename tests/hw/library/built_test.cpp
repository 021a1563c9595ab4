// SPDX-License-Identifier: Apache-2.0
// That these are the modules which are emitted is tested in tests/rtl/emit_test.cpp.
#include "sluice/hw/library/built.hpp"

#include <gmock/gmock.h>
#include <nlohmann/json.hpp>

#include "tests/hw/sample_layers.hpp"
#include "tests/hw/unit_coefficients.hpp"

namespace sluice::hw::library {
namespace {

using testing::ElementsAre;

std::vector<std::string> names_of(const Layer& layer) {
  const auto built = built_of(layer);
  EXPECT_TRUE(built);
  std::vector<std::string> names;
  if (!built) return names;
  for (const Module& module : built->modules()) names.emplace_back(name_of(module));
  return names;
}

Layer folded(const Folding& by) {
  return test::convolution({16, 16, 1, 8}, 8, 3, 1, 1, by);
}

TEST(LibraryBuilt, WindowsFollowTheWordsThatAreMultipliedAtOnce) {
  EXPECT_THAT(names_of(folded({})), ElementsAre("sl_window_taps", "sl_dot", "sl_shift_round"));
  EXPECT_THAT(names_of(folded({.fine = 3})),
              ElementsAre("sl_window_taps", "sl_dot", "sl_shift_round"));
  EXPECT_THAT(names_of(folded({.coarse_out = 8, .fine = 9})),
              ElementsAre("sl_window_slide", "sl_dot", "sl_shift_round"));
  // Two filters in turn work on a window while the next ones are awaited, which a row begins with.
  EXPECT_THAT(names_of(folded({.coarse_out = 4, .fine = 9})),
              ElementsAre("sl_window_slide", "sl_fifo", "sl_dot", "sl_shift_round"));
  EXPECT_THAT(names_of(test::convolution({16, 16, 1, 8}, 8, 1)),
              ElementsAre("sl_dot", "sl_shift_round"));
}

TEST(LibraryBuilt, ScalesOfAnySizeTakeAMultiplier) {
  Layer layer = folded({});
  layer.outputs[0].rescale = {.by = Scaling::Line, .is_per_channel = true};
  EXPECT_THAT(names_of(layer), ElementsAre("sl_window_taps", "sl_dot", "sl_requantize"));
  Layer sum = test::join({4, 4, 1, 2});
  EXPECT_THAT(names_of(sum), ElementsAre("sl_add", "sl_shift_round"));
  sum.outputs[0].rescale = {Scaling::Line};
  EXPECT_THAT(names_of(sum), ElementsAre("sl_add", "sl_requantize"));
}

TEST(LibraryBuilt, CodesOnNoLineAreComparedABitAStep) {
  Layer layer = folded({.coarse_out = 2});
  layer.outputs[0].rescale = {.by = Scaling::Thresholds, .threshold_steps = 2};
  const auto built = built_of(layer);
  ASSERT_TRUE(built);
  ASSERT_EQ(built->modules().size(), 4U);
  const auto& first = std::get<Bisect>(built->modules()[2]);
  const auto& last = std::get<Bisect>(built->modules()[3]);
  EXPECT_EQ(first.depth, 4) << "each channel has thresholds of its own";
  EXPECT_EQ(first.is_last, 0);
  EXPECT_EQ(last.step, 1);
  EXPECT_EQ(last.is_last, 1);
}

TEST(LibraryBuilt, TransposedConvolutionsSpreadTheirWords) {
  Layer layer = folded({.coarse_in = 2});
  layer.as<Convolution>()->spread = {2, 2};
  EXPECT_THAT(names_of(layer),
              ElementsAre("sl_fifo", "sl_spread", "sl_window_taps", "sl_dot", "sl_shift_round"));
  const auto built = built_of(layer);
  ASSERT_TRUE(built);
  EXPECT_EQ(std::get<Fifo>(built->modules()[0]).depth, 16 * 4) << "a row";
  EXPECT_EQ(std::get<WindowTaps>(built->modules()[2]).rows, 31);
}

TEST(LibraryBuilt, FunctionsOfACodeAreTables) {
  Layer layer = test::layer_of({4, 4, 1, 2}, Elementwise{.function = Function::Sigmoid});
  layer.outputs[0].rescale = {Scaling::Table};
  EXPECT_FALSE(built_of(layer)) << "16 bits are too many";
  layer.data.width_bits = 8;
  EXPECT_THAT(names_of(layer), ElementsAre("sl_table"));
}

TEST(LibraryBuilt, ProductsRepeatAWordAChannel) {
  Layer product = test::join({4, 4, 1, 2});
  product.as<Join>()->op = Eltwise::Mul;
  EXPECT_THAT(names_of(product), ElementsAre("sl_mul", "sl_shift_round"));
  product.as<Join>()->broadcasts = true;
  EXPECT_THAT(names_of(product), ElementsAre("sl_repeat", "sl_mul", "sl_shift_round"));
}

TEST(LibraryBuilt, CodesThatMoveToAnotherScaleAreRequantized) {
  Layer maxima = test::layer_of({4, 4, 1, 2}, GlobalPooling{.reduction = Reduction::Max});
  EXPECT_THAT(names_of(maxima), ElementsAre("sl_frame_max"));
  maxima.outputs[0].rescale = {Scaling::Line};
  EXPECT_THAT(names_of(maxima), ElementsAre("sl_frame_max", "sl_requantize"));
  Layer channels = test::layer_of({4, 4, 1, 2}, hw::Concat{{2, 2}});
  channels.inputs.resize(2);
  channels.inputs[1].rescale = {Scaling::Line};
  EXPECT_THAT(names_of(channels), ElementsAre("sl_requantize", "sl_concat"));
}

TEST(LibraryBuilt, WordsWaitBeforeAJoinAndBehindABurst) {
  Layer sum = test::join({4, 4, 1, 2});
  sum.inputs[1].buffer_depth = 40;
  EXPECT_THAT(names_of(sum), ElementsAre("sl_add", "sl_shift_round", "sl_fifo"));
  Layer layer = folded({});
  layer.burst_depth = 8;
  EXPECT_THAT(names_of(layer),
              ElementsAre("sl_window_taps", "sl_dot", "sl_shift_round", "sl_fifo"));
}

TEST(LibraryBuilt, WhatIsNotEmittedHasNoModules) {
  Layer layer = folded({});
  layer.is_3d = true;
  EXPECT_FALSE(built_of(layer));
  layer = folded({});
  layer.as<Convolution>()->sparsity = std::make_shared<Sparsity>();
  EXPECT_FALSE(built_of(layer));
}

// Coefficients of 0 but one: LUTs of what has 1 as its last feature.
Coefficients one_lut_each() {
  Json document = test::uniform_document(7);
  for (std::size_t m = 0; m < kNumModules; ++m) {
    const Cost cost = cost_of(module_of_index(m));
    std::vector<double> lut(cost.lut.values().size(), 0);
    lut.back() = 1;
    document["library"][std::string(kModuleNames[m])] = {
        {"lut", lut}, {"ff", std::vector<double>(cost.ff.values().size(), 0)}};
  }
  auto result = Coefficients::parse(document);
  EXPECT_TRUE(result) << result.error().text();
  return *std::move(result);
}

TEST(LibraryBuilt, ALayerTakesWhatItsModulesDo) {
  const Coefficients by = one_lut_each();
  const Resources resources = hw::resources_of(folded({.coarse_out = 2, .fine = 3}), by);
  EXPECT_EQ(resources.lut, 3);
  EXPECT_EQ(resources.ff, 0);
  EXPECT_EQ(resources.dsp, 6) << "16 bits do not share";
}

TEST(LibraryBuilt, WeightsAreWhereTheLayerSays) {
  const Coefficients by = one_lut_each();
  Layer layer = test::convolution({16, 16, 1, 64}, 64, 3, 1);
  EXPECT_EQ(hw::resources_of(layer, by).uram, 0);
  const double blocks = hw::resources_of(layer, by).bram18;
  layer.weights.in_uram = true;
  EXPECT_GT(hw::resources_of(layer, by).uram, 0);
  EXPECT_LT(hw::resources_of(layer, by).bram18, blocks);
}

}  // namespace
}  // namespace sluice::hw::library
