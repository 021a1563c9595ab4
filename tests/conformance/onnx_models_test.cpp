// SPDX-License-Identifier: Apache-2.0
// Whole ONNX models: every tensor against the one another runtime computed, and models that must at
// least load with the shapes their networks have.
#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <functional>
#include <gtest/gtest.h>
#include <map>
#include <nlohmann/json.hpp>

#include "sluice/api/model.hpp"
#include "sluice/base/json.hpp"
#include "sluice/numeric/element.hpp"
#include "sluice/numeric/npy.hpp"
#include "sluice/numeric/npz.hpp"
#include "sluice/runtime/executor.hpp"

namespace sluice {
namespace {

namespace fs = std::filesystem;

fs::path data_folder() {
  const char* folder = std::getenv("SLUICE_DATA");
  return folder != nullptr ? folder : "../shared/data";
}

class OnnxModels : public testing::Test {
 protected:
  void SetUp() override {
    if (!fs::is_directory(data_folder())) {
      GTEST_SKIP() << "no folder " << data_folder() << ": set SLUICE_DATA to where the data is";
    }
  }
};

ir::Graph load(const std::string& model) {
  auto graph = api::load_model(data_folder() / "models" / model);
  EXPECT_TRUE(graph) << graph.error().text();
  return graph ? *std::move(graph) : ir::Graph{};
}

// The golden tensors of a model by the name of the value.
std::map<std::string, Tensor> golden(const fs::path& folder) {
  std::map<std::string, Tensor> by_key;
  auto arrays = numeric::read_npz(folder / "tensors.npz");
  EXPECT_TRUE(arrays) << arrays.error().text();
  for (auto& array : *arrays) by_key.emplace(array.name, std::move(array.tensor));
  const auto list = read_json(folder / "tensors.json");
  EXPECT_TRUE(list) << list.error().text();
  std::map<std::string, Tensor> by_name;
  for (const Json& entry : *list) {
    const auto match = by_key.find("t" + std::to_string(entry["id"].get<int>()));
    if (match != by_key.end()) by_name.emplace(entry["name"], match->second);
  }
  EXPECT_GT(by_name.size(), 5U);
  return by_name;
}

struct Difference {
  double largest = 0;         // of any element
  double largest_golden = 0;  // the golden tensor's own largest magnitude
  double share = 0;           // of the elements that differ at all
};

Difference difference(const Tensor& actual, const Tensor& expected) {
  EXPECT_EQ(actual.num_elements(), expected.num_elements());
  const auto a = numeric::to_doubles(actual);
  const auto e = numeric::to_doubles(expected);
  Difference result;
  for (std::size_t i = 0; i < std::min(a.size(), e.size()); ++i) {
    result.largest = std::max(result.largest, std::abs(a[i] - e[i]));
    result.largest_golden = std::max(result.largest_golden, std::abs(e[i]));
    result.share += a[i] != e[i] ? 1.0 : 0.0;
  }
  result.share /= static_cast<double>(std::max<std::size_t>(e.size(), 1));
  return result;
}

// Lets every reader of a golden value read the golden content, so that each layer is compared for
// itself.
void feed_golden(ir::Graph& graph, const std::map<std::string, Tensor>& content) {
  const std::size_t num_values = graph.values.size();
  for (std::size_t v = 0; v < num_values; ++v) {
    const auto match = content.find(graph.values[v].name);
    if (match == content.end() || graph.values[v].constant) continue;
    const ir::ValueId fed = graph.add_constant(match->first + "_golden", match->second);
    for (ir::Node& node : graph.nodes) {
      std::ranges::replace(node.inputs, ir::ValueId{static_cast<std::int32_t>(v)}, fed);
    }
  }
}

enum class Feeding : unsigned char { OwnValues, GoldenValues };

// Runs the model on the golden input and hands each golden value to `check`, computed and golden.
void compare_with_golden(
    const std::string& model, const std::string& golden_name, Feeding feeding,
    const std::function<void(const std::string&, const Tensor&, const Tensor&)>& check) {
  const fs::path folder = data_folder() / "golden/runtime" / golden_name;
  ir::Graph graph = load(model);
  const auto expected = golden(folder);
  if (feeding == Feeding::GoldenValues) feed_golden(graph, expected);
  runtime::Observer observer;
  for (std::size_t v = 0; v < graph.values.size(); ++v) {
    if (expected.contains(graph.values[v].name) && !graph.values[v].constant) {
      observer.values.push_back(ir::ValueId{static_cast<std::int32_t>(v)});
    }
  }
  std::size_t seen = 0;
  observer.on_value = [&](ir::ValueId id, std::int64_t, const Tensor& actual) {
    check(graph[id].name, actual, expected.at(graph[id].name));
    ++seen;
  };
  auto input = numeric::read_npy(folder / "input.npy");
  ASSERT_TRUE(input) << input.error().text();
  auto executor = runtime::make_reference_executor(graph);
  ASSERT_TRUE(executor) << executor.error().text();
  const auto outputs = (*executor)->run(std::vector{*std::move(input)}, &observer);
  ASSERT_TRUE(outputs) << outputs.error().text();
  EXPECT_EQ(seen, observer.values.size());
  EXPECT_GE(seen + 2, expected.size());  // all but what is a constant here
}

// Float networks: the other runtime sums in float32, and stores large tensors as float16.
void expect_floats_equal(const std::string& model, const std::string& golden_name) {
  compare_with_golden(model, golden_name, Feeding::OwnValues,
                      [](const std::string& name, const Tensor& actual, const Tensor& expected) {
                        const Difference d = difference(actual, expected);
                        const double relative = expected.dtype() == DType::Float16 ? 1e-3 : 2e-5;
                        EXPECT_LE(d.largest, relative * d.largest_golden) << name;
                      });
}

// Quantised networks: a sum that falls beside the middle between two codes may go either way, and
// the layers behind would spread that, so each layer starts from the golden codes.
void expect_codes_equal(const std::string& model, const std::string& golden_name) {
  compare_with_golden(model, golden_name, Feeding::GoldenValues,
                      [](const std::string& name, const Tensor& actual, const Tensor& expected) {
                        const Difference d = difference(actual, expected);
                        if (is_integer(expected.dtype())) {
                          EXPECT_EQ(actual.dtype(), expected.dtype()) << name;
                          EXPECT_LE(d.largest, 1) << name;
                          EXPECT_LE(d.share, 1e-3) << name;
                        } else {
                          EXPECT_LE(d.largest, 2e-5 * d.largest_golden) << name;
                        }
                      });
}

TEST_F(OnnxModels, Mnist8EqualsGolden) {
  expect_floats_equal("onnx/mnist-8.onnx", "ort_mnist-8");
}

TEST_F(OnnxModels, Resnet20EqualsGolden) {
  expect_floats_equal("cifar10/resnet20_cifar10.onnx", "ort_resnet20_cifar10");
}

TEST_F(OnnxModels, MobilenetV2EqualsGolden) {
  expect_floats_equal("onnx/mobilenetv2_fp32.onnx", "ort_mobilenetv2_fp32");
}

TEST_F(OnnxModels, QuantizedResnet20EqualsGolden) {
  expect_codes_equal("cifar10/resnet20_cifar10_int8_qdq.onnx", "ort_resnet20_cifar10_int8_qdq");
}

TEST_F(OnnxModels, QuantizedMobilenetV2EqualsGolden) {
  expect_codes_equal("onnx/mobilenetv2_int8_qdq.onnx", "ort_mobilenetv2_int8_qdq");
}

TEST_F(OnnxModels, LoadWithTheirOutputShapes) {
  const std::pair<const char*, Shape> models[] = {
      {"cifar10/resnet56_cifar10.onnx", {1, 10}},
      {"detection/yolox_nano.onnx", {1, 3549, 85}},
      {"fpgaconvnet/lenet.onnx", {1, 10}},
      {"onnx/mobilenetv2-7.quant.onnx", {1, 1000}},
      {"segmentation/unet_lgg_f8_128.onnx", {1, 1, 128, 128}},
      {"segmentation/unet_sed.onnx", {1, 1, 224, 224}},
  };
  for (const auto& [model, shape] : models) {
    const ir::Graph graph = load(model);
    ASSERT_FALSE(graph.outputs.empty()) << model;
    EXPECT_EQ(graph.type(graph.outputs[0]).shape, shape) << model;
  }
}

}  // namespace
}  // namespace sluice
