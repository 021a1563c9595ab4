// SPDX-License-Identifier: Apache-2.0
// Graph: layers and the streams between them. The orders of nodes, and of a node's neighbours, are
// kept: names, sums and choices among equals follow them.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sluice/hw/layers/layer.hpp"

namespace sluice::hw {

// Index of a node in Graph::nodes.
using NodeId = std::size_t;

struct Edge {
  NodeId from, to;
  friend bool operator==(const Edge&, const Edge&) = default;
};

// Where a layer comes from: a node of the network, with the names of its tensors.
struct Source {
  std::string node;
  std::vector<std::string> inputs, outputs;
  std::string weights, bias;  // empty: none
  // What fpgaConvNet's files say of compression beyond that of the layer's ports: of weights, and
  // of the ports of neighbours. Nothing hangs on it; none: nothing was said.
  std::optional<std::vector<double>> more_input_ratios, more_output_ratios;
};

struct Node {
  std::string name;  // unique in the graph
  Layer layer;
  Source source;
  std::vector<NodeId> predecessors, successors;
};

class Graph {
 public:
  [[nodiscard]] const std::vector<Node>& nodes() const { return nodes_; }
  [[nodiscard]] std::size_t size() const { return nodes_.size(); }
  Node& operator[](NodeId id) { return nodes_[id]; }
  const Node& operator[](NodeId id) const { return nodes_[id]; }
  [[nodiscard]] std::optional<NodeId> find(std::string_view name) const;

  NodeId add(Node node);
  void connect(NodeId from, NodeId to);
  void disconnect(NodeId from, NodeId to);
  // Takes out a node and its edges; later nodes move up.
  void remove(NodeId id);

  // By generations: nodes without predecessors first, then those whose predecessors have come.
  [[nodiscard]] std::vector<NodeId> topological_order() const;
  // The path of most nodes; among equals the one that comes first in topological order.
  [[nodiscard]] std::vector<NodeId> longest_path() const;

  // The neighbours at each port, first to last: ports are in the order of the names of the layers
  // that words come from and go to, whatever regroups them on the way.
  [[nodiscard]] std::vector<NodeId> inputs_of(NodeId id) const;
  [[nodiscard]] std::vector<NodeId> outputs_of(NodeId id) const;
  // The layer beyond what regroups words between it and a neighbour; else the neighbour.
  [[nodiscard]] NodeId giver(NodeId neighbour) const;
  [[nodiscard]] NodeId reader(NodeId neighbour) const;
  // In the order of their names.
  [[nodiscard]] std::vector<NodeId> sorted(std::vector<NodeId> ids) const;
  // Nodes that read from outside, or have fewer predecessors than a join has inputs.
  [[nodiscard]] std::vector<NodeId> input_nodes() const;
  // Nodes that write outside, or have fewer successors than a split has outputs.
  [[nodiscard]] std::vector<NodeId> output_nodes() const;

 private:
  std::vector<Node> nodes_;
};

}  // namespace sluice::hw
