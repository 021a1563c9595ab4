// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <fmt/format.h>

#include "sluice/base/assert.hpp"
#include "sluice/hw/buffers.hpp"
#include "sluice/hw/partition.hpp"

namespace sluice::hw {
namespace {

void remove_regrouping(Graph& graph) {
  for (NodeId id = 0; id < graph.size();) {
    if (!is_derived(graph[id].layer)) {
      ++id;
      continue;
    }
    auto before = graph[id].predecessors;
    auto after = graph[id].successors;
    graph.remove(id);
    if (before.empty() || after.empty()) continue;
    const auto moved = [&](NodeId other) { return other > id ? other - 1 : other; };
    graph.connect(moved(before.front()), moved(after.front()));
  }
}

// From the words that `like` gives, or takes at its first input, `from` streams to `to`.
Node regrouping(std::string name, const Node& like, bool of_output, std::int64_t from,
                std::int64_t to) {
  const Layer& layer = like.layer;
  Node result{std::move(name), {}, like.source, {}, {}};
  result.layer.map = of_output ? map_out(layer) : map_in(layer);
  result.layer.is_3d = layer.is_3d;
  result.layer.data = of_output ? output_type(layer) : layer.data;
  result.layer.operation = Regroup{};
  result.layer.folding = {.coarse_in = from, .coarse_out = to};
  result.layer.inputs[0].compression_ratio = layer.outputs[0].compression_ratio;
  result.layer.outputs[0].compression_ratio = layer.outputs[0].compression_ratio;
  return result;
}

// Whether the words between two layers go through memory outside the device.
bool goes_off_chip(const Graph& graph, NodeId from, NodeId to) {
  const auto& outputs = graph[from].layer.outputs;
  const auto& inputs = graph[to].layer.inputs;
  const auto place = [](const std::vector<NodeId>& ports, NodeId neighbour) {
    return static_cast<std::size_t>(std::ranges::find(ports, neighbour) - ports.begin());
  };
  const std::size_t out = place(graph.outputs_of(from), to);
  const std::size_t in = place(graph.inputs_of(to), from);
  return out < outputs.size() && in < inputs.size() && outputs[out].is_off_chip &&
         inputs[in].is_off_chip;
}

void regroup_between(Graph& graph) {
  struct Edge {
    NodeId from, to;
  };
  std::vector<Edge> edges;
  for (NodeId from = 0; from < graph.size(); ++from) {
    for (const NodeId to : graph.sorted(graph[from].successors)) edges.push_back({from, to});
  }
  std::vector<Edge> regrouped;
  for (const Edge& edge : edges) {
    if (streams_out(graph[edge.from].layer) == streams_in(graph[edge.to].layer)) continue;
    if (!goes_off_chip(graph, edge.from, edge.to)) regrouped.push_back(edge);
  }
  for (const auto& [from, to] : regrouped) {
    const NodeId between = graph.add(
        regrouping(fmt::format("{}_squeeze_{}", graph[from].name, graph[to].name), graph[from],
                   true, streams_out(graph[from].layer), streams_in(graph[to].layer)));
    graph.disconnect(from, to);
    graph.connect(from, between);
    graph.connect(between, to);
  }
}

void regroup_at_edges(Partition& partition) {
  Graph& graph = partition.graph;
  const auto inputs = graph.input_nodes();
  const auto outputs = graph.output_nodes();
  partition.streams_in.resize(inputs.size(), 1);
  partition.streams_out.resize(outputs.size(), 1);
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    const NodeId to = inputs[i];
    const std::int64_t streams = streams_in(graph[to].layer);
    if (partition.streams_in[i] == streams) continue;
    const NodeId before = graph.add(regrouping(fmt::format("{}_squeeze", graph[to].name), graph[to],
                                               false, partition.streams_in[i], streams));
    graph.connect(before, to);
  }
  for (std::size_t i = 0; i < outputs.size(); ++i) {
    const NodeId from = outputs[i];
    const std::int64_t streams = streams_out(graph[from].layer);
    if (partition.streams_out[i] == streams) continue;
    const NodeId after =
        graph.add(regrouping(fmt::format("squeeze_{}", graph[from].name), graph[from], true,
                             streams, partition.streams_out[i]));
    graph.connect(from, after);
  }
}

}  // namespace

void update(Partition& partition, Rules rules) {
  remove_regrouping(partition.graph);
  regroup_between(partition.graph);
  regroup_at_edges(partition);
  set_buffer_depths(partition.graph, rules);
  for (NodeId id = 0; id < partition.graph.size(); ++id) {
    partition.graph[id].layer.burst_depth = burst_depth(partition.graph, id);
  }
}

}  // namespace sluice::hw
