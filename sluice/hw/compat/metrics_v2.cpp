// SPDX-License-Identifier: Apache-2.0
#include "sluice/hw/compat/metrics_v2.hpp"

#include <algorithm>
#include <cmath>

#include "sluice/hw/compat/fpgaconvnet.hpp"
#include "sluice/hw/compat/matrices.hpp"
#include "sluice/hw/layers/weights.hpp"

namespace sluice::hw::compat {
namespace {

std::vector<double> initial_input_rates(const Graph& graph, const std::vector<NodeId>& order) {
  std::vector<double> result(graph.size());
  // The most cycles that a node takes, of those before a node, itself included.
  std::vector<double> slowest(graph.size());
  for (const NodeId id : order) {
    const Node& node = graph[id];
    const LayerTiming timing = timing_of(node.layer, kRules);
    double before = 0;
    for (const NodeId from : node.predecessors) before = std::max(before, slowest[from]);
    result[id] =
        node.predecessors.empty() ? timing.rate_in : real(stream_words_in(node.layer)) / before;
    slowest[id] = std::max(before, timing.latency_cycles + real(timing.pipeline_depth));
  }
  return result;
}

// The cycles in which a node's first window comes, but for its first burst of channels.
double filling_cycles(const Layer& layer, double rate) {
  const std::int64_t channels = map_in(layer).channels;
  const double bursts = std::ceil(real(start_depth(layer)) / real(channels)) - 1;
  return std::max(bursts, 0.0) * (real(channels / streams_in(layer)) / rate);
}

// Along the path of most nodes.
std::vector<double> start_cycles(const Graph& graph, const std::vector<NodeId>& order,
                                 const std::vector<double>& rates) {
  std::vector<double> result(graph.size());
  std::vector<std::size_t> length(graph.size());
  for (const NodeId id : order) {
    const Node& node = graph[id];
    if (node.predecessors.empty()) {
      result[id] = real(timing_of(node.layer, kRules).pipeline_depth);
      continue;
    }
    const NodeId from = *std::ranges::max_element(node.predecessors, {},
                                                  [&](NodeId other) { return length[other]; });
    length[id] = length[from] + 1;
    result[id] = result[from] + filling_cycles(node.layer, rates[id]);
  }
  return result;
}

bool regroups_at_edge(const Node& node) {
  const auto* regroup = node.layer.as<Regroup>();
  return regroup != nullptr && regroup->is_derived &&
         (node.predecessors.empty() || node.successors.empty());
}

double cycles_of(const Partition& partition, const std::vector<double>& starts) {
  const Graph& graph = partition.graph;
  double pass = 0;
  for (NodeId id = 0; id < graph.size(); ++id) {
    if (regroups_at_edge(graph[id])) continue;
    const double latency = latency_cycles(graph[id].layer, kRules);
    pass = std::max(pass,
                    starts[id] + real(partition.batch_size) * latency * partition.slow_down_factor);
  }
  const auto passes = real(partition.reloading_factor);
  return pass * passes + (passes - 1) * real(reloaded_words(partition, kRules));
}

double operations_of(const Partition& partition) {
  double sum = 0;
  for (const Node& node : partition.graph.nodes()) {
    const bool is_reloaded = node.name == partition.reloading_layer;
    sum += hw::operations_of(node.layer, kRules) *
           (is_reloaded ? real(partition.reloading_factor) : 1);
  }
  return sum;
}

// Joins that lack predecessors are inputs, and nodes that lack successors outputs.
Traffic traffic_of(const Partition& partition, double interval_cycles) {
  Traffic result;
  const Graph& graph = partition.graph;
  const double cycles = interval_cycles * partition.slow_down_factor;
  const auto inputs = graph.input_nodes();
  const auto outputs = graph.output_nodes();
  const auto is_among = [](const std::vector<NodeId>& list, NodeId id) {
    return std::ranges::find(list, id) != list.end();
  };
  for (NodeId id = 0; id < graph.size(); ++id) {
    const Layer& layer = graph[id].layer;
    const double bits = real(layer.data.width_bits);
    for (const Port& port : layer.inputs) {
      if (!port.is_off_chip && !is_among(inputs, id)) continue;
      double words = real(map_in(layer).words());
      const auto* conv = layer.as<Convolution>();
      if (port.is_off_chip && conv != nullptr) {
        words *= real(conv->kernel.rows * (layer.is_3d ? conv->kernel.depth : 1));
      }
      result.in.push_back(words / cycles * bits * port.compression_ratio);
    }
    for (const Port& port : layer.outputs) {
      if (!port.is_off_chip && !is_among(outputs, id)) continue;
      result.out.push_back(real(map_out(layer).words()) / cycles * bits * port.compression_ratio);
    }
    if (layer.as<Convolution>() == nullptr && layer.as<InnerProduct>() == nullptr) continue;
    result.weights.push_back(weight_memory(layer).streamed_bits_per_cycle() *
                             latency_cycles(layer, kRules) / cycles);
  }
  return result;
}

}  // namespace

MetricsV2 metrics_v2(const Partition& partition, const Coefficients& by) {
  const Graph& graph = partition.graph;
  const auto order = graph.topological_order();
  MetricsV2 result;
  result.initial_input_rate = initial_input_rates(graph, order);
  result.start_cycle = start_cycles(graph, order, result.initial_input_rate);
  result.interval_cycles = Matrices(graph).interval_cycles();
  const auto outputs = graph.output_nodes();
  if (!outputs.empty()) result.pipeline_depth_cycles = result.start_cycle[outputs.back()];
  result.cycles = cycles_of(partition, result.start_cycle);
  result.operations = operations_of(partition);
  for (const Node& node : graph.nodes()) result.resources += resources_of(node.layer, by, kRules);
  result.traffic = traffic_of(partition, result.interval_cycles);
  return result;
}

}  // namespace sluice::hw::compat
