// SPDX-License-Identifier: Apache-2.0
#include "sluice/hw/split.hpp"

#include <algorithm>

#include "sluice/base/assert.hpp"

namespace sluice::hw {
namespace {

std::vector<bool> from_node_on(const Graph& graph, NodeId start) {
  std::vector<bool> result(graph.size());
  std::vector<NodeId> open{start};
  while (!open.empty()) {
    const NodeId at = open.back();
    open.pop_back();
    if (result[at]) continue;
    result[at] = true;
    const auto& after = graph[at].successors;
    open.insert(open.end(), after.begin(), after.end());
  }
  return result;
}

// The nodes of `graph` that are on one side, and the edges between them.
Graph side_of(const Graph& graph, const std::vector<bool>& is_after, bool after) {
  Graph result;
  std::vector<NodeId> moved(graph.size());
  const auto keep = [&](std::vector<NodeId>& neighbours) {
    std::erase_if(neighbours, [&](NodeId id) { return is_after[id] != after; });
  };
  for (NodeId id = 0; id < graph.size(); ++id) {
    if (is_after[id] == after) moved[id] = result.add(graph[id]);
  }
  for (NodeId id = 0; id < result.size(); ++id) {
    for (auto* neighbours : {&result[id].predecessors, &result[id].successors}) {
      keep(*neighbours);
      for (NodeId& each : *neighbours) each = moved[each];
    }
  }
  return result;
}

Partition part_of(const Partition& whole, const std::vector<bool>& is_after, bool after) {
  Partition result;
  result.graph = side_of(whole.graph, is_after, after);
  result.batch_size = whole.batch_size;
  result.slow_down_factor = whole.slow_down_factor;
  (after ? result.streams_out : result.streams_in) = after ? whole.streams_out : whole.streams_in;
  result.reloading_layer = reloading_layer_of(result);
  if (!result.reloading_layer.empty() && result.reloading_layer == whole.reloading_layer) {
    result.reloading_factor = whole.reloading_factor;
  }
  return result;
}

}  // namespace

std::vector<Edge> bridges(const Graph& graph) {
  // All before a bridge comes before all after it, in any topological order: there, a bridge is
  // alone in going over a gap, with all inputs before the gap and all outputs after it.
  const std::vector<NodeId> order = graph.topological_order();
  std::vector<std::size_t> place(graph.size());
  for (std::size_t i = 0; i < order.size(); ++i) place[order[i]] = i;
  std::size_t last_input = 0;
  std::size_t first_output = order.size();
  for (const NodeId id : graph.input_nodes()) last_input = std::max(last_input, place[id]);
  for (const NodeId id : graph.output_nodes()) first_output = std::min(first_output, place[id]);
  std::vector<Edge> result;
  std::size_t open = 0;  // edges over the gap
  for (std::size_t i = 0; i < order.size(); ++i) {
    const Node& node = graph[order[i]];
    open += node.successors.size();
    open -= node.predecessors.size();
    if (open != 1 || i < last_input || i >= first_output) continue;
    // Its end is the next node: every other that could come next would read over the gap too.
    const NodeId to = order[i + 1];
    result.push_back({graph[to].predecessors.front(), to});
  }
  return result;
}

std::pair<Partition, Partition> split_at(const Partition& partition, const Edge& bridge) {
  const Graph& graph = partition.graph;
  const std::vector<bool> is_after = from_node_on(graph, bridge.to);
  for (NodeId id = 0; id < graph.size(); ++id) {
    for (const NodeId to : graph[id].successors) {
      SL_ASSERT(is_after[id] == is_after[to] || (id == bridge.from && to == bridge.to), "a bridge");
    }
  }
  return {part_of(partition, is_after, false), part_of(partition, is_after, true)};
}

}  // namespace sluice::hw
