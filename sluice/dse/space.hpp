// SPDX-License-Identifier: Apache-2.0
// Space: the choices of all layers of a partition, and what lies between them.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "sluice/dse/choices.hpp"

namespace sluice::dse {

// Streams between two layers, or between one and the partition's edge: what regrouping them takes,
// by the places of the streams that go and of those that come.
struct SpaceEdge {
  std::size_t from = 0, to = 0;
  std::size_t in_size = 1;  // numbers of streams that may come
  std::vector<Demand> demands;
  std::vector<double> cycles;  // that regrouping takes for a feature map; infinite: it cannot be

  [[nodiscard]] const Demand& at(std::uint32_t out, std::uint32_t in) const {
    return demands[out * in_size + in];
  }
};

struct SpaceNode {
  hw::NodeId id = 0;  // in the problem's graph
  std::shared_ptr<const LayerChoices> layer;
  std::vector<std::size_t> in_edges, out_edges;
  // At the partition's edge, by the place of the streams: what regrouping to its port takes, and
  // the cycles that the port's words take.
  std::vector<Demand> in_port, out_port;
  std::vector<double> in_port_cycles, out_port_cycles;
  std::vector<std::int64_t> in_port_streams, out_port_streams;
};

struct Space {
  std::vector<SpaceNode> nodes;  // in topological order
  std::vector<SpaceEdge> edges;
  // Each node once, along edges: the longest path, then the longest of what is left, and so on.
  std::vector<std::vector<std::size_t>> paths;
  Demand fixed;  // whatever is chosen: the words at the partition's edge

  // Whether every layer has a choice that the device could hold.
  [[nodiscard]] bool is_possible() const;
  // No choices make an interval shorter than the slowest layer's least.
  [[nodiscard]] double least_interval_cycles() const;
};

// A choice for each node.
struct Assignment {
  std::vector<std::uint32_t> choices;
};

[[nodiscard]] Demand demand_of(const Space& space, const Assignment& assignment);
[[nodiscard]] double interval_cycles(const Space& space, const Assignment& assignment);

// Reckons layers' choices and regrouping once for all partitions that they are part of.
class SpaceBuilder {
 public:
  explicit SpaceBuilder(const Problem& problem);
  // Of `members` of the problem's graph, in topological order; the filters of the last layer that
  // has weights are computed in `passes`.
  [[nodiscard]] Space build(std::span<const hw::NodeId> members, std::int64_t passes = 1);
  // The layer of a node as it is in a partition of so many passes.
  [[nodiscard]] hw::Layer layer_of(std::span<const hw::NodeId> members, hw::NodeId id,
                                   std::int64_t passes) const;

 private:
  std::shared_ptr<const LayerChoices> choices(hw::NodeId id, const hw::Layer& layer,
                                              std::int64_t passes);
  SpaceEdge edge(const Space& space, std::size_t from, std::size_t to);
  void add_ports(SpaceNode& node, const hw::Layer& layer, bool reads, bool writes, Space& space);

  const Problem* problem_;
  RegroupCosts regroup_;
  std::map<std::pair<hw::NodeId, std::int64_t>, std::shared_ptr<const LayerChoices>> known_;
};

// The last layer with weights of a partition, if all that follows has one reader: the one whose
// filters may be computed in passes.
[[nodiscard]] std::optional<hw::NodeId> reloadable_layer(const hw::Graph& graph,
                                                         std::span<const hw::NodeId> members);

}  // namespace sluice::dse
