// SPDX-License-Identifier: Apache-2.0
#include "sluice/hw/graph.hpp"

#include <algorithm>

#include "sluice/base/assert.hpp"

namespace sluice::hw {
namespace {

void erase_value(std::vector<NodeId>& list, NodeId id) {
  list.erase(std::ranges::find(list, id));
}

}  // namespace

std::optional<NodeId> Graph::find(std::string_view name) const {
  const auto found = std::ranges::find(nodes_, name, &Node::name);
  if (found == nodes_.end()) return std::nullopt;
  return static_cast<NodeId>(found - nodes_.begin());
}

NodeId Graph::add(Node node) {
  nodes_.push_back(std::move(node));
  return nodes_.size() - 1;
}

void Graph::connect(NodeId from, NodeId to) {
  nodes_[from].successors.push_back(to);
  nodes_[to].predecessors.push_back(from);
}

void Graph::disconnect(NodeId from, NodeId to) {
  erase_value(nodes_[from].successors, to);
  erase_value(nodes_[to].predecessors, from);
}

void Graph::remove(NodeId id) {
  for (const NodeId from : nodes_[id].predecessors) erase_value(nodes_[from].successors, id);
  for (const NodeId to : nodes_[id].successors) erase_value(nodes_[to].predecessors, id);
  nodes_.erase(nodes_.begin() + static_cast<std::ptrdiff_t>(id));
  const auto move_up = [&](std::vector<NodeId>& list) {
    for (NodeId& each : list) each -= each > id ? 1 : 0;
  };
  for (Node& node : nodes_) {
    move_up(node.predecessors);
    move_up(node.successors);
  }
}

std::vector<NodeId> Graph::topological_order() const {
  std::vector<std::size_t> waiting(size());
  std::vector<NodeId> result;
  result.reserve(size());
  for (NodeId id = 0; id < size(); ++id) {
    waiting[id] = nodes_[id].predecessors.size();
    if (waiting[id] == 0) result.push_back(id);
  }
  for (std::size_t next = 0; next < result.size(); ++next) {
    for (const NodeId to : nodes_[result[next]].successors) {
      if (--waiting[to] == 0) result.push_back(to);
    }
  }
  SL_ASSERT(result.size() == size(), "no cycles");
  return result;
}

std::vector<NodeId> Graph::longest_path() const {
  const std::vector<NodeId> order = topological_order();
  std::vector<std::size_t> length(size());
  std::vector<NodeId> before(size());
  for (const NodeId id : order) {
    before[id] = id;
    for (const NodeId from : nodes_[id].predecessors) {
      if (length[from] + 1 <= length[id]) continue;
      length[id] = length[from] + 1;
      before[id] = from;
    }
  }
  std::vector<NodeId> path;
  if (order.empty()) return path;
  path.push_back(*std::ranges::max_element(order, {}, [&](NodeId id) { return length[id]; }));
  while (before[path.back()] != path.back()) path.push_back(before[path.back()]);
  std::ranges::reverse(path);
  return path;
}

NodeId Graph::giver(NodeId neighbour) const {
  const Node& node = nodes_[neighbour];
  return is_derived(node.layer) && !node.predecessors.empty() ? node.predecessors.front()
                                                              : neighbour;
}

NodeId Graph::reader(NodeId neighbour) const {
  const Node& node = nodes_[neighbour];
  return is_derived(node.layer) && !node.successors.empty() ? node.successors.front() : neighbour;
}

std::vector<NodeId> Graph::inputs_of(NodeId id) const {
  auto result = nodes_[id].predecessors;
  std::ranges::sort(result, {},
                    [&](NodeId each) -> const std::string& { return nodes_[giver(each)].name; });
  return result;
}

std::vector<NodeId> Graph::outputs_of(NodeId id) const {
  auto result = nodes_[id].successors;
  std::ranges::sort(result, {},
                    [&](NodeId each) -> const std::string& { return nodes_[reader(each)].name; });
  return result;
}

std::vector<NodeId> Graph::sorted(std::vector<NodeId> ids) const {
  std::ranges::sort(ids, {}, [&](NodeId id) -> const std::string& { return nodes_[id].name; });
  return ids;
}

std::vector<NodeId> Graph::input_nodes() const {
  std::vector<NodeId> result;
  for (NodeId id = 0; id < size(); ++id) {
    const Node& node = nodes_[id];
    const std::size_t inputs = joins(node.layer) ? node.layer.inputs.size() : 1;
    if (node.predecessors.size() < inputs) result.push_back(id);
  }
  return sorted(std::move(result));
}

std::vector<NodeId> Graph::output_nodes() const {
  std::vector<NodeId> result;
  for (NodeId id = 0; id < size(); ++id) {
    const Node& node = nodes_[id];
    const std::size_t outputs = splits(node.layer) ? node.layer.outputs.size() : 1;
    if (node.successors.size() < outputs) result.push_back(id);
  }
  return sorted(std::move(result));
}

}  // namespace sluice::hw
