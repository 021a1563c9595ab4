// SPDX-License-Identifier: Apache-2.0
// The configurations that fpgaConvNet's program ships, with foldings that were searched, put
// together again from what it answered about them: as it wrote them, and without compression
// ratios as they are shipped, which its program refuses.
#include "tests/conformance/hw/expect_layer.hpp"

#include "sluice/hw/config/fpgaconvnet.hpp"

namespace sluice::hw {
namespace {

class ShippedConfigurations : public HardwareGolden {
 protected:
  // What the program answered of each, by its name.
  std::vector<std::pair<std::string, Json>> answers() const {
    std::vector<std::pair<std::string, Json>> result;
    for (const char* name :
         {"buffer_test", "resnet8", "simple_cnn", "simple_cnn_2", "unet_single_branch",
          "unet_two_branch", "vgg11_toy", "vgg11_toy_large", "vgg19_toy"}) {
      auto record = read_json(folder_ / (std::string(name) + ".json"));
      EXPECT_TRUE(record) << name;
      if (!record) continue;
      const Json& shipped = (*record)["shipped_config"]["with_compression_ratios_added"];
      result.emplace_back(name, shipped["after_update"]);
    }
    return result;
  }
};

Json stream(const std::string& name, const Json& coarse, const Json& node) {
  return {{"name", name}, {"coarse", coarse}, {"node", node}};
}

Json streams_of(const Json& layer, bool are_inputs) {
  const std::string name = layer["name"];
  const Json& others = layer[are_inputs ? "prev" : "next"];
  const Json& coarse = layer[are_inputs ? "streams_in" : "streams_out"];
  Json result = Json::array();
  for (std::size_t i = 0; i < others.size(); ++i) {
    const std::string other = others[i];
    result.push_back(
        stream(are_inputs ? other + "_" + name : name + "_" + other, coarse[i], others[i]));
  }
  if (others.empty()) result.push_back(stream(are_inputs ? "in" : "out", coarse[0], name));
  if (!are_inputs) return result;
  const Json& depths = layer["buffer_depth"];
  for (std::size_t i = 0; i < result.size(); ++i) {
    result[i]["buffer_depth"] = depths.is_array() ? depths[i] : depths;
  }
  return result;
}

Json file_layer(const Json& layer) {
  static const Json kTypes{{"Convolution", {"CONVOLUTION", "dense"}},
                           {"InnerProduct", {"INNER_PRODUCT"}},
                           {"ReLU", {"RELU", "ReLU"}},
                           {"Pooling", {"POOLING", "max"}},
                           {"GlobalPooling", {"AVERAGE_POOLING", "avg"}},
                           {"EltWise", {"ELTWISE", "add"}},
                           {"Concat", {"CONCAT"}},
                           {"Split", {"SPLIT"}},
                           {"ReSize", {"RESIZE"}},
                           {"Squeeze", {"SQUEEZE"}}};
  const Json& type = kTypes.at(layer["type"].get<std::string>());
  Json result{{"name", layer["name"]}, {"onnx_node", layer["onnx_node"]}, {"type", type[0]}};
  if (type.size() > 1) result["op_type"] = type[1];
  result["streams_in"] = streams_of(layer, true);
  result["streams_out"] = streams_of(layer, false);
  result["parameters"] = layer["info"];
  if (layer.contains("inputs") && layer["inputs"].contains("weights")) {
    result["weights_path"] = layer["inputs"]["weights"];
    result["bias_path"] = layer["inputs"]["bias"];
  }
  return result;
}

Json file_of(const Json& answer) {
  Json layers = Json::array();
  for (const Json& name : answer["topological_order"]) {
    for (const Json& layer : answer["layers"]) {
      if (layer["name"] == name) layers.push_back(file_layer(layer));
    }
  }
  Json partition{{"id", 0}, {"ports", 1}, {"batch_size", answer["batch_size"]}};
  partition["input_nodes"] = {"input"};
  partition["output_nodes"] = {"output"};
  partition["weights_reloading_factor"] = answer["wr_factor"];
  partition["weights_reloading_layer"] = answer["wr_layer"];
  partition["layers"] = layers;
  Json result = Json::object();
  result["partition"] = Json::array({partition});
  return result;
}

void erase_ratios(Json& file) {
  for (Json& layer : file["partition"][0]["layers"]) {
    for (const char* key : {"input", "output", "weight"}) {
      layer["parameters"].erase(std::string(key) + "_compression_ratio");
    }
  }
}

TEST_F(ShippedConfigurations, MakeTheLayersTheyMadeThere) {
  const auto by = coefficients();
  ASSERT_TRUE(by) << by.error().text();
  std::size_t layers = 0;
  for (const auto& [name, answer] : answers()) {
    SCOPED_TRACE(name);
    const auto read = read_fpgaconvnet(file_of(answer), nullptr);
    ASSERT_TRUE(read) << read.error().text();
    EXPECT_TRUE(read->notes.empty()) << read->notes.front();
    const Graph& graph = read->network.partitions[0].graph;
    for (const Json& layer : answer["layers"]) {
      SCOPED_TRACE(layer["name"].get<std::string>());
      const auto id = graph.find(layer["name"].get<std::string>());
      ASSERT_TRUE(id);
      expect_layer(graph[*id].layer, layer, *by, true);
      ++layers;
    }
  }
  EXPECT_EQ(layers, 258U);
}

TEST_F(ShippedConfigurations, AreWrittenAsTheyWereWithNewRatios) {
  for (const auto& [name, answer] : answers()) {
    SCOPED_TRACE(name);
    Json file = file_of(answer);
    const auto whole = read_fpgaconvnet(file, nullptr);
    ASSERT_TRUE(whole) << whole.error().text();
    const auto text = write_fpgaconvnet(whole->network);
    ASSERT_TRUE(text) << text.error().text();
    const auto written = parse_json(*text);
    ASSERT_TRUE(written);
    file["partition"][0]["gen_last_width"] = 16;
    EXPECT_EQ(Json::diff(file, *written), Json::array());
    erase_ratios(file);
    const auto read = read_fpgaconvnet(file, nullptr);
    ASSERT_TRUE(read) << read.error().text();
    EXPECT_EQ(read->notes.size(), 3U);  // one for each kind of ratio
  }
}

}  // namespace
}  // namespace sluice::hw
