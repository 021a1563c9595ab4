// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <gtest/gtest.h>

#include "tests/hw/layers/module_of.hpp"
#include "tests/hw/unit_coefficients.hpp"

#include "sluice/hw/layers/layer.hpp"

namespace sluice::hw {
namespace {

// 24 words with six filters.
Layer inner_product(Folding by = {}) {
  Layer layer{.map = {2, 3, 1, 4}};
  layer.operation = InnerProduct{.filters = 6, .has_bias = true};
  layer.folding = by;
  return layer;
}

TEST(InnerProduct, WritesAWordAFilter) {
  EXPECT_EQ(map_out(inner_product()), (FeatureMap{1, 1, 1, 6}));
}

TEST(InnerProduct, TakesACycleAWordAndFilterOfAStream) {
  EXPECT_EQ(latency_cycles(inner_product()), 24 * 6);
  EXPECT_EQ(latency_cycles(inner_product({2, 3})), 24 / 2 * (6 / 3));
}

TEST(InnerProduct, WaitsForNoScalesThatItDoesNotHave) {
  // Products 24/4·1, the fork 6 positions of a channel: fpgaConvNet's passes all words once more.
  EXPECT_EQ(latency_cycles(inner_product({4, 6})), 6);
  EXPECT_EQ(latency_cycles(inner_product({4, 6}), Rules::FpgaConvNet), 24);
}

TEST(InnerProduct, CountsTheOperationsOfAllPositions) {
  EXPECT_EQ(operations_of(inner_product()), 2 * 24 * 6 + 6);
  EXPECT_EQ(operations_of(inner_product(), Rules::FpgaConvNet), 2 * 4 * 6 + 6);
}

TEST(InnerProduct, HasWholeDsps) {
  Layer layer = inner_product({1, 3});
  layer.data.width_bits = 8;
  layer.as<InnerProduct>()->weight.width_bits = 8;
  // Three products of 8 bits, two of which share a block.
  EXPECT_EQ(resources_of(layer, test::uniform(0)).dsp, 2);
  EXPECT_EQ(resources_of(layer, test::uniform(0), Rules::FpgaConvNet).dsp, 1.5);
}

TEST(InnerProduct, TakesADspAProduct) {
  EXPECT_EQ(resources_of(inner_product({2, 3}), test::uniform(0)).dsp, 2 * 3);
}

TEST(InnerProduct, ScalesByADspAStreamWithBlockFloatingPoint) {
  Layer layer = inner_product({2, 3});
  layer.as<InnerProduct>()->block_floating_point = true;
  EXPECT_EQ(resources_of(layer, test::uniform(0)).dsp, 2 * 3 + 3);
}

TEST(InnerProduct, KeepsItsWeightsSideBySide) {
  // 6·24/6 words of 6·16 bits: three blocks of 36 bits beside one another. Two biases of 3·32 bits
  // fit in LUTs.
  EXPECT_EQ(resources_of(inner_product({2, 3}), test::uniform(0)).bram18, 3);
}

TEST(InnerProduct, KeepsItsWeightsInUramWhereTheyArePlacedThere) {
  Layer layer = inner_product({2, 3});
  layer.weights.in_uram = true;
  const Resources resources = resources_of(layer, test::uniform(0));
  EXPECT_EQ(resources.bram18, 0);
  EXPECT_EQ(resources.uram, 2);  // 24 words of 96 bits by 72
}

TEST(InnerProduct, KeepsBiasesInBlocksOnceTheyAreMany) {
  Layer layer = inner_product({1, 2});
  layer.as<InnerProduct>()->filters = 64;
  // Biases: 32 words of 2·32 bits, two blocks. Weights: 64·24/2 = 768 words of 32 bits, two.
  EXPECT_EQ(resources_of(layer, test::uniform(0)).bram18, 2 + 2);
  layer.as<InnerProduct>()->has_bias = false;
  EXPECT_EQ(resources_of(layer, test::uniform(0)).bram18, 2);
}

TEST(InnerProduct, BuildsOnlyWhatIsNeeded) {
  const Chain one = chain_of(inner_product());
  EXPECT_EQ(test::module_of(one, "fork").copies, 0);
  EXPECT_EQ(test::module_of(one, "glue").copies, 0);
  EXPECT_EQ(test::module_of(one, "accum").copies, 1);
  const Chain many = chain_of(inner_product({2, 3}));
  EXPECT_EQ(test::module_of(many, "fork").copies, 1);
  EXPECT_EQ(test::module_of(many, "glue").copies, 1);
  Layer layer = inner_product({4, 1});
  layer.map = {1, 1, 1, 4};  // a word a product: there is nothing to sum
  EXPECT_EQ(test::module_of(chain_of(layer), "accum").copies, 0);
}

}  // namespace
}  // namespace sluice::hw
