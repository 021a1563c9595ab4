// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "sluice/base/text.hpp"
#include "sluice/hw/config/fpgaconvnet.hpp"
#include "sluice/hw/config/operation.hpp"
#include "sluice/hw/config/proto.hpp"
#include "sluice/hw/layers/weights.hpp"

namespace sluice::hw {
namespace {

Json json(const FixedPoint& type) {
  return {{"width", type.width_bits}, {"binary_point", type.binary_point}};
}

template <class Get>
Json per_port(const std::vector<Port>& ports, Get get) {
  Json result = Json::array();
  for (const Port& port : ports) result.push_back(get(port));
  return result;
}

std::vector<double> port_ratios(const std::vector<Port>& ports) {
  std::vector<double> result;
  result.reserve(ports.size());
  for (const Port& port : ports) result.push_back(port.compression_ratio);
  return result;
}

std::vector<double> output_ratios(const Graph& graph, const Node& node);

// fpgaConvNet has a ratio for each tensor that a node of the network reads, weights too; a
// regrouping of streams has those of the layer before it and of the layer after it.
std::vector<double> input_ratios(const Graph& graph, const Node& node) {
  std::vector<double> result = port_ratios(node.layer.inputs);
  const Source& source = node.source;
  if (source.more_input_ratios) {
    result.insert(result.end(), source.more_input_ratios->begin(), source.more_input_ratios->end());
  } else if (node.layer.as<Regroup>() != nullptr) {
    if (node.predecessors.empty()) return result;
    const Node& before = graph[node.predecessors[0]];
    if (before.layer.as<Regroup>() == nullptr) return output_ratios(graph, before);
  } else if (!has_port_lists(node.layer.operation)) {
    const auto is_tensor = [](const std::string& name) { return !name.empty(); };
    const auto tensors = std::ranges::count_if(source.inputs, is_tensor);
    result.resize(std::max(result.size(), static_cast<std::size_t>(tensors)), 1);
  }
  return result;
}

std::vector<double> output_ratios(const Graph& graph, const Node& node) {
  std::vector<double> result = port_ratios(node.layer.outputs);
  if (const auto& more = node.source.more_output_ratios) {
    result.insert(result.end(), more->begin(), more->end());
  } else if (node.layer.as<Regroup>() != nullptr && !node.successors.empty()) {
    const Node& after = graph[node.successors[0]];
    if (after.layer.as<Regroup>() == nullptr) return input_ratios(graph, after);
  }
  return result;
}

// Each writes some parameters of a layer; what comes of it is ordered in the end.
class LayerWriter {
 public:
  LayerWriter(const Graph& graph, const Node& node, std::int64_t batch_size) : layer_(&node.layer) {
    to_["batch_size"] = batch_size;
    to_["input_compression_ratio"] = input_ratios(graph, node);
    to_["output_compression_ratio"] = output_ratios(graph, node);
  }

  Json parameters() {
    maps();
    folding();
    ports();
    to_["data_t"] = json(layer_->data);
    std::visit([&](const auto& of) { operation(of); }, layer_->operation);
    return std::move(to_);
  }

 private:
  void map(const FeatureMap& map, const std::string& side) {
    to_["rows_" + side] = map.rows;
    to_["cols_" + side] = map.cols;
    if (layer_->is_3d) to_["depth_" + side] = map.depth;
    to_["channels_" + side] = map.channels;
  }

  void maps() {
    map(map_in(*layer_), "in");
    map(map_out(*layer_), "out");
  }

  void folding() {
    to_["coarse_in"] = layer_->folding.coarse_in;
    to_["coarse_out"] = layer_->folding.coarse_out;
    if (has_coarse(layer_->operation)) to_["coarse"] = layer_->folding.coarse_in;
  }

  void ports() {
    const auto rate = [](const Port& port) { return port.words_per_cycle; };
    const auto outside = [](const Port& port) { return port.is_off_chip; };
    const auto& inputs = layer_->inputs;
    const auto& outputs = layer_->outputs;
    if (has_port_lists(layer_->operation)) {
      to_["ports_in"] = inputs.size();
      to_["ports_out"] = outputs.size();
      to_["mem_bw_in_array"] = per_port(inputs, rate);
      to_["mem_bw_out_array"] = per_port(outputs, rate);
    } else {
      to_["mem_bw_in"] = inputs[0].words_per_cycle;
      to_["mem_bw_out"] = outputs[0].words_per_cycle;
    }
    to_["stream_inputs"] = per_port(inputs, outside);
    to_["stream_outputs"] = per_port(outputs, outside);
  }

  void extent(const Extent& extent, const std::string& stem, const std::string& list) {
    to_[stem + "_rows"] = extent.rows;
    to_[stem + "_cols"] = extent.cols;
    to_[list] = {extent.rows, extent.cols};
    if (!layer_->is_3d) return;
    to_[stem + "_depth"] = extent.depth;
    to_[list].push_back(extent.depth);
  }

  void padding(const Padding& by) {
    to_["pad_top"] = by.top;
    to_["pad_right"] = by.right;
    to_["pad_bottom"] = by.bottom;
    to_["pad_left"] = by.left;
    if (!layer_->is_3d) return;
    to_["pad_front"] = by.front;
    to_["pad_back"] = by.back;
  }

  template <class Kind>
  void products(const Kind& of) {
    to_["filters"] = of.filters;
    to_["has_bias"] = of.has_bias ? 1 : 0;
    to_["data_t"] = Json::object();
    to_["input_t"] = json(layer_->data);
    to_["output_t"] = json(of.output);
    to_["weight_t"] = json(of.weight);
    to_["acc_t"] = json(of.acc);
    // Its layers in three dimensions do not say.
    if (!layer_->is_3d || of.block_floating_point) {
      to_["block_floating_point"] = of.block_floating_point;
    }
    weights();
  }

  void weights() {
    const WeightMemory memory = weight_memory(*layer_);
    const std::int64_t off_chip = memory.blocks_off_chip;
    to_["use_uram"] = layer_->weights.in_uram;
    to_["stream_weights"] = off_chip;
    to_["on_chip_addr_range"] = memory.addresses_on_chip();
    to_["off_chip_buffer_size"] = off_chip > 0 ? memory.unit_depth : 0;
    to_["off_chip_interval"] = -1;
    if (off_chip > 0) {
      const double units = real(off_chip) / real(memory.blocks_per_unit());
      to_["off_chip_interval"] =
          static_cast<std::int64_t>(std::ceil(memory.depth_on_chip() / units));
    }
    to_["weight_compression_ratio"] = Json::array({layer_->weights.compression_ratio});
  }

  void operation(const Convolution& of) {
    products(of);
    to_["groups"] = of.groups;
    to_["coarse_group"] = layer_->folding.coarse_group;
    to_["fine"] = layer_->folding.fine;
    extent(of.kernel, "kernel", "kernel_size");
    extent(of.step, "stride", "stride");
    padding(of.padding);
    if (of.sparsity == nullptr) return;
    to_["sparsity"] = of.sparsity->values;
    if (of.sparsity->is_pointwise) {
      to_["clusters"] = of.sparsity->clusters;
    } else {
      to_["skip_all_zero_window"] = of.sparsity->skips_zero_windows;
    }
  }
  void operation(const InnerProduct& of) { products(of); }
  void operation(const Pooling& of) {
    extent(of.kernel, "kernel", "kernel_size");
    extent(of.step, "stride", "stride");
    padding(of.padding);
  }
  void operation(const GlobalPooling& of) { to_["acc_t"] = json(of.acc); }
  void operation(const Elementwise& of) {
    if (of.has_threshold) to_["threshold"] = of.threshold;
    if (of.function != Function::HardSwish) return;
    to_["input_t"] = json(layer_->data);
    to_["output_t"] = json(of.output);
  }
  void operation(const Join& of) { to_["acc_t"] = json(of.acc); }
  void operation(const Concat& of) {
    to_.erase("channels_in");
    to_["channels_in_array"] = of.channels;
  }
  void operation(const Chop& of) {
    to_.erase("channels_out");
    to_["channels_out_array"] = of.channels;
    to_["split"] = of.channels;
  }
  void operation(const Repeat& of) {
    to_["scale"] = {of.scale.rows, of.scale.cols};
    if (layer_->is_3d) to_["scale"].push_back(of.scale.depth);
    to_["scale"].push_back(of.channels);
    to_["scale"].push_back(of.other);
  }
  template <class Kind>
  void operation(const Kind& /*of*/) {}

  const Layer* layer_;
  Json to_ = Json::object();
};

std::vector<NodeId> by_name(const Graph& graph, const std::vector<NodeId>& ids) {
  return graph.sorted(ids);
}

Json streams_into(const Graph& graph, const Node& node) {
  Json result = Json::array();
  const auto add = [&](const std::string& name, const std::string& from, std::size_t port) {
    result.push_back({{"name", name},
                      {"coarse", streams_in(node.layer)},
                      {"buffer_depth", node.layer.inputs[port].buffer_depth},
                      {"node", from}});
  };
  if (node.predecessors.empty()) add("in", node.name, 0);
  std::size_t port = 0;
  for (const NodeId id : by_name(graph, node.predecessors)) {
    add(graph[id].name + "_" + node.name, graph[id].name, port++);
  }
  return result;
}

Json streams_from(const Graph& graph, const Node& node) {
  Json result = Json::array();
  const auto add = [&](const std::string& name, const std::string& to) {
    result.push_back({{"name", name}, {"coarse", streams_out(node.layer)}, {"node", to}});
  };
  if (node.successors.empty()) add("out", node.name);
  for (const NodeId id : by_name(graph, node.successors)) {
    add(node.name + "_" + graph[id].name, graph[id].name);
  }
  return result;
}

Result<Json> write_layer(const Graph& graph, const Node& node, std::int64_t batch_size) {
  auto kind = kind_of(node.layer.operation);
  if (!kind) return std::move(kind).error().at(fmt::format("layer {}", sluice::quoted(node.name)));
  Json result{{"name", node.name}, {"onnx_node", node.source.node}, {"type", kind->type}};
  if (!kind->op_type.empty()) result["op_type"] = kind->op_type;
  result["streams_in"] = streams_into(graph, node);
  result["streams_out"] = streams_from(graph, node);
  result["parameters"] = LayerWriter(graph, node, batch_size).parameters();
  if (!has_weights(node.layer)) return result;
  if (!node.source.weights.empty()) result["weights_path"] = node.source.weights;
  if (!node.source.bias.empty()) result["bias_path"] = node.source.bias;
  return result;
}

Json tensors(const Graph& graph, const std::vector<NodeId>& ids,
             std::vector<std::string> Source::*of) {
  Json result = Json::array();
  for (const NodeId id : ids) {
    const auto& names = graph[id].source.*of;
    result.push_back(names.empty() ? graph[id].name : names.front());
  }
  return result;
}

Result<Json> write_partition(const Partition& partition, std::size_t index) {
  const Graph& graph = partition.graph;
  Json result{{"id", index}, {"ports", 1}, {"batch_size", partition.batch_size}};
  result["input_nodes"] = tensors(graph, graph.input_nodes(), &Source::inputs);
  result["output_nodes"] = tensors(graph, graph.output_nodes(), &Source::outputs);
  result["weights_reloading_factor"] = partition.reloading_factor;
  result["weights_reloading_layer"] =
      partition.reloading_layer.empty() ? "None" : partition.reloading_layer;
  result["layers"] = Json::array();
  for (const NodeId id : graph.topological_order()) {
    SL_TRY(Json layer, write_layer(graph, graph[id], partition.batch_size));
    result["layers"].push_back(std::move(layer));
  }
  result["gen_last_width"] = 16;
  return result;
}

}  // namespace

Result<std::string> write_fpgaconvnet(const HardwareNetwork& network) {
  Json file = Json::object();
  file["partition"] = Json::array();
  for (std::size_t i = 0; i < network.partitions.size(); ++i) {
    SL_TRY(Json partition, write_partition(network.partitions[i], i));
    file["partition"].push_back(std::move(partition));
  }
  SL_TRY(const Json ordered, canonical(file, kPartitions));
  // Python's json.dumps: what is not ASCII is escaped, and there is no newline at the end.
  return ordered.dump(2, ' ', true, Json::error_handler_t::replace);
}

}  // namespace sluice::hw
