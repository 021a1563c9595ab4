// SPDX-License-Identifier: Apache-2.0
#include "sluice/dse/space.hpp"

#include <algorithm>

#include "sluice/base/assert.hpp"
#include "sluice/hw/partition.hpp"

namespace sluice::dse {
namespace {

using hw::real;

bool contains(std::span<const hw::NodeId> members, hw::NodeId id) {
  return std::ranges::find(members, id) != members.end();
}

// Streams of a port to memory: as many as the layer has, or the most that divide its channels among
// those that the port is wide enough for.
std::int64_t port_streams(const Problem& problem, const hw::FixedPoint& words,
                          std::int64_t channels, std::int64_t streams) {
  const std::int64_t most = std::max<std::int64_t>(problem.device.port_bits / words.width_bits, 1);
  std::int64_t result = std::min(streams, most);
  while (channels % result != 0) --result;
  return result;
}

// Longest paths over nodes that no path has yet, until all are on one.
std::vector<std::vector<std::size_t>> path_cover(const Space& space) {
  std::vector<bool> covered(space.nodes.size());
  std::vector<std::vector<std::size_t>> paths;
  for (std::size_t left = space.nodes.size(); left > 0; left -= paths.back().size()) {
    std::vector<std::size_t> length(space.nodes.size(), 0);
    std::vector<std::size_t> before(space.nodes.size());
    std::size_t end = 0;
    for (std::size_t n = 0; n < space.nodes.size(); ++n) {
      if (covered[n]) continue;
      length[n] = 1;
      before[n] = n;
      for (const std::size_t e : space.nodes[n].in_edges) {
        const std::size_t from = space.edges[e].from;
        if (covered[from] || length[from] + 1 <= length[n]) continue;
        length[n] = length[from] + 1;
        before[n] = from;
      }
      if (length[end] < length[n]) end = n;
    }
    std::vector<std::size_t> path{end};
    while (before[path.back()] != path.back()) path.push_back(before[path.back()]);
    std::ranges::reverse(path);
    for (const std::size_t n : path) covered[n] = true;
    paths.push_back(std::move(path));
  }
  return paths;
}

// None if the streams that are taken do not divide the channels.
double regroup_cycles(const hw::FeatureMap& map, std::int64_t out, std::int64_t in) {
  if (out == in) return 0;
  if (map.channels % in != 0) return kInfinity;
  return real(map.positions() * (map.channels / std::min(out, in)));
}

}  // namespace

bool Space::is_possible() const {
  return std::ranges::none_of(nodes,
                              [](const SpaceNode& node) { return node.layer->choices.empty(); });
}

double Space::least_interval_cycles() const {
  double most = 0;
  for (const SpaceNode& node : nodes) {
    most = std::max(most, node.layer->least_latency_cycles);
    for (const auto* cycles : {&node.in_port_cycles, &node.out_port_cycles}) {
      if (!cycles->empty()) most = std::max(most, *std::ranges::min_element(*cycles));
    }
  }
  return most;
}

Demand demand_of(const Space& space, const Assignment& assignment) {
  Demand sum = space.fixed;
  const auto chosen = [&](std::size_t n) -> const Choice& {
    return space.nodes[n].layer->choices[assignment.choices[n]];
  };
  for (std::size_t n = 0; n < space.nodes.size(); ++n) {
    const SpaceNode& node = space.nodes[n];
    sum += chosen(n).demand;
    if (!node.in_port.empty()) sum += node.in_port[chosen(n).in];
    if (!node.out_port.empty()) sum += node.out_port[chosen(n).out];
  }
  for (const SpaceEdge& edge : space.edges) {
    sum += edge.at(chosen(edge.from).out, chosen(edge.to).in);
  }
  return sum;
}

double interval_cycles(const Space& space, const Assignment& assignment) {
  double most = 0;
  for (std::size_t n = 0; n < space.nodes.size(); ++n) {
    const SpaceNode& node = space.nodes[n];
    const Choice& choice = node.layer->choices[assignment.choices[n]];
    most = std::max(most, choice.latency_cycles);
    if (!node.in_port_cycles.empty()) most = std::max(most, node.in_port_cycles[choice.in]);
    if (!node.out_port_cycles.empty()) most = std::max(most, node.out_port_cycles[choice.out]);
  }
  for (const SpaceEdge& edge : space.edges) {
    const auto chosen = [&](std::size_t n) -> const Choice& {
      return space.nodes[n].layer->choices[assignment.choices[n]];
    };
    most = std::max(most, edge.cycles[chosen(edge.from).out * edge.in_size + chosen(edge.to).in]);
  }
  return most;
}

std::optional<hw::NodeId> reloadable_layer(const hw::Graph& graph,
                                           std::span<const hw::NodeId> members) {
  for (std::size_t i = members.size(); i-- > 0;) {
    const hw::Node& node = graph[members[i]];
    if (hw::has_weights(node.layer)) return members[i];
    const bool is_chain = node.predecessors.size() == 1 && node.successors.size() <= 1 &&
                          node.layer.as<hw::Chop>() == nullptr;
    if (!is_chain) return std::nullopt;
  }
  return std::nullopt;
}

SpaceBuilder::SpaceBuilder(const Problem& problem) : problem_(&problem), regroup_(problem) {}

hw::Layer SpaceBuilder::layer_of(std::span<const hw::NodeId> members, hw::NodeId id,
                                 std::int64_t passes) const {
  const hw::Layer& layer = problem_->graph[id].layer;
  if (passes == 1) return layer;
  const auto reloaded = reloadable_layer(problem_->graph, members);
  SL_ASSERT(reloaded, "passes are of a layer");
  const bool precedes = std::ranges::find(members, id) < std::ranges::find(members, *reloaded);
  return precedes ? layer : hw::layer_of_pass(layer, passes, id == *reloaded);
}

std::shared_ptr<const LayerChoices> SpaceBuilder::choices(hw::NodeId id, const hw::Layer& layer,
                                                          std::int64_t passes) {
  auto& entry = known_[{id, passes}];
  if (entry == nullptr) entry = std::make_shared<const LayerChoices>(choices_of(layer, *problem_));
  return entry;
}

SpaceEdge SpaceBuilder::edge(const Space& space, std::size_t from, std::size_t to) {
  const auto& outs = space.nodes[from].layer->out_streams;
  const auto& ins = space.nodes[to].layer->in_streams;
  SpaceEdge result{from, to, ins.size(), {}, {}};
  result.demands.reserve(outs.size() * ins.size());
  const hw::Layer& like = problem_->graph[space.nodes[from].id].layer;
  const hw::FeatureMap map = hw::map_out(like);
  for (const std::int64_t out : outs) {
    for (const std::int64_t in : ins) {
      result.demands.push_back(regroup_.of(like, out, in));
      result.cycles.push_back(regroup_cycles(map, out, in));
    }
  }
  return result;
}

void SpaceBuilder::add_ports(SpaceNode& node, const hw::Layer& layer, bool reads, bool writes,
                             Space& space) {
  const auto add = [&](const std::vector<std::int64_t>& streams, const hw::FeatureMap& map,
                       const hw::FixedPoint& words, bool inwards, std::vector<Demand>& demands,
                       std::vector<double>& cycles, std::vector<std::int64_t>& ports) {
    for (const std::int64_t each : streams) {
      const std::int64_t port = port_streams(*problem_, words, map.channels, each);
      demands.push_back(inwards ? regroup_.of(layer, port, each) : regroup_.of(layer, each, port));
      cycles.push_back(real(map.words()) / real(port));
      ports.push_back(port);
    }
    space.fixed.of[kBits] += real(map.words() * words.width_bits);
  };
  if (reads) {
    add(node.layer->in_streams, hw::map_in(layer), layer.data, true, node.in_port,
        node.in_port_cycles, node.in_port_streams);
  }
  if (writes) {
    add(node.layer->out_streams, hw::map_out(layer), hw::output_type(layer), false, node.out_port,
        node.out_port_cycles, node.out_port_streams);
  }
}

Space SpaceBuilder::build(std::span<const hw::NodeId> members, std::int64_t passes) {
  const hw::Graph& graph = problem_->graph;
  const auto reloaded = reloadable_layer(graph, members);
  Space space;
  std::map<hw::NodeId, std::size_t> place;
  bool is_reloaded = false;
  for (const hw::NodeId id : members) {
    const hw::Layer layer = layer_of(members, id, passes);
    is_reloaded = is_reloaded || id == reloaded;
    SpaceNode node{.id = id, .layer = choices(id, layer, is_reloaded ? passes : 1)};
    const auto outside = [&](hw::NodeId other) { return !contains(members, other); };
    const auto& before = graph[id].predecessors;
    const auto& after = graph[id].successors;
    const bool reads = before.empty() || std::ranges::any_of(before, outside);
    const bool writes = after.empty() || std::ranges::any_of(after, outside);
    add_ports(node, layer, reads, writes, space);
    place[id] = space.nodes.size();
    space.nodes.push_back(std::move(node));
  }
  for (std::size_t n = 0; n < space.nodes.size(); ++n) {
    for (const hw::NodeId to : graph[space.nodes[n].id].successors) {
      const auto found = place.find(to);
      if (found == place.end()) continue;
      space.nodes[n].out_edges.push_back(space.edges.size());
      space.nodes[found->second].in_edges.push_back(space.edges.size());
      space.edges.push_back(edge(space, n, found->second));
    }
  }
  space.paths = path_cover(space);
  return space;
}

}  // namespace sluice::dse
