// SPDX-License-Identifier: Apache-2.0
// The published system's tiny network, $SLUICE_DATA/golden/emulation/tiny_network.json: the graph,
// its six modes and their grids.
#pragma once

#include <gtest/gtest.h>
#include <string>
#include <utility>
#include <vector>

#include "tests/conformance/emulation_golden.hpp"

#include "sluice/ir/infer.hpp"
#include "sluice/quant/emulate.hpp"
#include "sluice/runtime/reference/kernel.hpp"

namespace sluice::test {

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
      inputs.push_back(graph.add_constant(name, tensor(params_[name])));
    }
    inputs.insert(inputs.end(), more.begin(), more.end());
    const auto name = "model." + std::to_string(values.size() - 1);
    const ir::NodeId id = graph.add_node(name, std::move(op), std::move(inputs));
    values.push_back(graph[id].outputs[0]);
  }

  const Json& params_;
};

inline Status infer(ir::Graph& graph, std::int64_t batch) {
  SL_TRY(const auto shapes, ir::input_shapes(graph, batch));
  return ir::infer_types(graph, shapes, runtime::reference::evaluate);
}

struct Mode {
  std::string name;  // as in the file
  numeric::Format format;
};
inline std::vector<Mode> modes() {
  std::vector<Mode> result;
  for (const int bits : {8, 16}) {
    for (const char* mode : {"NETWORK_FP", "LAYER_BFP", "CHANNEL_BFP"}) {
      result.push_back({mode + ("_" + std::to_string(bits)), published_format(mode, bits)});
    }
  }
  return result;
}

// The id of a value of the tiny network in a graph made from it.
inline ir::ValueId same_value(const TinyNetwork& tiny, std::size_t i, const ir::Graph& graph) {
  const std::string& name = tiny.graph[tiny.values[i]].name;
  for (std::size_t v = 0; v < graph.values.size(); ++v) {
    if (graph.values[v].name == name) return ir::ValueId{static_cast<std::int32_t>(v)};
  }
  return ir::kNoValue;
}

inline numeric::AffineGrid grid_from(const Json& layer, const std::string& side, int bits) {
  return {bits, floats(layer[side + "_scale"]), floats(layer[side + "_zero_point"]), 1};
}

inline int bits_of(const numeric::Format& format) {
  return std::get<numeric::AffineFormat>(format).bits;
}

// The published grids by value; both quantisers of one value must agree.
inline quant::ActivationGrids published_grids(const TinyNetwork& tiny, const ir::Graph& graph,
                                              const Json& quant, int bits) {
  quant::ActivationGrids grids;
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

}  // namespace sluice::test
