// SPDX-License-Identifier: Apache-2.0
#include "sluice/hw/compat/fpgaconvnet.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace sluice::hw::compat {
namespace {

// A path's sums, from where branches part. Of paths to a node those are kept that no other exceeds
// in all three: at most a few, where enumerating all paths takes time exponential in their joins.
struct PathSums {
  double depth = 0;
  double cycles = 0;
  double product = 1;

  [[nodiscard]] double total() const { return depth + cycles; }
  [[nodiscard]] bool is_within(const PathSums& other) const {
    return depth <= other.depth && cycles <= other.cycles && product <= other.product;
  }
};

void keep(std::vector<PathSums>& paths, const PathSums& path) {
  const auto within_path = [&](const PathSums& other) { return other.is_within(path); };
  if (std::ranges::any_of(paths, [&](const PathSums& other) { return path.is_within(other); })) {
    return;
  }
  std::erase_if(paths, within_path);
  paths.push_back(path);
}

PathSums extended(PathSums path, const Layer& layer) {
  const LayerTiming timing = timing_of(layer, kRules);
  const auto in = real(stream_words_in(layer));
  path.depth += real(timing.pipeline_depth);
  path.product *= in / real(stream_words_out(layer));
  path.cycles += timing.latency_cycles / in * path.product;
  return path;
}

// Whether each node comes before `id`, itself included.
std::vector<bool> ancestors(const Graph& graph, NodeId id) {
  std::vector<bool> result(graph.size());
  std::vector<NodeId> open{id};
  while (!open.empty()) {
    const NodeId at = open.back();
    open.pop_back();
    if (result[at]) continue;
    result[at] = true;
    const auto& before = graph[at].predecessors;
    open.insert(open.end(), before.begin(), before.end());
  }
  return result;
}

// Where the branches of a join part: of the last common ancestors of its pairs of predecessors the
// first in topological order. None if they do not meet.
std::optional<NodeId> parting_node(const Graph& graph, NodeId join,
                                   const std::vector<NodeId>& order) {
  std::vector<std::vector<bool>> before;
  for (const NodeId from : graph.sorted(graph[join].predecessors)) {
    before.push_back(ancestors(graph, from));
  }
  std::vector<bool> last_common(graph.size());
  for (std::size_t a = 0; a < before.size(); ++a) {
    for (std::size_t b = a + 1; b < before.size(); ++b) {
      const auto found = std::find_if(order.rbegin(), order.rend(),
                                      [&](NodeId id) { return before[a][id] && before[b][id]; });
      if (found != order.rend()) last_common[*found] = true;
    }
  }
  const auto first = std::ranges::find_if(order, [&](NodeId id) { return last_common[id]; });
  return first == order.end() ? std::nullopt : std::optional(*first);
}

// For each node the sums of the paths from `start`, both ends included.
std::vector<std::vector<PathSums>> paths_from(const Graph& graph, NodeId start,
                                              const std::vector<NodeId>& order) {
  std::vector<std::vector<PathSums>> paths(graph.size());
  for (const NodeId id : order) {
    if (id == start) paths[id].push_back(extended({}, graph[id].layer));
    for (const NodeId from : graph[id].predecessors) {
      for (const PathSums& path : paths[from]) keep(paths[id], extended(path, graph[id].layer));
    }
  }
  return paths;
}

// The input of a join that reads one of the tensors that `from` makes.
std::optional<std::size_t> port_of(const Source& join, const Source& from) {
  for (const std::string& output : from.outputs) {
    const auto found = std::ranges::find(join.inputs, output);
    if (found != join.inputs.end()) return static_cast<std::size_t>(found - join.inputs.begin());
  }
  return std::nullopt;
}

// Of the words that a Concat passes on of each input, at its rate.
double concat_words(const Layer& layer) {
  const auto* concat = layer.as<Concat>();
  if (concat == nullptr) return 0;
  const double rate = timing_of(layer, kRules).rate_in;
  double sum = 0;
  for (const std::int64_t channels : concat->channels) sum += real(channels) / rate;
  return std::trunc(sum);
}

void set_depths_of(Graph& graph, NodeId join, const std::vector<NodeId>& order) {
  constexpr double kSlack = 64;
  Layer& layer = graph[join].layer;
  const auto parting = parting_node(graph, join, order);
  if (!parting) {
    for (Port& port : layer.inputs) port.buffer_depth = 2;
    return;
  }
  if (!splits(graph[*parting].layer)) return;
  const auto paths = paths_from(graph, *parting, order);
  const auto longest = [&](NodeId id) {
    double result = 0;
    for (const PathSums& path : paths[id]) {
      result = std::max(result, extended(path, layer).total());
    }
    return result;
  };
  const std::vector<NodeId> before = graph.sorted(graph[join].predecessors);
  double most = 0;
  for (const NodeId from : before) most = std::max(most, longest(from));
  std::size_t port = 0;
  for (const NodeId from : before) {
    // Where no tensor is found it keeps to the port before.
    port = port_of(graph[join].source, graph[from].source).value_or(port);
    if (port >= layer.inputs.size()) continue;
    layer.inputs[port].buffer_depth =
        static_cast<std::int64_t>(std::ceil(most - longest(from)) + concat_words(layer) + kSlack);
  }
}

}  // namespace

void set_buffer_depths(Graph& graph) {
  const std::vector<NodeId> order = graph.topological_order();
  for (NodeId id = 0; id < graph.size(); ++id) {
    if (joins(graph[id].layer)) set_depths_of(graph, id, order);
  }
}

double pipeline_depth_cycles(const Graph& graph, double interval_cycles) {
  double sum = 0;
  double product = 1;
  for (const NodeId id : graph.longest_path()) {
    const Layer& layer = graph[id].layer;
    const LayerTiming timing = timing_of(layer, kRules);
    const auto in = real(stream_words_in(layer));
    product *= in / real(stream_words_out(layer));
    sum += real(timing.pipeline_depth) / timing.rate_in + interval_cycles / in * product;
  }
  return sum;
}

}  // namespace sluice::hw::compat
