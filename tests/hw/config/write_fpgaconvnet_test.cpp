// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>

#include "tests/hw/config/every_kind.hpp"

#include "sluice/hw/layers/weights.hpp"

namespace sluice::hw {
namespace {

using ::testing::HasSubstr;

TEST(WriteFpgaConvNet, IsReadBackTheSame) {
  const auto text = write_fpgaconvnet(test::network_of_every_kind());
  ASSERT_TRUE(text) << text.error().text();
  const auto read = read_fpgaconvnet(*parse_json(*text), nullptr);
  ASSERT_TRUE(read) << read.error().text();
  EXPECT_EQ(*write_fpgaconvnet(read->network), *text);
}

TEST(WriteFpgaConvNet, SaysWhereWeightsLie) {
  HardwareNetwork network;
  network.partitions.resize(1);
  test::GraphMaker make;
  make.add("conv", test::convolution(2048, 3), {});
  Layer& layer = make.layer(0);
  const std::int64_t blocks = weight_memory(layer).blocks;
  layer.weights.blocks_off_chip = blocks / 2;
  network.partitions[0].graph = make.graph();
  const Json file = *parse_json(*write_fpgaconvnet(network));
  const Json& parameters = file["partition"][0]["layers"][0]["parameters"];
  EXPECT_EQ(parameters["stream_weights"], blocks / 2);
  const WeightMemory memory = weight_memory(layer);
  EXPECT_EQ(parameters["off_chip_buffer_size"], memory.unit_depth);
  EXPECT_GT(parameters["off_chip_interval"], 0);
  EXPECT_LT(parameters["on_chip_addr_range"], memory.depth);
}

TEST(WriteFpgaConvNet, GivesRegroupingsTheRatiosOfTheirNeighbours) {
  HardwareNetwork network = test::network_of_every_kind();
  Graph& graph = network.partitions[0].graph;
  graph[0].source.inputs = {"image", "w", "b"};
  graph[0].layer.outputs[0].compression_ratio = 0.5;
  const NodeId add = *graph.find("add");
  const NodeId pool = *graph.find("pool");
  Node squeeze{"pool_squeeze_add", graph[pool].layer, graph[pool].source, {}, {}};
  squeeze.layer.operation = Regroup{};
  const NodeId id = graph.add(squeeze);
  graph.disconnect(pool, add);
  graph.connect(pool, id);
  graph.connect(id, add);
  Json file = *parse_json(*write_fpgaconvnet(network));
  const auto list = [&](const char* name, const char* key) {
    return test::layer_of(file, name)["parameters"][key].dump();
  };
  EXPECT_EQ(list("conv", "input_compression_ratio"), "[1.0,1.0,1.0]");
  EXPECT_EQ(list("conv_squeeze_relu", "input_compression_ratio"), "[0.5]");
  EXPECT_EQ(list("pool_squeeze_add", "output_compression_ratio"), "[1.0,1.0]");
}

TEST(WriteFpgaConvNet, EscapesWhatIsNotAscii) {
  HardwareNetwork network = test::network_of_every_kind();
  network.partitions[0].graph[0].source.weights = "gewicht_\xc3\xbc";
  EXPECT_THAT(*write_fpgaconvnet(network), HasSubstr("gewicht_\\u00fc"));
}

TEST(WriteFpgaConvNet, RefusesLayersWithoutAType) {
  HardwareNetwork network = test::network_of_every_kind();
  network.partitions[0].graph[2].layer.operation = Shuffle{};
  EXPECT_THAT(write_fpgaconvnet(network).error().text(), HasSubstr("layer \"relu\": "));
}

}  // namespace
}  // namespace sluice::hw
