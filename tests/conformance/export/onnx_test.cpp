// SPDX-License-Identifier: Apache-2.0
// The ONNX files written, by ONNX's checker and in ONNX Runtime.
#include "sluice/export/onnx.hpp"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <fmt/format.h>
#include <fstream>
#include <functional>
#include <gtest/gtest.h>
#include <map>

#include "tests/exact/fast/random_code_net.hpp"
#include "tests/support/data_folder.hpp"
#include "tests/support/every_op.hpp"
#include "tests/support/litert.hpp"
#include "tests/support/random_net.hpp"
#include "tests/support/temp_folder.hpp"

#include "sluice/api/model.hpp"
#include "sluice/exact/executor.hpp"
#include "sluice/exact/reference/kernel.hpp"
#include "sluice/export/onnx/opset.hpp"
#include "sluice/ir/text.hpp"
#include "sluice/numeric/element.hpp"
#include "sluice/numeric/npy.hpp"
#include "sluice/passes/fold_qdq.hpp"
#include "sluice/sparse/threshold_relu.hpp"
#include "sluice/zoo/catalog.hpp"

namespace sluice::test {
namespace {

namespace fs = std::filesystem;
using numeric::Arithmetic;

class OnnxFiles : public testing::Test {
 protected:
  void SetUp() override {
    if (!has_litert()) {
      GTEST_SKIP() << "no " << kPython << " with onnx and onnxruntime: run scripts/test_venv.sh";
    }
  }

  void write(const std::string& name, const ir::Graph& graph,
             const std::vector<Tensor>& inputs) const {
    const auto status = exporter::write_onnx(graph, file(name, ".onnx"));
    EXPECT_TRUE(status) << status.error().text();
    for (std::size_t i = 0; i < inputs.size(); ++i) {
      EXPECT_TRUE(numeric::write_npy(file(name, fmt::format(".in{}.npy", i)), inputs[i]));
    }
  }
  void run_onnx_runtime() const {
    const std::string command = fmt::format("{} tests/conformance/export/onnx_outputs.py {}",
                                            kPython, folder_.path().string());
    ASSERT_EQ(std::system(command.c_str()), 0);
  }
  // What the script wrote about the model, or nothing.
  [[nodiscard]] std::string message(const std::string& name, const char* kind) const {
    std::ifstream stream(file(name, kind));
    return {std::istreambuf_iterator<char>(stream), {}};
  }
  [[nodiscard]] std::vector<Tensor> outputs(const std::string& name, std::size_t count) const {
    std::vector<Tensor> results;
    for (std::size_t i = 0; i < count; ++i) {
      auto tensor = numeric::read_npy(file(name, fmt::format(".out{}.npy", i)));
      EXPECT_TRUE(tensor) << name << ": " << message(name, ".refused") << message(name, ".error");
      results.push_back(tensor ? *std::move(tensor) : Tensor());
    }
    return results;
  }
  [[nodiscard]] fs::path file(const std::string& name, const std::string& suffix) const {
    return folder_.path() / (name + suffix);
  }

 private:
  const TempFolder folder_;
};

TEST_F(OnnxFiles, EveryOperatorPassesTheChecker) {
  int index = 0;
  for (const OpGraph& source : kEveryOp) {
    if (!source.is_in_onnx) continue;
    write(fmt::format("{}_{}", source.op, index++), typed_graph(source), {});
  }
  run_onnx_runtime();
  index = 0;
  for (const OpGraph& source : kEveryOp) {
    if (!source.is_in_onnx) continue;
    const std::string name = fmt::format("{}_{}", source.op, index++);
    EXPECT_EQ(message(name, ".refused"), "") << name;
  }
}

TEST_F(OnnxFiles, RandomNetworksEqualOurs) {
  constexpr std::uint32_t kNets = 30;
  for (std::uint32_t seed = 0; seed < kNets; ++seed) {
    const ir::Graph graph = random_net(seed);
    write(fmt::format("net{}", seed), graph, random_inputs(graph));
  }
  run_onnx_runtime();
  for (std::uint32_t seed = 0; seed < kNets; ++seed) {
    SCOPED_TRACE(seed);
    const ir::Graph graph = random_net(seed);
    expect_near(outputs(fmt::format("net{}", seed), graph.outputs.size()),
                reference_outputs(graph, random_inputs(graph)), 2e-5F);
  }
}

// Small images, since these are the plain loops.
TEST_F(OnnxFiles, NetworksOfTheZooEqualOurs) {
  std::map<std::string, ir::Graph> graphs;
  for (const zoo::Architecture& architecture : zoo::architectures()) {
    auto network = zoo::build(architecture.name, {.input_size = 32, .seed = 7});
    if (!network) network = zoo::build(architecture.name, {.input_size = 64, .seed = 7});
    ASSERT_TRUE(network) << network.error().text();
    ir::Graph graph = std::move(network->graph);
    ASSERT_TRUE(api::set_types(graph, {}));
    const std::string name(architecture.name);
    write(name, graph, random_inputs(graph));
    graphs.emplace(name, std::move(graph));
  }
  run_onnx_runtime();
  for (const auto& [name, graph] : graphs) {
    SCOPED_TRACE(name);
    expect_near(outputs(name, 1), reference_outputs(graph, random_inputs(graph)), 2e-5F);
  }
}

Tensor whole_numbers(Shape shape, std::uint32_t seed) {
  Tensor tensor = random_tensor(std::move(shape), seed, -4, 4);
  for (float& value : tensor.mutable_data<float>()) value = std::round(value);
  return tensor;
}

// On whole numbers every sum is exact, and many lie on the thresholds.
TEST_F(OnnxFiles, ThresholdsOfRelusEqualOursExactly) {
  Net net;
  const ir::ValueId x = net.input({2, 3, 6, 6});
  const auto conv = [&](ir::ValueId from, Shape weights) {
    return net.add(ir::Conv{}, {from, net.constant(whole_numbers(std::move(weights), 7))});
  };
  const ir::ValueId a = net.add(ir::Relu{}, {conv(x, {8, 3, 3, 3})});
  const ir::ValueId b =
      net.add(ir::Clip{}, {conv(a, {5, 8, 1, 1}), net.scalar(0), net.scalar(100)});
  ir::Graph graph = net.finish({a, b});
  const auto done = sparse::threshold_relus(graph, {2.0F});
  ASSERT_TRUE(done) << done.error().text();
  ASSERT_EQ(done->size(), 2U);
  const std::vector<Tensor> inputs{whole_numbers({2, 3, 6, 6}, 8)};
  write("thresholds", graph, inputs);
  run_onnx_runtime();
  EXPECT_EQ(outputs("thresholds", 2), reference_outputs(graph, inputs));
}

// Scales to powers of two and zero points to even numbers: then every step in float32 is exact, and
// ties are the same before and after the zero point is added.
void make_exact(ir::Graph& graph) {
  for (ir::Value& value : graph.values) {
    if (!value.quantization) continue;
    for (float& scale : value.quantization->scales) {
      scale = std::exp2(std::round(std::log2(scale)));
    }
    for (std::int64_t& zero_point : value.quantization->zero_points) {
      zero_point -= zero_point % 2;
    }
  }
  for (const ir::Node& node : graph.nodes) {
    const bool has_bias = node.inputs.size() == 3 && node.inputs[2] != ir::kNoValue &&
                          graph[node.inputs[2]].quantization.has_value();
    if (!has_bias) continue;
    numeric::Quantization& bias = *graph[node.inputs[2]].quantization;
    bias.scales = graph[node.inputs[1]].quantization->scales;
    for (float& scale : bias.scales) scale *= graph[node.inputs[0]].quantization->scales[0];
  }
}

struct Difference {
  double share = 0;
  double most = 0;
};

Difference difference(const Tensor& ours, const Tensor& theirs) {
  EXPECT_EQ(ours.dtype(), theirs.dtype());
  EXPECT_EQ(ours.shape(), theirs.shape());
  const auto a = numeric::to_doubles(ours);
  const auto b = numeric::to_doubles(theirs);
  Difference result;
  for (std::size_t i = 0; i < a.size(); ++i) {
    result.share += a[i] == b[i] ? 0 : 1 / static_cast<double>(a.size());
    result.most = std::max(result.most, std::abs(a[i] - b[i]));
  }
  return result;
}

class OnnxFilesOf : public OnnxFiles, public testing::WithParamInterface<DType> {
 protected:
  void compare(const std::function<void(ir::Graph&)>& change,
               const std::function<void(const Difference&)>& check) const;
};

// Runs random networks here and there; `check` gets each difference.
void OnnxFilesOf::compare(const std::function<void(ir::Graph&)>& change,
                          const std::function<void(const Difference&)>& check) const {
  constexpr std::uint64_t kNets = 40;
  const auto graph_of = [&](std::uint64_t seed) {
    ir::Graph graph = exact::fast::random_code_net(seed, Arithmetic::Onnx, GetParam());
    change(graph);
    return graph;
  };
  for (std::uint64_t seed = 0; seed < kNets; ++seed) {
    const ir::Graph graph = graph_of(seed);
    write(fmt::format("net{}", seed), graph, random_code_inputs(graph, seed));
  }
  run_onnx_runtime();
  for (std::uint64_t seed = 0; seed < kNets; ++seed) {
    SCOPED_TRACE(seed);
    const ir::Graph graph = graph_of(seed);
    const auto theirs = outputs(fmt::format("net{}", seed), graph.outputs.size());
    const auto ours =
        outputs_of(exact::make_reference_executor(graph, {}), random_code_inputs(graph, seed));
    for (std::size_t i = 0; i < ours.size(); ++i) check(difference(ours[i], theirs[i]));
  }
}

TEST_P(OnnxFilesOf, QuantizedNetworksEqualOurs) {
  compare(make_exact, [](const Difference& found) { EXPECT_EQ(found.most, 0) << found.share; });
}

// To codes of 6 bits whatever a node makes.
void make_narrow(ir::Graph& graph) {
  make_exact(graph);
  for (const ir::Node& node : graph.nodes) {
    numeric::Quantization& quantization = *graph[node.outputs[0]].quantization;
    quantization.bits = 6;
    const numeric::CodeRange range = numeric::codes_of(quantization);
    quantization.zero_points[0] =
        std::clamp<std::int64_t>(quantization.zero_points[0], range.lowest, range.highest - 1);
  }
}

TEST_P(OnnxFilesOf, NetworksOfNarrowCodesEqualOurs) {
  compare(make_narrow, [](const Difference& found) { EXPECT_EQ(found.most, 0) << found.share; });
}

// With any scales, float32 sums beside the middle between two codes go either way.
TEST_P(OnnxFilesOf, QuantizedNetworksOfAnyScaleEqualOursButForTies) {
  double share = 0;
  compare([](ir::Graph&) {},
          [&](const Difference& found) {
            EXPECT_LE(found.most, 1);
            share = std::max(share, found.share);
          });
  EXPECT_LE(share, 1e-3);
}

INSTANTIATE_TEST_SUITE_P(Codes, OnnxFilesOf, testing::Values(DType::Int8, DType::UInt8),
                         [](const auto& tested) { return std::string(to_string(tested.param)); });

// A published network read from TFLite: written, read and folded it is the same network.
struct Published {
  const char* name;
  const char* path;
};

class TfliteNetworks : public OnnxFiles, public testing::WithParamInterface<Published> {
 protected:
  void SetUp() override {
    OnnxFiles::SetUp();
    path_ = data_folder() / "models" / GetParam().path;
    if (!fs::exists(path_)) GTEST_SKIP() << "no " << path_ << ": set SLUICE_DATA";
  }
  fs::path path_;
};

TEST_P(TfliteNetworks, ComeBack) {
  const auto graph = api::load_model(path_);
  ASSERT_TRUE(graph) << graph.error().text();
  write("net", *graph, {});
  auto back = api::load_model(file("net", ".onnx"));
  ASSERT_TRUE(back) << back.error().text();
  ASSERT_TRUE(passes::fold_qdq(*back));
  const auto text = [](ir::Graph printed) {
    printed.name = "network";
    exporter::onnx::to_newest_forms(printed);
    for (ir::Node& node : printed.nodes) {
      if (ir::is_layout(node.op)) node.arithmetic.reset();  // it rounds nothing
    }
    return ir::print(printed, {.max_elements = 1 << 24});
  };
  EXPECT_TRUE(text(*back) == text(*graph)) << "written:\n"
                                           << ir::print(*graph) << "read:\n"
                                           << ir::print(*back);
}

TEST_P(TfliteNetworks, ComeBackFromOurOwnForm) {
  const auto graph = api::load_model(path_);
  ASSERT_TRUE(graph) << graph.error().text();
  ASSERT_TRUE(api::write_model(*graph, file("net", ".sluice")));
  const auto back = api::load_model(file("net", ".sluice"));
  ASSERT_TRUE(back) << back.error().text();
  const ir::PrintOptions all{.max_elements = 1 << 24};
  EXPECT_TRUE(ir::print(*back, all) == ir::print(*graph, all)) << ir::print(*back);
}

// Each layer from the codes that ONNX Runtime made before it, so that a tie that goes the other way
// is not seen in all layers behind it.
TEST_P(TfliteNetworks, EachLayerEqualsOursButForTies) {
  auto graph = api::load_model(path_);
  ASSERT_TRUE(graph) << graph.error().text();
  graph->outputs.clear();
  for (const ir::Node& node : graph->nodes) {
    for (const ir::ValueId id : node.outputs) {
      if ((*graph)[id].quantization) graph->outputs.push_back(id);
    }
  }
  const auto inputs = random_code_inputs(*graph, 1);
  write("net", *graph, inputs);
  run_onnx_runtime();
  std::map<ir::ValueId, Tensor> theirs;
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    theirs.emplace(graph->inputs[i].value, inputs[i]);
  }
  const auto made = outputs("net", graph->outputs.size());
  for (std::size_t i = 0; i < made.size(); ++i) theirs.emplace(graph->outputs[i], made[i]);
  std::int64_t codes = 0;
  double different = 0;
  for (const ir::Node& node : graph->nodes) {
    SCOPED_TRACE(node.name);
    if (!theirs.contains(node.outputs[0])) continue;
    std::vector<const Tensor*> arguments;
    for (const ir::ValueId id : node.inputs) {
      const bool is_constant = id != ir::kNoValue && (*graph)[id].constant.has_value();
      arguments.push_back(id == ir::kNoValue ? nullptr
                          : is_constant      ? &*(*graph)[id].constant
                                             : &theirs.at(id));
    }
    const auto ours = exact::reference::evaluate({*graph, node, arguments, Arithmetic::Onnx});
    ASSERT_TRUE(ours) << ours.error().text();
    const Tensor& expected = theirs.at(node.outputs[0]);
    const Difference found = difference((*ours)[0], expected);
    EXPECT_LE(found.most, 1);
    codes += expected.num_elements();
    different += found.share * static_cast<double>(expected.num_elements());
  }
  EXPECT_LE(different, 1e-5 * static_cast<double>(codes));
}

INSTANTIATE_TEST_SUITE_P(
    Published, TfliteNetworks,
    testing::Values(Published{"resnet8", "cifar10/mlperftiny_resnet8_int8.tflite"},
                    Published{"kws", "tiny/kws_dscnn_int8.tflite"},
                    Published{"person", "tiny/person_detect_int8.tflite"},
                    Published{"mobilenet_v1", "imagenet_tflite/mobilenet_v1_0.25_128_quant.tflite"},
                    Published{"mobilenet_v2", "imagenet_tflite/mobilenet_v2_1.0_224_quant.tflite"},
                    Published{"torchvision",
                              "imagenet_tflite/torchvision_mobilenet_v2_int8.tflite"},
                    Published{"effnet", "efficientnet_lite0/effnet_lite0_3class_int8.tflite"},
                    Published{"yolov8n", "detection/yolov8n_full_integer_quant_224.tflite"}),
    [](const auto& tested) { return std::string(tested.param.name); });

}  // namespace
}  // namespace sluice::test
