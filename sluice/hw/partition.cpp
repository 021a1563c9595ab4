// SPDX-License-Identifier: Apache-2.0
#include "sluice/hw/partition.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "sluice/hw/buffers.hpp"
#include "sluice/hw/compat/fpgaconvnet.hpp"
#include "sluice/hw/layers/weights.hpp"

namespace sluice::hw {
namespace {

// Bits a clock of words that come once an interval.
double bits_per_cycle(double words, double cycles, std::int64_t bits) {
  return words / cycles * real(bits);
}

// Of ports at the partition's edge, and of those whose words wait outside the device. An input
// window's rows are each read as often as the window has rows where the line buffer is outside.
void add_inputs(Traffic& traffic, const Graph& graph, NodeId id, double cycles, Rules rules) {
  const Node& node = graph[id];
  const Layer& layer = node.layer;
  const auto words_at = [&](std::size_t port) {
    // fpgaConvNet's takes every port for the first.
    if (is_compat(rules)) return map_in(layer, 0).words();
    // Of a broadcast, and of channels that are joined, other words come to each port.
    const std::vector<NodeId> before = graph.inputs_of(id);
    return port < before.size() ? map_out(graph[before[port]].layer).words()
                                : map_in(layer, port).words();
  };
  const auto* conv = layer.as<Convolution>();
  for (std::size_t p = 0; p < layer.inputs.size(); ++p) {
    const bool is_off_chip = layer.inputs[p].is_off_chip;
    if (!is_off_chip && !node.predecessors.empty()) continue;
    double words = real(words_at(p));
    if (is_off_chip && conv != nullptr) words *= real(conv->kernel.rows);
    traffic.in.push_back(bits_per_cycle(words, cycles, layer.data.width_bits));
  }
}

void add_outputs(Traffic& traffic, const Node& node, double cycles, Rules rules) {
  const Layer& layer = node.layer;
  const FixedPoint type = is_compat(rules) ? layer.data : output_type(layer);
  for (std::size_t p = 0; p < layer.outputs.size(); ++p) {
    if (!layer.outputs[p].is_off_chip && !node.successors.empty()) continue;
    const auto words = real(map_out(layer, is_compat(rules) ? 0 : p).words());
    traffic.out.push_back(bits_per_cycle(words, cycles, type.width_bits));
  }
}

Traffic traffic_of(const Partition& partition, double interval_cycles, Rules rules) {
  Traffic result;
  const double cycles = interval_cycles * partition.slow_down_factor;
  for (NodeId id = 0; id < partition.graph.size(); ++id) {
    const Node& node = partition.graph[id];
    add_inputs(result, partition.graph, id, cycles, rules);
    add_outputs(result, node, cycles, rules);
    if (!has_weights(node.layer)) continue;
    const double bits = weight_memory(node.layer).streamed_bits_per_cycle(rules);
    result.weights.push_back(bits == 0 ? 0 : bits * latency_cycles(node.layer, rules) / cycles);
  }
  return result;
}

double cycles_of(const Partition& partition, const PartitionEstimate& estimate, Rules rules) {
  const auto batch = real(partition.batch_size);
  const auto passes = real(partition.reloading_factor);
  const auto reloaded = (passes - 1) * real(reloaded_words(partition, rules));
  if (is_compat(rules)) {
    const double interval = std::ceil(estimate.interval_cycles * partition.slow_down_factor);
    return std::trunc((interval * batch + estimate.pipeline_depth_cycles) * passes + reloaded);
  }
  const double pass = estimate.interval_cycles * batch + estimate.pipeline_depth_cycles;
  return std::ceil(pass * partition.slow_down_factor) * passes + reloaded;
}

}  // namespace

double Traffic::total() const {
  double sum = 0;
  for (const auto* list : {&in, &out, &weights}) {
    sum += std::accumulate(list->begin(), list->end(), 0.0);
  }
  return sum;
}

std::string reloading_layer_of(const Partition& partition) {
  const Graph& graph = partition.graph;
  const auto outputs = graph.output_nodes();
  if (outputs.empty()) return {};
  NodeId at = outputs.front();
  for (;;) {
    const Layer& layer = graph[at].layer;
    if (has_weights(layer)) return graph[at].name;
    const bool is_end = layer.as<Split>() != nullptr || joins(layer);
    if (is_end || graph[at].predecessors.empty()) return {};
    at = graph.sorted(graph[at].predecessors).front();
  }
}

Layer layer_of_pass(Layer layer, std::int64_t passes, bool is_reloaded) {
  if (!is_reloaded) {
    layer.map.channels /= passes;
  } else if (auto* conv = layer.as<Convolution>()) {
    conv->filters /= passes;
  } else if (auto* product = layer.as<InnerProduct>()) {
    product->filters /= passes;
  }
  return layer;
}

std::int64_t reloaded_words(const Partition& partition, Rules rules) {
  const auto id = partition.graph.find(partition.reloading_layer);
  return id ? parameters_of(partition.graph[*id].layer, rules).weights : 0;
}

PartitionEstimate estimate(const Partition& partition, const Coefficients& by, Rules rules) {
  PartitionEstimate result;
  for (const Node& node : partition.graph.nodes()) {
    const LayerCost cost = cost_of(node.layer, by, rules);
    result.interval_cycles = std::max(result.interval_cycles, cost.latency_cycles);
    result.resources += cost.resources;
    const double operations = operations_of(node.layer, rules);
    const auto* conv = node.layer.as<Convolution>();
    const bool is_sparse = conv != nullptr && conv->sparsity != nullptr;
    result.operations += operations;
    result.sparse_operations += is_sparse ? operations_of(node.layer, rules, true) : operations;
  }
  result.pipeline_depth_cycles =
      is_compat(rules) ? compat::pipeline_depth_cycles(partition.graph, result.interval_cycles)
                       : span_cycles(partition.graph) - result.interval_cycles;
  result.traffic = traffic_of(partition, result.interval_cycles, rules);
  result.cycles = cycles_of(partition, result, rules);
  return result;
}

double memory_bits(const Partition& partition, const PartitionEstimate& estimate, Rules rules) {
  const double passes = real(partition.reloading_factor);
  const double cycles = estimate.interval_cycles * partition.slow_down_factor;
  double bits = estimate.traffic.total() * cycles * passes;
  if (const auto id = partition.graph.find(partition.reloading_layer)) {
    const double words = real(reloaded_words(partition, rules)) * (passes - 1);
    const std::int64_t width_bits = weight_width_bits(partition.graph[*id].layer);
    bits += words * real(width_bits) / real(partition.batch_size);
  }
  return bits;
}

}  // namespace sluice::hw
