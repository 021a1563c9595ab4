// SPDX-License-Identifier: Apache-2.0
#include "sluice/hw/config/feasible.hpp"

#include <gmock/gmock.h>

#include "tests/hw/config/every_kind.hpp"

namespace sluice::hw {
namespace {

using ::testing::HasSubstr;

Layer layer_of(Operation operation, FeatureMap map = {8, 8, 1, 6}) {
  Layer result;
  result.map = map;
  result.operation = std::move(operation);
  return result;
}

std::string fault_text(const std::optional<Infeasible>& fault) {
  return fault ? std::string(fault->field) + ": " + fault->message : "";
}

TEST(Shape, OfCommonLayersIsFeasible) {
  const Graph graph = test::graph_of_every_kind();
  for (const Node& node : graph.nodes()) {
    EXPECT_EQ(fault_text(infeasible_shape(node.layer)), "") << node.name;
    EXPECT_EQ(fault_text(infeasible_folding(node.layer, Rules::FpgaConvNet)), "") << node.name;
    EXPECT_EQ(fault_text(infeasible_weights(node.layer)), "") << node.name;
  }
}

TEST(Shape, HasNoWindowLargerThanTheMap) {
  Convolution conv = test::convolution(4, 3);
  conv.kernel.cols = 11;
  EXPECT_THAT(fault_text(infeasible_shape(layer_of(conv))),
              HasSubstr("kernel_cols: kernel_cols is 11"));
}

TEST(Shape, HasGroupsThatDivideChannelsAndFilters) {
  Convolution conv = test::convolution(4, 3);
  conv.groups = 4;
  EXPECT_THAT(fault_text(infeasible_shape(layer_of(conv))), HasSubstr("4 groups do not divide 6"));
}

TEST(Shape, HasNoMoreWordsThanAnyHardware) {
  constexpr std::int64_t kMany = 2147483647;
  const FeatureMap large{kMany, kMany, 1, kMany};
  EXPECT_THAT(fault_text(infeasible_shape(layer_of(Elementwise{}, large))), HasSubstr("words"));
  EXPECT_THAT(fault_text(infeasible_shape(layer_of(InnerProduct{.filters = kMany}, {1, 1, 1, 2}))),
              HasSubstr("weights"));
  Convolution conv = test::convolution(1048576, 3);
  EXPECT_THAT(fault_text(infeasible_shape(layer_of(conv, {65536, 65536, 1, 4}))),
              HasSubstr("products"));
  EXPECT_THAT(fault_text(infeasible_shape(layer_of(Repeat{{kMany, kMany, 1}, 1, 1}))),
              HasSubstr("words"));
  EXPECT_THAT(fault_text(infeasible_shape(layer_of(Concat{{kMany, kMany}}, {kMany, 1, 1, 2}))),
              HasSubstr("words"));
}

TEST(Shape, HasAsManySharesOfZerosAsChannels) {
  Convolution conv = test::convolution(4, 3);
  conv.sparsity = std::make_shared<const Sparsity>(Sparsity{{0.5}, false, true, 1});
  EXPECT_THAT(fault_text(infeasible_shape(layer_of(conv))),
              HasSubstr("6 channels of 10 are needed"));
  conv.sparsity =
      std::make_shared<const Sparsity>(Sparsity{std::vector<double>(6, 1.5), true, true, 1});
  EXPECT_THAT(fault_text(infeasible_shape(layer_of(conv))), HasSubstr("no share"));
}

TEST(Shape, HasPartsThatAreTheWhole) {
  EXPECT_THAT(fault_text(infeasible_shape(layer_of(Chop{{4, 4}}))), HasSubstr("parts of 4, 4"));
}

TEST(Folding, DividesAndOtherwiseSaysWhatWould) {
  Layer layer = layer_of(test::convolution(4, 3));
  layer.folding = {.coarse_in = 4};
  EXPECT_EQ(fault_text(infeasible_folding(layer, Rules::Sluice)),
            "coarse_in: coarse_in is 4; feasible: 1, 2, 3, 6");
  layer.folding = {.coarse_out = 3};
  EXPECT_THAT(fault_text(infeasible_folding(layer, Rules::Sluice)), HasSubstr("feasible: 1, 2, 4"));
  layer.folding = {.coarse_group = 2};
  EXPECT_THAT(fault_text(infeasible_folding(layer, Rules::Sluice)), HasSubstr("coarse_group is 2"));
  layer.folding = {.fine = 2};
  EXPECT_THAT(fault_text(infeasible_folding(layer, Rules::Sluice)), HasSubstr("feasible: 1, 3, 9"));
}

TEST(Folding, IsOneNumberWhereWordsKeepTheirStreams) {
  Layer layer = layer_of(Elementwise{});
  layer.folding = {.coarse_in = 2, .coarse_out = 3};
  EXPECT_THAT(fault_text(infeasible_folding(layer, Rules::Sluice)),
              HasSubstr("one number of streams"));
}

TEST(Folding, HasClustersOfStreams) {
  Convolution conv = test::convolution(4, 1);
  conv.sparsity =
      std::make_shared<const Sparsity>(Sparsity{std::vector<double>(6, 0.5), true, true, 2});
  EXPECT_THAT(fault_text(infeasible_folding(layer_of(conv), Rules::Sluice)),
              HasSubstr("2 clusters"));
}

TEST(Weights, AreOffChipInNoMoreBlocksThanThereAre) {
  Layer layer = layer_of(test::convolution(64, 3));
  layer.weights.blocks_off_chip = 99;
  EXPECT_THAT(fault_text(infeasible_weights(layer)), HasSubstr("99 memory blocks off chip"));
}

TEST(Reloading, DividesTheFilters) {
  const Layer layer = layer_of(test::convolution(6, 3));
  EXPECT_EQ(fault_text(infeasible_reloading(layer, 3)), "");
  EXPECT_THAT(fault_text(infeasible_reloading(layer, 4)), HasSubstr("feasible: 1, 2, 3, 6"));
}

}  // namespace
}  // namespace sluice::hw
