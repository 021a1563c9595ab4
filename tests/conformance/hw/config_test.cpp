// SPDX-License-Identifier: Apache-2.0
// fpgaConvNet's configuration files: those its program saved are written again as they were.
#include "tests/conformance/hw/expect_layer.hpp"

#include "sluice/hw/config/fpgaconvnet.hpp"

namespace sluice::hw {
namespace {

// The text of Python's json.dumps, indented by two.
std::string python_text(const Json& value) {
  return value.dump(2, ' ', true);
}

class Configurations : public HardwareGolden {
 protected:
  // The golden records of models, by the names of their files.
  std::vector<std::pair<std::string, Json>> records() const {
    std::vector<std::pair<std::string, Json>> result;
    for (const auto& entry : std::filesystem::directory_iterator(folder_)) {
      const bool is_model = entry.path().extension() == ".json" &&
                            entry.path().stem() != "functional";  // which has numbers JSON has not
      if (!is_model) continue;
      auto document = read_json(entry.path());
      EXPECT_TRUE(document) << entry.path();
      if (!document || !document->contains("saved_config")) continue;
      result.emplace_back(entry.path().stem().string(), *std::move(document));
    }
    return result;
  }
};

TEST_F(Configurations, ThatTheEarlierProgramSavedAreWrittenAsTheyWere) {
  int files = 0;
  int layers = 0;
  for (const auto& [name, record] : records()) {
    SCOPED_TRACE(name);
    const Json& saved = record["saved_config"];
    const auto read = read_fpgaconvnet(saved, nullptr);
    ASSERT_TRUE(read) << read.error().text();
    EXPECT_TRUE(read->notes.empty()) << read->notes.front();
    const auto text = write_fpgaconvnet(read->network);
    ASSERT_TRUE(text) << text.error().text();
    EXPECT_EQ(*text, python_text(saved));
    ++files;
    for (const Partition& partition : read->network.partitions) {
      layers += static_cast<int>(partition.graph.size());
    }
  }
  EXPECT_EQ(files, 21);
  EXPECT_EQ(layers, 538);
}

TEST_F(Configurations, SuchAsTheWorkedExampleAreWrittenAsTheyWere) {
  const auto document = read_json(folder_ / "example_config.json");
  ASSERT_TRUE(document) << document.error().text();
  const auto read = read_fpgaconvnet(*document, nullptr);
  ASSERT_TRUE(read) << read.error().text();
  const auto text = write_fpgaconvnet(read->network);
  ASSERT_TRUE(text) << text.error().text();
  const auto again = parse_json(*text);
  ASSERT_TRUE(again);
  // Its author had keys in an order of their own.
  EXPECT_EQ(nlohmann::json(*again), nlohmann::json(*document));
  EXPECT_EQ(read->network.batch_size, 4);
}

// Layers that were read have all numbers of those that were saved.
TEST_F(Configurations, MakeTheLayersThatWereSaved) {
  const auto by = coefficients();
  ASSERT_TRUE(by) << by.error().text();
  int layers = 0;
  for (const auto& [name, record] : records()) {
    const auto read = read_fpgaconvnet(record["saved_config"], nullptr);
    ASSERT_TRUE(read) << read.error().text();
    const Graph& graph = read->network.partitions[0].graph;
    for (const Json& expected : record["default"]["partition"]["layers"]) {
      SCOPED_TRACE(name + ": " + expected["name"].get<std::string>());
      const auto id = graph.find(expected["name"].get<std::string>());
      ASSERT_TRUE(id);
      // To its program Reshape is a regrouping of streams, until the file is read again.
      if (graph[*id].layer.as<Passing>() != nullptr) continue;
      expect_layer(graph[*id].layer, expected, *by, true);
      ++layers;
    }
  }
  EXPECT_EQ(layers, 535);
}

// What the earlier program answered after it read its file again. (It drops Reshape.)
TEST_F(Configurations, HaveTheResourcesOfThoseReadAgain) {
  const auto by = coefficients();
  ASSERT_TRUE(by) << by.error().text();
  int compared = 0;
  for (const auto& [name, record] : records()) {
    SCOPED_TRACE(name);
    const Json& expected = record["reloaded_from_saved"];
    if (expected.contains("error")) continue;
    const auto read = read_fpgaconvnet(record["saved_config"], nullptr);
    ASSERT_TRUE(read) << read.error().text();
    Resources sum;
    double interval = 0;
    for (const Node& node : read->network.partitions[0].graph.nodes()) {
      sum += resources_of(node.layer, *by, Rules::FpgaConvNet);
      interval = std::max(interval, latency_cycles(node.layer, Rules::FpgaConvNet));
    }
    expect_resources(sum, expected["resources"]);
    expect_number(expected["interval"], interval, "interval");
    ++compared;
  }
  EXPECT_EQ(compared, 19);
}

// The graph is that of the network which was saved: the golden record has its edges.
TEST_F(Configurations, HaveTheEdgesAndEndsOfTheirNetworks) {
  for (const auto& [name, record] : records()) {
    SCOPED_TRACE(name);
    const auto read = read_fpgaconvnet(record["saved_config"], nullptr);
    ASSERT_TRUE(read) << read.error().text();
    const Json& expected = record["default"]["partition"];
    const Graph& graph = read->network.partitions[0].graph;
    std::vector<std::string> order;
    for (const NodeId id : graph.topological_order()) order.push_back(graph[id].name);
    EXPECT_EQ(order, expected["topological_order"].get<std::vector<std::string>>());
    std::size_t edges = 0;
    for (const Node& node : graph.nodes()) edges += node.successors.size();
    EXPECT_EQ(edges, expected["edges"].size());
    ASSERT_EQ(graph.output_nodes().size(), expected["output_nodes"].size());
    EXPECT_EQ(Json(graph[graph.output_nodes()[0]].name), expected["output_nodes"][0]);
    EXPECT_EQ(Json(read->network.partitions[0].reloading_layer), expected["wr_layer"]);
  }
}

}  // namespace
}  // namespace sluice::hw
