// SPDX-License-Identifier: Apache-2.0
// A whole network in the published system's six modes: weights, calibration and outputs.
#include <cmath>
#include <gtest/gtest.h>
#include <map>

#include "tests/conformance/emulation_golden.hpp"

#include "sluice/ir/infer.hpp"
#include "sluice/quant/emulate.hpp"
#include "sluice/runtime/reference/kernel.hpp"

namespace sluice::quant {
namespace {

using test::EmulationGolden;
using test::floats;

// Conv, BatchNormalization, Relu, MaxPool, depthwise Conv, ReLU6, Conv, HardSwish,
// GlobalAveragePool, Flatten, Gemm: layer i reads values[i] and makes values[i + 1].
struct TinyNetwork {
  ir::Graph graph;
  std::vector<ir::ValueId> values;

  explicit TinyNetwork(const Json& json) : params_(json["params"]) {
    values.push_back(graph.add_input("x", DType::Float32, {ir::kOpenDim, 3, 8, 8}));
    add(ir::Conv{{.pads = {1, 1, 1, 1}}}, {"0.weight", "0.bias"});
    add(ir::BatchNormalization{.epsilon = json["bn_eps"].get<float>()},
        {"1.weight", "1.bias", "1.running_mean", "1.running_var"});
    add(ir::Relu{});
    add(ir::MaxPool{{.kernel = {2, 2}, .strides = {2, 2}}});
    add(ir::Conv{{.pads = {1, 1, 1, 1}}, 8}, {"4.weight"});
    const ir::ValueId zero = graph.add_constant("zero", Tensor::scalar(0.0F));
    const ir::ValueId six = graph.add_constant("six", Tensor::scalar(6.0F));
    add(ir::Clip{}, {}, {zero, six});
    add(ir::Conv{}, {"6.weight", "6.bias"});
    add(ir::HardSwish{});
    add(ir::GlobalAveragePool{});
    add(ir::Flatten{});
    add(ir::Gemm{.trans_b = true}, {"10.weight", "10.bias"});
    graph.outputs = {values.back()};
  }

 private:
  void add(ir::Op op, const std::vector<std::string>& params = {},
           const std::vector<ir::ValueId>& more = {}) {
    std::vector<ir::ValueId> inputs{values.back()};
    for (const std::string& name : params) {
      inputs.push_back(graph.add_constant(name, test::tensor(params_[name])));
    }
    inputs.insert(inputs.end(), more.begin(), more.end());
    const auto name = "model." + std::to_string(values.size() - 1);
    const ir::NodeId id = graph.add_node(name, std::move(op), std::move(inputs));
    values.push_back(graph[id].outputs[0]);
  }

  const Json& params_;
};

Status infer(ir::Graph& graph, std::int64_t batch) {
  SL_TRY(const auto shapes, ir::input_shapes(graph, batch));
  return ir::infer_types(graph, shapes, runtime::reference::evaluate);
}

Result<Tensor> run(ir::Graph graph, const Tensor& x) {
  SL_TRY_STATUS(infer(graph, x.shape()[0]));
  SL_TRY(const auto executor, runtime::make_reference_executor(std::move(graph)));
  SL_TRY(auto outputs, executor->run({&x, 1}));
  return std::move(outputs[0]);
}

struct Mode {
  std::string name;  // as in the file
  numeric::Format format;
};
std::vector<Mode> modes() {
  std::vector<Mode> result;
  for (const int bits : {8, 16}) {
    for (const char* mode : {"NETWORK_FP", "LAYER_BFP", "CHANNEL_BFP"}) {
      result.push_back({mode + ("_" + std::to_string(bits)), test::published_format(mode, bits)});
    }
  }
  return result;
}

// The id of a value of the tiny network in a graph made from it.
ir::ValueId same_value(const TinyNetwork& tiny, std::size_t i, const ir::Graph& graph) {
  const std::string& name = tiny.graph[tiny.values[i]].name;
  for (std::size_t v = 0; v < graph.values.size(); ++v) {
    if (graph.values[v].name == name) return ir::ValueId{static_cast<std::int32_t>(v)};
  }
  return ir::kNoValue;
}

numeric::AffineGrid grid_from(const Json& layer, const std::string& side, int bits) {
  return {bits, floats(layer[side + "_scale"]), floats(layer[side + "_zero_point"]), 1};
}

int bits_of(const numeric::Format& format) {
  return std::get<numeric::AffineFormat>(format).bits;
}

// The published grids by value; both quantisers of one value must agree.
ActivationGrids published_grids(const TinyNetwork& tiny, const ir::Graph& graph, const Json& quant,
                                int bits) {
  ActivationGrids grids;
  for (const auto& [name, layer] : quant.items()) {
    const auto index = static_cast<std::size_t>(std::stoi(name.substr(name.find('.') + 1)));
    for (const auto& [side, value] : {std::pair{"input", index}, std::pair{"output", index + 1}}) {
      const numeric::Grid grid = grid_from(layer, side, bits);
      const auto [place, is_new] = grids.emplace(same_value(tiny, value, graph), grid);
      EXPECT_TRUE(is_new || place->second == grid) << name << " " << side;
    }
  }
  return grids;
}

TEST_F(EmulationGolden, TinyNetworkIsEqualWithThePublishedScales) {
  const Json json = load("tiny_network.json");
  const TinyNetwork tiny(json);
  const Tensor x = test::tensor(json["x"]);
  for (const Mode& mode : modes()) {
    SCOPED_TRACE(mode.name);
    ir::Graph graph = tiny.graph;
    ASSERT_TRUE(infer(graph, x.shape()[0]));
    const auto weighted = quantize_weights(graph, mode.format, Compat::Fpgaconvnet);
    ASSERT_TRUE(weighted) << weighted.error().text();
    const auto grids =
        published_grids(tiny, *weighted, json[mode.name]["quant"], bits_of(mode.format));
    const auto emulated = insert_snaps(*weighted, grids, Compat::Fpgaconvnet);
    ASSERT_TRUE(emulated) << emulated.error().text();
    const auto y = run(*emulated, x);
    ASSERT_TRUE(y) << y.error().text();
    EXPECT_EQ(test::mismatches(*y, test::tensor(json[mode.name]["y"])), 0);
  }
}

Result<ir::Graph> emulated(const TinyNetwork& tiny, const Json& json, const Mode& mode) {
  ir::Graph graph = tiny.graph;
  SL_TRY_STATUS(infer(graph, json["calib"][0]["shape"][0].get<std::int64_t>()));
  std::size_t next = 0;
  const BatchSource batches = [&]() -> Result<std::vector<Tensor>> {
    if (next == json["calib"].size()) return std::vector<Tensor>{};
    return std::vector<Tensor>{test::tensor(json["calib"][next++])};
  };
  return emulate(graph, mode.format, runtime::make_reference_executor, batches,
                 {.compat = Compat::Fpgaconvnet});
}

// The published system sums convolutions in float32, ours in double and rounds once; so ranges of
// computed values may differ in their last bits, and an output by a code.
TEST_F(EmulationGolden, TinyNetworkCalibratesToThePublishedScales) {
  const Json json = load("tiny_network.json");
  const TinyNetwork tiny(json);
  const Tensor x = test::tensor(json["x"]);
  for (const Mode& mode : modes()) {
    SCOPED_TRACE(mode.name);
    const auto graph = emulated(tiny, json, mode);
    ASSERT_TRUE(graph) << graph.error().text();
    const auto y = run(*graph, x);
    ASSERT_TRUE(y) << y.error().text();
    const Json& last = json[mode.name]["quant"]["model.10"];
    const std::vector<float> scale = floats(last["output_scale"]);
    const auto ours = y->data<float>();
    const Tensor expected = test::tensor(json[mode.name]["y"]);
    const auto theirs = expected.data<float>();
    for (std::size_t i = 0; i < ours.size(); ++i) {
      EXPECT_NEAR(ours[i], theirs[i], 1.01F / scale[i % scale.size()]);
    }
  }
}

TEST_F(EmulationGolden, TinyNetworkInFloat32IsWithinRounding) {
  const Json json = load("tiny_network.json");
  const TinyNetwork tiny(json);
  const auto y = run(tiny.graph, test::tensor(json["x"]));
  ASSERT_TRUE(y) << y.error().text();
  const auto ours = y->data<float>();
  const Tensor expected = test::tensor(json["float32"]);
  for (std::size_t i = 0; i < ours.size(); ++i) {
    EXPECT_NEAR(ours[i], expected.data<float>()[i], 1e-6F);
  }
}

}  // namespace
}  // namespace sluice::quant
