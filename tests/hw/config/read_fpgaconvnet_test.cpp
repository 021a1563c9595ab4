// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>

#include "tests/hw/config/every_kind.hpp"

namespace sluice::hw {
namespace {

using ::testing::HasSubstr;

std::string config_error(const Json& file, const Graph* model = nullptr) {
  const auto result = read_fpgaconvnet(file, model);
  return result ? "" : result.error().text();
}

// The graph of the whole network: without what was inserted.
Graph model() {
  Graph graph = test::graph_of_every_kind();
  graph.remove(*graph.find("conv_squeeze_relu"));
  graph.connect(*graph.find("conv"), *graph.find("relu"));
  return graph;
}

TEST(ReadFpgaConvNet, FindsLayersInTheModel) {
  Graph graph = model();
  graph[0].source.inputs = {"image", "w", "b"};
  const auto read = read_fpgaconvnet(test::file_of_every_kind(), &graph);
  ASSERT_TRUE(read) << read.error().text();
  EXPECT_EQ(read->network.graph.size(), graph.size());
  const Graph& partition = read->network.partitions[0].graph;
  EXPECT_EQ(partition.size(), graph.size() + 1);
  EXPECT_EQ(partition[0].source.inputs[0], "image");
  EXPECT_THAT(read->notes, testing::ElementsAre(HasSubstr("\"conv\" is \"image\" in the model")));
}

TEST(ReadFpgaConvNet, ChecksLayersAgainstTheModel) {
  Json file = test::file_of_every_kind();
  Graph graph = model();
  graph[0].layer.map.rows = 9;
  EXPECT_THAT(config_error(file, &graph),
              HasSubstr("layer \"conv\" is 8x8x4 to 8x8x8, kernel 3x3, "
                        "stride 1x1, 1 group, the model's \"conv\" is 9x8"));
  graph = model();
  graph[1].layer.operation = Join{};
  EXPECT_THAT(config_error(file, &graph), HasSubstr("of another type than the model's \"relu\""));
  graph = model();
  graph[1].source.node = "Relu_1";
  EXPECT_THAT(config_error(file, &graph), HasSubstr("/onnx_node: the model has no node \"relu\""));
}

TEST(ReadFpgaConvNet, TellsReshapesFromRegroupingsAfterThem) {
  test::GraphMaker make;
  NodeId at = make.add("relu", Elementwise{}, {}, {1, 1});
  at = make.add("reshape", Passing{}, {at});
  Graph model = make.graph();
  at = make.add("reshape_squeeze", Regroup{}, {at}, {1, 2});
  make.graph()[at].source.node = "reshape";
  HardwareNetwork network;
  network.partitions.resize(1);
  network.partitions[0].graph = make.graph();
  const Json file = *parse_json(*write_fpgaconvnet(network));
  for (const Graph* of : std::initializer_list<const Graph*>{nullptr, &model}) {
    const auto read = read_fpgaconvnet(file, of);
    ASSERT_TRUE(read) << read.error().text();
    const Graph& graph = read->network.partitions[0].graph;
    EXPECT_NE(graph[1].layer.as<Passing>(), nullptr);
    EXPECT_NE(graph[2].layer.as<Regroup>(), nullptr);
  }
}

TEST(ReadFpgaConvNet, TakesStreamsAtTheEdgeFromRegroupingsThere) {
  test::GraphMaker make;
  const NodeId relu = make.add("relu", Elementwise{}, {}, {4, 4});
  const NodeId squeeze = make.add("squeeze_relu", Regroup{}, {relu}, {4, 2});
  make.graph()[squeeze].source.node = "relu";
  HardwareNetwork network;
  network.partitions.resize(1);
  network.partitions[0].graph = make.graph();
  const auto read = read_fpgaconvnet(*parse_json(*write_fpgaconvnet(network)), nullptr);
  ASSERT_TRUE(read) << read.error().text();
  EXPECT_EQ(read->network.partitions[0].streams_out, std::vector<std::int64_t>{2});
  EXPECT_EQ(read->network.partitions[0].streams_in, std::vector<std::int64_t>{1});
}

// A file with one value replaced, at a JSON pointer; `erase` takes the value out.
struct Corruption {
  const char* pointer;
  Json value;
  const char* message;
};
const Json kErase = "erase";

Json corrupted(const Json& file, const Corruption& by) {
  Json result = file;
  const Json::json_pointer at(by.pointer);
  if (by.value == kErase) {
    result[at.parent_pointer()].erase(at.back());
  } else {
    result[at] = by.value;
  }
  return result;
}

// The first layer is conv, the second conv_squeeze_relu, the third relu.
TEST(ReadFpgaConvNet, SaysWhatIsWrongAndWhere) {
  const Json file = test::file_of_every_kind();
  const std::vector<Corruption> corruptions{
      {"/partition", kErase, "lacks the key \"partition\""},
      {"/partition", Json::array(), "lacks the key \"partition\""},
      {"/partitions", 3, "did you mean \"partition\"?"},
      {"/partition/0/id", 1, "/partition/0/id: is 1, partitions are numbered"},
      {"/partition/0/input_node", "data", "did you mean \"input_nodes\"?"},
      {"/partition/0/input_nodes", {"a", "b"}, "has 2 names, the partition has 1"},
      {"/partition/0/batch_size", 0, "must be at least 1"},
      {"/partition/0/batch_size", 5, "is 1, the partition's is 5"},
      {"/partition/0/weights_reloading_layer", "nobody", "has no layer \"nobody\""},
      {"/partition/0/weights_reloading_layer", "relu", "has no weights"},
      {"/partition/0/weights_reloading_layer", "None", "must be 1 without"},
      {"/partition/0/weights_reloading_factor", 3, "factor is 3; feasible: 1, 2, 5, 10"},
      {"/partition/0/layers", Json::object(), "must be an array"},
      {"/partition/0/layers/0/name", "relu", "not a name of its own"},
      {"/partition/0/layers/0/name", "", "not a name of its own"},
      {"/partition/0/layers/0/type", kErase, "lacks the key \"type\""},
      {"/partition/0/layers/0/onnx_node", kErase, "lacks the key \"onnx_node\""},
      {"/partition/0/layers/0/parameters", kErase, "lacks the key \"parameters\""},
      {"/partition/0/layers/0/parameters/filters", -8, "must be at least 1"},
      {"/partition/0/layers/0/parameters/rows_in", kErase, "lacks the key \"rows_in\""},
      {"/partition/0/layers/0/parameters/rows_in", "8", "must be an integer"},
      {"/partition/0/layers/0/parameters/rows_in", 2147483647, "rows_out: is 8, the layer"},
      {"/partition/0/layers/0/parameters/coarse_out", 3, "feasible: 1, 2, 4, 8"},
      {"/partition/0/layers/0/streams_in/0/node", "pool", "streams go in a circle"},
      {"/partition/0/layers/2/streams_in/0/node", "cnv", "has no layer \"cnv\""},
      {"/partition/0/layers/2/streams_in/0/coarse", 7, "is 7, the layer has 1"},
      {"/partition/0/layers/2/streams_out/0/node", "conv", "are not the streams_in"},
      {"/partition/0/layers/2/streams_in/0/buffer_depth", -1, "must not be below 0"},
  };
  for (const Corruption& by : corruptions) {
    EXPECT_THAT(config_error(corrupted(file, by)), HasSubstr(by.message)) << by.pointer;
  }
}

TEST(ReadFpgaConvNet, RefusesASecondStreamBetweenLayers) {
  Json file = test::file_of_every_kind();
  Json& streams = test::layer_of(file, "add")["streams_in"];
  streams[1] = streams[0];
  EXPECT_THAT(config_error(file), HasSubstr("a second stream from \"pool\""));
}

void collect_leaves(const Json& value, const Json::json_pointer& at,
                    std::vector<Json::json_pointer>& leaves) {
  leaves.push_back(at);
  for (std::size_t i = 0; value.is_array() && i < value.size(); ++i) {
    collect_leaves(value[i], at / i, leaves);
  }
  if (!value.is_object()) return;
  for (const auto& [key, member] : value.items()) collect_leaves(member, at / key, leaves);
}

// Whatever one value is replaced by, the file is refused, or is one that can be written and read.
// Of all places and values every 16th pair is tried: each value comes to every place's neighbours.
TEST(ReadFpgaConvNet, SurvivesSingleCorruptions) {
  const Json file = test::file_of_every_kind();
  std::vector<Json::json_pointer> places;
  collect_leaves(file, Json::json_pointer(), places);
  const std::vector<Json> values{
      "x",           -7,          0,     1,    3,   40,      4096,
      1 << 30,       30000000000, 1e300, true, 0.5, nullptr, Json::array(),
      Json::object()};
  int refused = 0;
  int taken = 0;
  for (std::size_t i = 0; i < places.size() * values.size(); i += 16) {
    Json changed = file;
    const auto& place = places[i / values.size()];
    changed[place] = values[i % values.size()];
    const auto read = read_fpgaconvnet(changed, nullptr);
    ++(read ? taken : refused);
    if (!read) continue;
    const auto text = write_fpgaconvnet(read->network);
    ASSERT_TRUE(text) << place << changed[place] << text.error().text();
    const auto again = read_fpgaconvnet(*parse_json(*text), nullptr);
    EXPECT_TRUE(again) << place << changed[place] << again.error().text();
  }
  EXPECT_GT(refused, 5 * taken);
}

}  // namespace
}  // namespace sluice::hw
