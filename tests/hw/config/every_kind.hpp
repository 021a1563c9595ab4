// SPDX-License-Identifier: Apache-2.0
// A partition with a layer of every kind that fpgaConvNet's files have a type for.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "sluice/hw/config/fpgaconvnet.hpp"

namespace sluice::hw::test {

class GraphMaker {
 public:
  // A layer after others, which it has the feature map of.
  NodeId add(const std::string& name, Operation operation, std::initializer_list<NodeId> after,
             Folding folding = {}) {
    Node node{name, {}, {name, {}, {}, {}, {}, {}}, {}, {}};
    node.layer.map = {8, 8, 1, 4};
    if (after.size() > 0) node.layer.map = map_out(graph_[*after.begin()].layer);
    node.layer.operation = std::move(operation);
    node.layer.folding = folding;
    if (node.layer.as<Convolution>() != nullptr || node.layer.as<InnerProduct>() != nullptr) {
      node.source.weights = name + "_w";
      node.source.bias = name + "_b";
    }
    node.layer.inputs.resize(std::max<std::size_t>(after.size(), 1));
    const NodeId id = graph_.add(std::move(node));
    for (const NodeId from : after) graph_.connect(from, id);
    return id;
  }
  Layer& layer(NodeId id) { return graph_[id].layer; }
  Graph& graph() { return graph_; }

 private:
  Graph graph_;
};

inline Convolution convolution(std::int64_t filters, std::int64_t kernel) {
  const std::int64_t pad = kernel / 2;
  Convolution result;
  result.filters = filters;
  result.kernel = {kernel, kernel, 1};
  result.padding = {pad, pad, pad, pad, 0, 0};
  result.has_bias = true;
  return result;
}

inline NodeId split(GraphMaker& make, const std::string& name, NodeId after) {
  const NodeId id = make.add(name, Split{}, {after});
  make.layer(id).outputs = std::vector<Port>(2, Port{.words_per_cycle = 50});
  return id;
}

inline Graph graph_of_every_kind() {
  GraphMaker make;
  NodeId at = make.add("conv", convolution(8, 3), {}, {.coarse_out = 2, .fine = 3});
  at = make.add("conv_squeeze_relu", Regroup{}, {at}, {.coarse_in = 2});
  make.graph()[at].source.node = "conv";
  at = make.add("relu", Elementwise{}, {at});
  const NodeId fork = split(make, "relu_split", at);
  const NodeId pool =
      make.add("pool", Pooling{Reduction::Max, {3, 3, 1}, {1, 1, 1}, {1, 1, 1, 1, 0, 0}}, {fork});
  const NodeId swish = make.add("swish", Elementwise{Function::HardSwish, {}, false, 0}, {fork});
  at = make.add("add", Join{}, {pool, swish});
  const NodeId second = split(make, "add_split", at);
  const NodeId sigmoid =
      make.add("sigmoid", Elementwise{Function::Sigmoid, {}, false, 0}, {second});
  const NodeId silu = make.add("silu", Elementwise{Function::Silu, {}, false, 0}, {second});
  at = make.add("concat", Concat{{8, 8}}, {sigmoid, silu});
  at = make.add("chop", Chop{{8, 8}}, {at});
  make.layer(at).outputs = std::vector<Port>(2);
  const NodeId low = make.add("threshold", Elementwise{Function::Relu, {}, true, 0.5}, {at});
  const NodeId hard = make.add("hard", Elementwise{Function::HardSigmoid, {}, false, 0}, {at});
  at = make.add("mul", Join{Eltwise::Mul, false, {}}, {low, hard});
  at = make.add("norm", ChannelAffine{}, {at});
  at = make.add("resize", Repeat{{2, 2, 1}, 1, 1}, {at});
  Convolution sparse = convolution(8, 1);
  sparse.sparsity =
      std::make_shared<const Sparsity>(Sparsity{std::vector<double>(8, 0.25), true, true, 1});
  at = make.add("sparse", sparse, {at});
  at = make.add("global", GlobalPooling{}, {at});
  at = make.add("reshape", Passing{}, {at});
  at = make.add("gemm", InnerProduct{.filters = 10, .has_bias = true}, {at});
  return std::move(make.graph());
}

inline HardwareNetwork network_of_every_kind() {
  Partition partition;
  partition.graph = graph_of_every_kind();
  partition.reloading_layer = "gemm";
  partition.reloading_factor = 2;
  HardwareNetwork network;
  network.partitions.push_back(std::move(partition));
  return network;
}

// The configuration file of it.
inline Json file_of_every_kind() {
  return *parse_json(*write_fpgaconvnet(network_of_every_kind()));
}

inline Json& layer_of(Json& file, const std::string& name) {
  for (Json& layer : file["partition"][0]["layers"]) {
    if (layer["name"] == name) return layer;
  }
  return file;
}

// The layer of that name, of the network of every kind.
inline Json layer_of_every_kind(const std::string& name) {
  Json file = file_of_every_kind();
  return layer_of(file, name);
}

}  // namespace sluice::hw::test
