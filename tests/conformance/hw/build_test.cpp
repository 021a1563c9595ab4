// SPDX-License-Identifier: Apache-2.0
// Networks built as fpgaConvNet's parser builds them, against what it recorded.
#include "sluice/hw/build/build.hpp"

#include <map>

#include "tests/conformance/hw/expect_partition.hpp"
#include "tests/conformance/hw/imported.hpp"

namespace sluice::hw {
namespace {

struct Case {
  const char* name;
  const char* model;
};

BuildOptions options_of(const std::string& name) {
  BuildOptions options{.rules = Rules::FpgaConvNet};
  options.convert_gemm_to_conv = name.ends_with("@gemm2conv");
  if (name.ends_with("@calibrate")) {
    options.bits.acc = 40;
    options.calibrated.emplace();  // its parser passes no table
  }
  return options;
}

void expect_type(const Json& info, const char* key, const FixedPoint& found) {
  if (!info.contains(key) || info[key].empty()) return;
  EXPECT_EQ(info[key]["width"], found.width_bits) << key;
  EXPECT_EQ(info[key]["binary_point"], found.binary_point) << key;
}

void expect_types(const Layer& layer, const Json& info) {
  expect_type(info, "data_t", layer.data);
  expect_type(info, "input_t", layer.data);
  expect_type(info, "output_t", output_type(layer));
  if (const auto* conv = layer.as<Convolution>()) {
    expect_type(info, "weight_t", conv->weight);
    expect_type(info, "acc_t", conv->acc);
    EXPECT_EQ(info.value("block_floating_point", false), conv->block_floating_point);
  }
  if (const auto* product = layer.as<InnerProduct>()) {
    expect_type(info, "weight_t", product->weight);
    expect_type(info, "acc_t", product->acc);
  }
  if (const auto* pooling = layer.as<GlobalPooling>()) expect_type(info, "acc_t", pooling->acc);
  if (const auto* join = layer.as<Join>()) expect_type(info, "acc_t", join->acc);
}

void expect_source(const Source& source, const Json& record) {
  EXPECT_EQ(record["onnx_node"], source.node);
  EXPECT_EQ(record["onnx_input"].get<std::vector<std::string>>(), source.inputs);
  EXPECT_EQ(record["onnx_output"].get<std::vector<std::string>>(), source.outputs);
  const Json& inputs = record["inputs"];
  EXPECT_EQ(inputs.is_null() ? "" : inputs.value("weights", ""), source.weights);
  EXPECT_EQ(inputs.is_null() ? "" : inputs.value("bias", ""), source.bias);
}

class Builds : public HardwareGolden, public ::testing::WithParamInterface<Case> {
 protected:
  Result<std::map<std::string, NodeHints>> hints_of_file(const std::string& model) const {
    const TempFolder folder;
    const auto file = folder.path() / "model.onnx";
    if (!model.starts_with("simple_cnn_")) return std::map<std::string, NodeHints>();
    EXPECT_TRUE(test::unpack_xz(folder_ / "models" / (model + ".onnx.xz"), file));
    SL_TRY(const auto attributes, importer::read_onnx_hardware(file));
    std::map<std::string, NodeHints> result;
    for (const auto& [node, numbers] : attributes) {
      SL_TRY(result[node], hints_from(numbers));
    }
    return result;
  }
};

TEST_P(Builds, WhatTheParserBuilt) {
  SCOPED_TRACE(GetParam().name);
  const auto document = read_json(folder_ / (std::string(GetParam().name) + ".json"));
  ASSERT_TRUE(document) << document.error().text();
  const auto by = coefficients();
  ASSERT_TRUE(by) << by.error().text();
  const auto network = imported(folder_ / "models" / (std::string(GetParam().model) + ".onnx.xz"),
                                Rules::FpgaConvNet);
  ASSERT_TRUE(network) << network.error().text();

  BuildOptions options = options_of(GetParam().name);
  const auto hints = hints_of_file(GetParam().model);
  ASSERT_TRUE(hints) << hints.error().text();
  options.hints = *hints;
  auto graph = build_graph(*network, options);
  ASSERT_TRUE(graph) << graph.error().text();
  Partition partition;
  partition.graph = *std::move(graph);
  partition.reloading_layer = reloading_layer_of(partition);
  update(partition, Rules::FpgaConvNet);

  const Json& recorded = (*document)["default"]["partition"];
  expect_partition(partition, recorded, *by);
  for (const Json& record : recorded["layers"]) {
    SCOPED_TRACE(record["name"]);
    const Node& node = partition.graph[*partition.graph.find(record["name"].get<std::string>())];
    expect_types(node.layer, record["info"]);
    expect_source(node.source, record);
  }
}

INSTANTIATE_TEST_SUITE_P(
    Networks, Builds,
    ::testing::Values(Case{"alexnet", "alexnet"}, Case{"buffer_test", "buffer_test"},
                      Case{"c3d", "c3d"}, Case{"c3d_toy", "c3d_toy"}, Case{"lenet", "lenet"},
                      Case{"lenet@gemm2conv", "lenet"}, Case{"lenet_matmul", "lenet_matmul"},
                      Case{"ops_2d", "ops_2d"}, Case{"resnet18", "resnet18"},
                      Case{"resnet50", "resnet50"}, Case{"resnet8", "resnet8"},
                      Case{"simple_cnn", "simple_cnn"}, Case{"simple_cnn@calibrate", "simple_cnn"},
                      Case{"simple_cnn@attrs", "simple_cnn_attrs"},
                      Case{"simple_cnn@sparse", "simple_cnn_sparse"},
                      Case{"simple_cnn_2", "simple_cnn_2"}, Case{"unet", "unet"},
                      Case{"unet_single_branch", "unet_single_branch"},
                      Case{"unet_two_branch", "unet_two_branch"}, Case{"vgg11_toy", "vgg11_toy"},
                      Case{"vgg11_toy_large", "vgg11_toy_large"}, Case{"vgg19_toy", "vgg19_toy"},
                      Case{"vgg16", "vgg16"}, Case{"x3d_like", "x3d_like"}));

}  // namespace
}  // namespace sluice::hw
