// SPDX-License-Identifier: Apache-2.0
#include <functional>
#include <gmock/gmock.h>

#include "tests/hw/designs.hpp"

namespace sluice::hw {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

TEST(Apply, MakesPartitionsOfTheNetwork) {
  const auto made = apply(test::two_partitions(), test::four_layers());
  ASSERT_TRUE(made) << made.error().text();
  ASSERT_EQ(made->partitions.size(), 2U);
  EXPECT_EQ(made->batch_size, 16);
  EXPECT_EQ(made->graph.size(), 4U);
  const Partition& first = made->partitions[0];
  ASSERT_EQ(first.graph.size(), 2U);
  EXPECT_EQ(first.graph[0].layer.folding, (Folding{.coarse_out = 2, .fine = 9}));
  EXPECT_THAT(first.graph[0].successors, ElementsAre(1U));
  EXPECT_TRUE(first.graph[1].successors.empty());
  EXPECT_EQ(first.reloading_layer, "conv");
  EXPECT_EQ(first.reloading_factor, 2);
  EXPECT_THAT(first.streams_in, ElementsAre(4));
  EXPECT_EQ(made->partitions[1].slow_down_factor, 1.25);
}

TEST(Apply, IsUndoneByDesignOf) {
  const Design design = test::two_partitions();
  const auto made = apply(design, test::four_layers());
  ASSERT_TRUE(made) << made.error().text();
  EXPECT_EQ(design_of(*made, design), design);
}

TEST(Apply, RefusesWhatIsNoDesignOfTheNetwork) {
  using Change = std::function<void(Design&)>;
  const auto expect = [](const Change& change, const char* message) {
    Design design = test::two_partitions();
    change(design);
    const auto made = apply(design, test::four_layers());
    ASSERT_FALSE(made) << message;
    EXPECT_EQ(made.error().code, ErrorCode::InvalidArgument);
    EXPECT_THAT(made.error().text(), HasSubstr(message));
  };
  expect([](Design& d) { d.partitions[0].layers[0].name = "cnv"; },
         "/partitions/0/layers/0/name: the network has no layer \"cnv\" (did you mean \"conv\"?)");
  expect([](Design& d) { d.partitions[1].layers[0].name = "conv"; },
         "/partitions/1/layers/0/name: layer \"conv\" is in /partitions/0/layers/0 already");
  expect([](Design& d) { d.partitions[0].layers.pop_back(); },
         "/partitions: lack layer \"relu\" of the network");
  expect([](Design& d) { d.partitions[0].layers.clear(); }, "/partitions/0/layers: has no layers");
  expect([](Design& d) { std::swap(d.partitions[0], d.partitions[1]); },
         "layer \"pool\" reads \"relu\", which is in a later partition: 1");
  expect([](Design& d) { d.partitions[0].layers[0].folding.coarse_out = 3; },
         "/partitions/0/layers/0/folding/coarse_out: coarse_out is 3; feasible: 1, 2, 4");
  expect([](Design& d) { d.partitions[0].layers[0].weight_blocks_off_chip = 900; },
         "/partitions/0/layers/0/weights/blocks_off_chip: 900 memory blocks");
  expect([](Design& d) { d.partitions[0].layers[1].inputs_off_chip.clear(); },
         "/partitions/0/layers/1/inputs_off_chip: has 0 values, the layer has 1 port");
  expect([](Design& d) { d.partitions[0].reloading_layer = "gemm"; },
         "/partitions/0/reloading/layer: layer \"gemm\" is not in the partition");
  expect([](Design& d) { d.partitions[0].reloading_factor = 3; },
         "/partitions/0/reloading/factor: factor is 3; feasible: 1, 2, 4");
  expect([](Design& d) { d.partitions[1].reloading_factor = 2; }, "must be 1 without a layer");
  expect([](Design& d) { d.partitions[0].streams_in = {3}; },
         "/partitions/0/streams_in/0: 3 streams do not divide the 4 channels of \"conv\"");
  expect(
      [](Design& d) {
        d.partitions[0].streams_out = {1, 1};
      },
      "/partitions/0/streams_out: has 2 values, the partition has 1 such layer");
}

TEST(DesignOf, LeavesOutWhatIsDerived) {
  const Design design = test::two_partitions();
  auto made = apply(design, test::four_layers());
  ASSERT_TRUE(made) << made.error().text();
  Graph& graph = made->partitions[0].graph;
  Node squeeze{"conv_squeeze_relu", graph[0].layer, graph[0].source, {}, {}};
  squeeze.layer.operation = Regroup{};
  const NodeId id = graph.add(squeeze);
  graph.disconnect(0, 1);
  graph.connect(0, id);
  graph.connect(id, 1);
  EXPECT_EQ(design_of(*made, design), design);
}

// The outputs of two layers; a regrouping after one of them has a name that sorts elsewhere.
TEST(DesignOf, HasStreamsInTheOrderOfLayers) {
  test::GraphMaker make;
  const NodeId a = make.add("a", Elementwise{}, {}, {2, 2});
  make.add("b", Elementwise{}, {});
  HardwareNetwork network;
  network.graph = make.graph();
  const NodeId squeeze = make.add("squeeze_a", Regroup{}, {a}, {2, 4});
  network.partitions.resize(1);
  network.partitions[0].graph = make.graph();
  network.partitions[0].streams_in = {2, 1};
  network.partitions[0].streams_out = {1, 4};  // b, squeeze_a
  ASSERT_EQ(network.partitions[0].graph.output_nodes().back(), squeeze);
  EXPECT_THAT(design_of(network, {}).partitions[0].streams_out, ElementsAre(4, 1));
}

}  // namespace
}  // namespace sluice::hw
