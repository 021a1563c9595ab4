// SPDX-License-Identifier: Apache-2.0
// Graphs of layers from what fpgaConvNet's model recorded of its own.
#pragma once

#include <map>

#include "tests/conformance/hw/golden.hpp"

#include "sluice/hw/graph.hpp"

namespace sluice::hw {

class LayerRecord {
 public:
  explicit LayerRecord(const Json& record) : record_(&record), info_(&record["info"]) {}

  Node node() const {
    Node result;
    result.name = (*record_)["name"];
    result.source = {.node = (*record_)["onnx_node"],
                     .inputs = (*record_)["onnx_input"],
                     .outputs = (*record_)["onnx_output"],
                     .weights = {},
                     .bias = {}};
    result.layer = layer();
    return result;
  }

 private:
  std::int64_t get(const char* key, std::int64_t otherwise = 1) const {
    return info_->value(key, otherwise);
  }
  FixedPoint type(const char* key) const {
    const Json& value = (*info_)[key];
    return {value["width"], value["binary_point"]};
  }
  Extent extent(const std::string& stem) const {
    return {get((stem + "_rows").c_str()), get((stem + "_cols").c_str()),
            get((stem + "_depth").c_str())};
  }
  Padding padding() const {
    return {get("pad_top", 0),   get("pad_bottom", 0), get("pad_left", 0),
            get("pad_right", 0), get("pad_front", 0),  get("pad_back", 0)};
  }
  bool flag(const char* key) const {
    const Json& value = info_->value(key, Json(false));
    return value.is_boolean() ? value.get<bool>() : value.get<int>() != 0;
  }

  Operation operation(const std::string& kind, bool is_3d) const {
    if (kind.starts_with("Convolution")) {
      return Convolution{get("filters"),
                         get("groups"),
                         extent("kernel"),
                         extent("stride"),
                         padding(),
                         flag("has_bias"),
                         flag("block_floating_point"),
                         type("output_t"),
                         type("weight_t"),
                         type("acc_t"),
                         nullptr,
                         {}};
    }
    if (kind == "InnerProductLayer") {
      return InnerProduct{get("filters"),   flag("has_bias"), flag("block_floating_point"),
                          type("output_t"), type("weight_t"), type("acc_t")};
    }
    if (kind == "PoolingLayer") {
      return Pooling{Reduction::Max, extent("kernel"), extent("stride"), padding()};
    }
    if (kind == "GlobalPoolingLayer") return GlobalPooling{Reduction::Average, type("acc_t")};
    if (kind == "SqueezeLayer") return Regroup{.is_derived = (*record_)["type"] == "Squeeze"};
    if (kind == "SplitLayer") return Split{};
    if (kind == "ConcatLayer") return Concat{(*info_)["channels_in_array"]};
    if (kind == "EltWiseLayer") {
      const Json& module = (*record_)["modules"].begin().value();
      const bool is_product = module["fields"]["eltwise_type"] == "mul";
      return Join{is_product ? Eltwise::Mul : Eltwise::Add, false, {}};
    }
    if (kind == "ReSizeLayer") {
      const auto scale = (*info_)["scale"].get<std::vector<std::int64_t>>();
      if (!is_3d) return Repeat{{scale[0], scale[1], 1}, scale[2], scale[3]};
      return Repeat{{scale[0], scale[1], scale[2]}, scale[3], scale[4]};
    }
    Elementwise result;
    if (kind == "HardswishLayer") result.function = Function::HardSwish;
    if (kind == "ActivationLayer") {
      result.function = (*record_)["type"] == "Sigmoid" ? Function::Sigmoid : Function::Silu;
    }
    result.has_threshold = info_->contains("threshold");
    return result;
  }

  Layer layer() const {
    std::string kind = (*record_)["class"];
    Layer result;
    result.is_3d = kind.ends_with("3D");
    if (result.is_3d) kind.resize(kind.size() - 2);
    const Json& shape = (*record_)["shape_in"][0];
    result.map = {shape[0], shape[1], result.is_3d ? shape[2].get<std::int64_t>() : 1,
                  shape.back()};
    result.data = info_->contains("input_t") ? type("input_t") : type("data_t");
    result.operation = operation(kind, result.is_3d);
    result.folding = {get("coarse_in"), get("coarse_out"), get("coarse_group"), get("fine")};
    result.weights.in_uram = flag("use_uram");
    result.inputs.resize(static_cast<std::size_t>(get("ports_in")));
    result.outputs.resize(static_cast<std::size_t>(get("ports_out")));
    if (kind == "EltWiseLayer" && result.is_3d) {
      for (Port& port : result.inputs) port.words_per_cycle /= real(get("ports_in"));
    }
    for (Port& port : result.outputs) port.words_per_cycle /= real(get("ports_out"));
    return result;
  }

  const Json* record_;
  const Json* info_;
};

// A partition's layers as they were recorded with all their parameters.
inline Graph recorded_graph(const Json& partition) {
  Graph graph;
  std::map<std::string, const Json*> records;
  for (const Json& record : partition["layers"]) records[record["name"]] = &record;
  for (const Json& name : partition["nodes"]) graph.add(LayerRecord(*records.at(name)).node());
  for (const Json& edge : partition["edges"]) {
    graph.connect(*graph.find(edge[0].get<std::string>()), *graph.find(edge[1].get<std::string>()));
  }
  return graph;
}

}  // namespace sluice::hw
