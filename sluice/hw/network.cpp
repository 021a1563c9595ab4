// SPDX-License-Identifier: Apache-2.0
#include "sluice/hw/network.hpp"

#include <algorithm>
#include <cmath>

namespace sluice::hw {
namespace {

double sequential_cycles(const std::vector<PartitionEstimate>& partitions) {
  double sum = 0;
  for (const PartitionEstimate& each : partitions) sum += each.cycles;
  return sum;
}

// fpgaConvNet's knows of neither passes nor memory that cannot keep up here.
double pipelined_cycles_compat(const HardwareNetwork& network,
                               const std::vector<PartitionEstimate>& partitions) {
  double interval = 0;
  double depth = 0;
  for (const PartitionEstimate& each : partitions) {
    interval = std::max(interval, each.interval_cycles);
    depth += each.pipeline_depth_cycles;
  }
  return std::trunc(interval * real(network.batch_size) + depth);
}

// The slowest partition sets the pace of all; what others need to fill adds to it. No feature map
// is whole before the last pass: earlier passes are waited for.
double pipelined_cycles(const HardwareNetwork& network,
                        const std::vector<PartitionEstimate>& partitions) {
  double interval = 0;
  double depth = 0;
  double waits = 0;
  for (std::size_t i = 0; i < partitions.size(); ++i) {
    const Partition& partition = network.partitions[i];
    const PartitionEstimate& each = partitions[i];
    interval = std::max(interval, each.interval_cycles * partition.slow_down_factor);
    depth += each.pipeline_depth_cycles * partition.slow_down_factor;
    const auto passes = real(partition.reloading_factor);
    const double reloaded = (passes - 1) * real(reloaded_words(partition));
    waits += (each.cycles - reloaded) / passes * (passes - 1) + reloaded;
  }
  return std::ceil(interval * real(network.batch_size) + depth) + waits;
}

double cycles_of(const HardwareNetwork& network, const std::vector<PartitionEstimate>& partitions,
                 const ExecutionOptions& options) {
  if (options.execution == Execution::Sequential) return sequential_cycles(partitions);
  return is_compat(options.rules) ? pipelined_cycles_compat(network, partitions)
                                  : pipelined_cycles(network, partitions);
}

std::int64_t reconfigurations_of(const HardwareNetwork& network, const ExecutionOptions& options) {
  const auto partitions = static_cast<std::int64_t>(network.partitions.size());
  const bool stay = options.execution == Execution::Pipelined && options.rules == Rules::Sluice;
  return partitions > 1 && !stay ? partitions : 0;
}

double memory_words_of(const HardwareNetwork& network) {
  double in = 0;
  double out = 0;
  for (const Partition& partition : network.partitions) {
    const auto batch = real(partition.batch_size);
    const auto passes = real(partition.reloading_factor);
    in = std::max(in, real(words_in(partition.graph)) * batch);
    out = std::max(out, real(words_out(partition.graph)) * batch * passes);
  }
  return in + out;
}

}  // namespace

void update(HardwareNetwork& network, Rules rules) {
  std::erase_if(network.partitions, [](const Partition& each) { return each.graph.size() == 0; });
  for (Partition& partition : network.partitions) {
    partition.batch_size = network.batch_size;
    update(partition, rules);
  }
}

NetworkEstimate estimate(const HardwareNetwork& network, const Coefficients& by,
                         const ExecutionOptions& options) {
  NetworkEstimate result;
  for (const Partition& partition : network.partitions) {
    result.partitions.push_back(estimate(partition, by, options.rules));
  }
  result.cycles = cycles_of(network, result.partitions, options);
  result.reconfigurations = reconfigurations_of(network, options);
  result.latency_s = result.cycles / (options.clock_mhz * 1e6) +
                     options.reconfiguration_s * real(result.reconfigurations);
  result.frames_per_s = real(network.batch_size) / result.latency_s;
  result.memory_words = memory_words_of(network);
  return result;
}

// A join has its edges first, as far as it has any: the ports that are left are the partition's.
std::int64_t words_in(const Graph& graph) {
  std::int64_t sum = 0;
  for (const NodeId id : graph.input_nodes()) {
    const Node& node = graph[id];
    for (std::size_t p = node.predecessors.size(); p < node.layer.inputs.size(); ++p) {
      sum += map_in(node.layer, p).words();
    }
  }
  return sum;
}

std::int64_t words_out(const Graph& graph) {
  std::int64_t sum = 0;
  for (const NodeId id : graph.output_nodes()) {
    const Node& node = graph[id];
    for (std::size_t p = node.successors.size(); p < node.layer.outputs.size(); ++p) {
      sum += map_out(node.layer, p).words();
    }
  }
  return sum;
}

std::vector<Edge> branch_edges(const Graph& graph) {
  std::vector<Edge> result;
  for (NodeId id = 0; id < graph.size(); ++id) {
    if (!splits(graph[id].layer)) continue;
    for (const NodeId to : graph.sorted(graph[id].successors)) result.push_back({id, to});
  }
  for (NodeId id = 0; id < graph.size(); ++id) {
    if (!joins(graph[id].layer)) continue;
    for (const NodeId from : graph.sorted(graph[id].predecessors)) {
      if (!splits(graph[from].layer)) result.push_back({from, id});
    }
  }
  return result;
}

}  // namespace sluice::hw
