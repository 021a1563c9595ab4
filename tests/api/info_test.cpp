// SPDX-License-Identifier: Apache-2.0
#include "sluice/api/info.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace sluice::api {
namespace {

// x [1, 4, 8, 8] → conv 3×3 in 2 groups to 6 channels → relu; types as inference would set them.
ir::Graph small_graph() {
  ir::Graph graph;
  const ir::ValueId x = graph.add_input("x", DType::Float32, {1, 4, 8, 8});
  graph[x].type = ir::ValueType{DType::Float32, {1, 4, 8, 8}};
  const ir::ValueId w = graph.add_constant("w", Tensor(DType::Float32, {6, 2, 3, 3}));
  const ir::NodeId conv = graph.add_node("conv", ir::Conv{.group = 2}, {x, w});
  const ir::ValueId y = graph[conv].outputs[0];
  graph[y].type = ir::ValueType{DType::Float32, {1, 6, 6, 6}};
  const ir::NodeId relu = graph.add_node("relu\x1b[2J", ir::Relu{}, {y});
  graph[graph[relu].outputs[0]].type = graph[y].type;
  graph.outputs = graph[relu].outputs;
  return graph;
}

TEST(Info, ConvMacsCountTheGroupsChannelsOnly) {
  const ModelInfo result = info(small_graph());
  ASSERT_EQ(result.layers.size(), 2U);
  EXPECT_EQ(result.layers[0].macs, 6 * 6 * 6 * 2 * 3 * 3);
  EXPECT_EQ(result.layers[1].macs, 0);
  EXPECT_EQ(result.macs, result.layers[0].macs);
}

TEST(Info, ParametersAreConstantsCountedOnce) {
  ir::Graph graph = small_graph();
  EXPECT_EQ(info(graph).parameters, 6 * 2 * 3 * 3);
  EXPECT_EQ(info(graph).weight_bytes, 4 * 6 * 2 * 3 * 3);
  // A second reader of the same weights adds nothing.
  ir::Node again = graph.nodes[0];
  again.name = "again";
  again.outputs = {graph.add_value("z", graph.type(graph.nodes[0].outputs[0]))};
  graph.nodes.push_back(again);
  EXPECT_EQ(info(graph).parameters, 6 * 2 * 3 * 3);
}

TEST(Info, NamesFromTheFileReachTheTerminalEscaped) {
  EXPECT_EQ(to_text(info(small_graph())).find('\x1b'), std::string::npos);
}

TEST(Info, JsonCarriesTheSameNumbers) {
  const Json json = to_json(info(small_graph()));
  EXPECT_EQ(json["format"], "sluice.info/1");
  EXPECT_EQ(json["layers"][0]["output_shape"], (std::vector<int>{1, 6, 6, 6}));
  EXPECT_EQ(json["macs"], 6 * 6 * 6 * 2 * 3 * 3);
}

}  // namespace
}  // namespace sluice::api
