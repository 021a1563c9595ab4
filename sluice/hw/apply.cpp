// SPDX-License-Identifier: Apache-2.0
// A design to partitions of a network, and back.
#include <algorithm>
#include <fmt/format.h>
#include <unordered_map>

#include "sluice/base/text.hpp"
#include "sluice/hw/config/feasible.hpp"
#include "sluice/hw/design.hpp"

namespace sluice::hw {
namespace {

Error error_at(std::string place, std::string message) {
  return {ErrorCode::InvalidArgument, std::move(message), std::move(place)};
}

std::string partition_place(std::size_t partition) {
  return fmt::format("/partitions/{}", partition);
}

std::string layer_place(std::size_t partition, std::size_t layer) {
  return fmt::format("/partitions/{}/layers/{}", partition, layer);
}

// Where in a design each node of the network is.
struct Place {
  std::size_t partition = 0, layer = 0;
};

class Applying {
 public:
  Applying(const Design& design, const Graph& network) : design_(&design), network_(&network) {
    for (NodeId id = 0; id < network.size(); ++id) ids_.emplace(network[id].name, id);
  }

  Result<HardwareNetwork> apply() {
    SL_TRY_STATUS(find_places());
    SL_TRY_STATUS(check_order());
    HardwareNetwork result;
    result.name = design_->model_name;
    result.graph = *network_;
    result.batch_size = design_->batch_size;
    for (std::size_t p = 0; p < design_->partitions.size(); ++p) {
      SL_TRY(Partition partition, make(p));
      result.partitions.push_back(std::move(partition));
    }
    return result;
  }

 private:
  // Each layer of the network is once in the design.
  Status find_places() {
    places_.resize(network_->size());
    for (std::size_t p = 0; p < design_->partitions.size(); ++p) {
      const auto& layers = design_->partitions[p].layers;
      if (layers.empty()) return error_at(partition_place(p) + "/layers", "has no layers");
      for (std::size_t l = 0; l < layers.size(); ++l) SL_TRY_STATUS(find_place({p, l}));
    }
    const auto missing = std::ranges::find_if(places_, [](const auto& at) { return !at; });
    if (missing == places_.end()) return {};
    const auto id = static_cast<NodeId>(missing - places_.begin());
    return error_at("/partitions", fmt::format("lack layer {} of the network",
                                               sluice::quoted((*network_)[id].name)));
  }

  Status find_place(Place at) {
    const std::string& name = design_->partitions[at.partition].layers[at.layer].name;
    const std::string place = layer_place(at.partition, at.layer) + "/name";
    const auto found = ids_.find(name);
    if (found == ids_.end()) {
      std::vector<std::string_view> names;
      names.reserve(network_->size());
      for (const Node& node : network_->nodes()) names.push_back(node.name);
      return error_at(place, fmt::format("the network has no layer {}{}", sluice::quoted(name),
                                         did_you_mean(name, names)));
    }
    auto& known = places_[found->second];
    if (known) {
      return error_at(place, fmt::format("layer {} is in {} already", sluice::quoted(name),
                                         layer_place(known->partition, known->layer)));
    }
    known = at;
    return {};
  }

  // Partitions run one after another: none may read what a later one writes.
  Status check_order() const {
    for (NodeId id = 0; id < network_->size(); ++id) {
      for (const NodeId to : (*network_)[id].successors) {
        if (places_[id]->partition <= places_[to]->partition) continue;
        return error_at(layer_place(places_[to]->partition, places_[to]->layer),
                        fmt::format("layer {} reads {}, which is in a later partition: {}",
                                    sluice::quoted((*network_)[to].name),
                                    sluice::quoted((*network_)[id].name), places_[id]->partition));
      }
    }
    return {};
  }

  Result<Partition> make(std::size_t p) const {
    const PartitionDesign& by = design_->partitions[p];
    Partition result;
    result.batch_size = design_->batch_size;
    result.slow_down_factor = by.slow_down_factor;
    std::vector<std::optional<NodeId>> inside(network_->size());
    for (NodeId id = 0; id < network_->size(); ++id) {
      if (places_[id]->partition != p) continue;
      Node node = (*network_)[id];
      node.predecessors.clear();
      node.successors.clear();
      inside[id] = result.graph.add(std::move(node));
    }
    connect(result.graph, inside);
    SL_TRY_STATUS(set_reloading(result, p));
    for (NodeId id = 0; id < network_->size(); ++id) {
      if (!inside[id]) continue;
      SL_TRY_STATUS(set(result.graph[*inside[id]].layer, *places_[id]));
    }
    SL_TRY_STATUS(check_streams(result.graph, result.graph.input_nodes(), by.streams_in, true, p));
    SL_TRY_STATUS(
        check_streams(result.graph, result.graph.output_nodes(), by.streams_out, false, p));
    result.streams_in = by.streams_in;
    result.streams_out = by.streams_out;
    return result;
  }

  // The network's edges inside the partition, each node's in the order the network has them.
  void connect(Graph& graph, const std::vector<std::optional<NodeId>>& inside) const {
    const auto mapped = [&](const std::vector<NodeId>& ids) {
      std::vector<NodeId> result;
      for (const NodeId id : ids) {
        if (inside[id]) result.push_back(*inside[id]);
      }
      return result;
    };
    for (NodeId id = 0; id < inside.size(); ++id) {
      if (!inside[id]) continue;
      graph[*inside[id]].predecessors = mapped((*network_)[id].predecessors);
      graph[*inside[id]].successors = mapped((*network_)[id].successors);
    }
  }

  Status set(Layer& layer, Place at) const {
    const LayerDesign& by = design_->partitions[at.partition].layers[at.layer];
    const std::string place = layer_place(at.partition, at.layer);
    layer.folding = by.folding;
    if (const auto fault = infeasible_folding(layer, design_->rules)) {
      return error_at(fmt::format("{}/folding/{}", place, fault->field), fault->message);
    }
    layer.weights.in_uram = by.weights_in_uram;
    layer.weights.blocks_off_chip = by.weight_blocks_off_chip;
    layer.weights.blocks_in_luts = by.weight_blocks_in_luts;
    if (const auto fault = infeasible_weights(layer)) {
      const bool is_off_chip = fault->field == "stream_weights";
      return error_at(
          place + "/weights/" + std::string(is_off_chip ? "blocks_off_chip" : fault->field),
          fault->message);
    }
    SL_TRY_STATUS(set_ports(layer.inputs, by.inputs_off_chip, place + "/inputs_off_chip"));
    return set_ports(layer.outputs, by.outputs_off_chip, place + "/outputs_off_chip");
  }

  static Status set_ports(std::vector<Port>& ports, const std::vector<bool>& off_chip,
                          const std::string& place) {
    if (off_chip.size() != ports.size()) {
      return error_at(place, fmt::format("has {} values, the layer has {} port{}", off_chip.size(),
                                         ports.size(), ports.size() == 1 ? "" : "s"));
    }
    for (std::size_t i = 0; i < ports.size(); ++i) ports[i].is_off_chip = off_chip[i];
    return {};
  }

  Status set_reloading(Partition& partition, std::size_t p) const {
    const PartitionDesign& by = design_->partitions[p];
    const std::string place = partition_place(p) + "/reloading";
    partition.reloading_layer = by.reloading_layer;
    partition.reloading_factor = by.reloading_factor;
    if (by.reloading_layer.empty()) {
      if (by.reloading_factor == 1) return {};
      return error_at(place + "/factor", "must be 1 without a layer");
    }
    const auto id = partition.graph.find(by.reloading_layer);
    if (!id) {
      return error_at(place + "/layer", fmt::format("layer {} is not in the partition",
                                                    sluice::quoted(by.reloading_layer)));
    }
    if (const auto fault = infeasible_reloading(partition.graph[*id].layer, by.reloading_factor)) {
      return error_at(place + "/factor", fault->message);
    }
    if (by.reloading_factor > 1) divide(partition.graph, *id, by.reloading_factor);
    return {};
  }

  // A layer in passes, and all that follow it.
  static void divide(Graph& graph, NodeId reloaded, std::int64_t passes) {
    std::vector<NodeId> open{reloaded};
    std::vector<bool> seen(graph.size());
    while (!open.empty()) {
      const NodeId id = open.back();
      open.pop_back();
      if (seen[id]) continue;
      seen[id] = true;
      graph[id].layer = layer_of_pass(graph[id].layer, passes, id == reloaded);
      const auto& after = graph[id].successors;
      open.insert(open.end(), after.begin(), after.end());
    }
  }

  // As many streams as the partition's edge has layers; each number divides their channels.
  static Status check_streams(const Graph& graph, const std::vector<NodeId>& ids,
                              const std::vector<std::int64_t>& streams, bool are_inputs,
                              std::size_t p) {
    const std::string place = partition_place(p) + (are_inputs ? "/streams_in" : "/streams_out");
    if (streams.size() != ids.size()) {
      return error_at(place, fmt::format("has {} values, the partition has {} such layer{}",
                                         streams.size(), ids.size(), ids.size() == 1 ? "" : "s"));
    }
    for (std::size_t i = 0; i < ids.size(); ++i) {
      const Layer& layer = graph[ids[i]].layer;
      const std::int64_t channels = (are_inputs ? map_in(layer) : map_out(layer)).channels;
      if (streams[i] >= 1 && channels % streams[i] == 0) continue;
      return error_at(fmt::format("{}/{}", place, i),
                      fmt::format("{} streams do not divide the {} channels of {}", streams[i],
                                  channels, sluice::quoted(graph[ids[i]].name)));
    }
    return {};
  }

  const Design* design_;
  const Graph* network_;
  std::unordered_map<std::string, NodeId> ids_;
  std::vector<std::optional<Place>> places_;
};

LayerDesign design_of(const Node& node) {
  const Layer& layer = node.layer;
  LayerDesign result;
  result.name = node.name;
  result.folding = layer.folding;
  result.weights_in_uram = layer.weights.in_uram;
  result.weight_blocks_off_chip = layer.weights.blocks_off_chip;
  result.weight_blocks_in_luts = layer.weights.blocks_in_luts;
  for (const Port& port : layer.inputs) result.inputs_off_chip.push_back(port.is_off_chip);
  for (const Port& port : layer.outputs) result.outputs_off_chip.push_back(port.is_off_chip);
  return result;
}

// What update() put between layers or at the partition's edge.
bool is_derived(const Node& node, const Graph& network) {
  return node.layer.as<Regroup>() != nullptr && !network.find(node.name);
}

// Streams at the edge in the order of the layers there, whatever regroupings lie before them.
std::vector<std::int64_t> edge_streams(const Partition& partition, const Graph& network,
                                       bool are_inputs) {
  const Graph& graph = partition.graph;
  const auto& streams = are_inputs ? partition.streams_in : partition.streams_out;
  const auto ids = are_inputs ? graph.input_nodes() : graph.output_nodes();
  if (ids.size() != streams.size()) return streams;
  std::vector<std::pair<std::string, std::int64_t>> by_name;
  for (std::size_t i = 0; i < ids.size(); ++i) {
    const Node* node = &graph[ids[i]];
    const auto& beyond = are_inputs ? node->successors : node->predecessors;
    if (is_derived(*node, network) && !beyond.empty()) node = &graph[beyond[0]];
    by_name.emplace_back(node->name, streams[i]);
  }
  std::ranges::stable_sort(by_name, {}, &std::pair<std::string, std::int64_t>::first);
  std::vector<std::int64_t> result;
  result.reserve(by_name.size());
  for (const auto& [name, count] : by_name) result.push_back(count);
  return result;
}

}  // namespace

Result<HardwareNetwork> apply(const Design& design, const Graph& network) {
  return Applying(design, network).apply();
}

Design design_of(const HardwareNetwork& network, Design about) {
  about.batch_size = network.batch_size;
  about.partitions.clear();
  for (const Partition& partition : network.partitions) {
    PartitionDesign& to = about.partitions.emplace_back();
    for (const Node& node : partition.graph.nodes()) {
      if (!is_derived(node, network.graph)) to.layers.push_back(design_of(node));
    }
    to.reloading_layer = partition.reloading_layer;
    to.reloading_factor = partition.reloading_factor;
    to.slow_down_factor = partition.slow_down_factor;
    to.streams_in = edge_streams(partition, network.graph, true);
    to.streams_out = edge_streams(partition, network.graph, false);
  }
  return about;
}

}  // namespace sluice::hw
