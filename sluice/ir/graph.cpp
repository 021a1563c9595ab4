// SPDX-License-Identifier: Apache-2.0
#include "sluice/ir/graph.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <set>
#include <string_view>
#include <unordered_set>

#include "sluice/base/text.hpp"

namespace sluice::ir {
namespace {

// The name, or name_2, name_3, … if `taken` says so.
template <class Items>
std::string unique_name(const Items& items, std::string name, std::string_view fallback) {
  if (name.empty()) name = fallback;
  const auto taken = [&](const std::string& candidate) {
    return std::ranges::any_of(items, [&](const auto& item) { return item.name == candidate; });
  };
  if (!taken(name)) return name;
  for (std::size_t i = items.size();; ++i) {
    std::string candidate = fmt::format("{}_{}", name, i);
    if (!taken(candidate)) return candidate;
  }
}

}  // namespace

std::string place_of(const Node& node) {
  return fmt::format("node {} ({})", sluice::quoted(node.name), op_name(node.op));
}

ValueId Graph::add_value(std::string value_name, std::optional<ValueType> type) {
  value_name = unique_name(values, std::move(value_name), "value");
  values.push_back({.name = std::move(value_name), .type = std::move(type)});
  return ValueId{static_cast<std::int32_t>(values.size() - 1)};
}

ValueId Graph::add_constant(std::string value_name, Tensor content) {
  const ValueId id = add_value(std::move(value_name), ValueType{content.dtype(), content.shape()});
  (*this)[id].constant = std::move(content);
  return id;
}

ValueId Graph::add_input(std::string value_name, DType dtype, sluice::Shape declared_shape) {
  const ValueId id = add_value(std::move(value_name));
  inputs.push_back({id, dtype, std::move(declared_shape)});
  return id;
}

NodeId Graph::add_node(std::string node_name, Op op, std::vector<ValueId> node_inputs,
                       std::size_t num_outputs) {
  node_name = unique_name(nodes, std::move(node_name), op_name(op));
  std::vector<ValueId> node_outputs;
  node_outputs.reserve(num_outputs);
  for (std::size_t i = 0; i < num_outputs; ++i) node_outputs.push_back(add_value(node_name));
  nodes.push_back({.name = std::move(node_name),
                   .op = std::move(op),
                   .inputs = std::move(node_inputs),
                   .outputs = std::move(node_outputs)});
  return NodeId{static_cast<std::int32_t>(nodes.size() - 1)};
}

std::vector<ValueType> output_types(const Graph& graph, const Node& node) {
  std::vector<ValueType> types;
  types.reserve(node.outputs.size());
  for (const ValueId id : node.outputs) {
    types.push_back(id == kNoValue ? ValueType{} : graph.type(id));
  }
  return types;
}

std::vector<NodeId> producers(const Graph& graph) {
  std::vector<NodeId> result(graph.values.size(), kNoNode);
  for (std::size_t n = 0; n < graph.nodes.size(); ++n) {
    for (const ValueId output : graph.nodes[n].outputs) {
      if (output != kNoValue) result[index(output)] = NodeId{static_cast<std::int32_t>(n)};
    }
  }
  return result;
}

std::vector<std::vector<NodeId>> consumers(const Graph& graph) {
  std::vector<std::vector<NodeId>> result(graph.values.size());
  for (std::size_t n = 0; n < graph.nodes.size(); ++n) {
    for (const ValueId input : graph.nodes[n].inputs) {
      if (input != kNoValue) result[index(input)].push_back(NodeId{static_cast<std::int32_t>(n)});
    }
  }
  return result;
}

void remove_unused(Graph& graph) {
  std::vector<bool> used(graph.values.size(), false);
  for (const ValueId id : graph.outputs) used[index(id)] = true;
  for (const GraphInput& input : graph.inputs) used[index(input.value)] = true;
  std::vector<bool> keep(graph.nodes.size(), false);
  for (std::size_t n = graph.nodes.size(); n-- > 0;) {
    const Node& node = graph.nodes[n];
    keep[n] = std::ranges::any_of(node.outputs,
                                  [&](ValueId id) { return id != kNoValue && used[index(id)]; });
    if (!keep[n]) continue;
    for (const auto* ids : {&node.inputs, &node.outputs}) {
      for (const ValueId id : *ids) {
        if (id != kNoValue) used[index(id)] = true;
      }
    }
  }

  std::vector<ValueId> renumbered(graph.values.size(), kNoValue);
  std::vector<Value> values;
  for (std::size_t v = 0; v < graph.values.size(); ++v) {
    if (!used[v]) continue;
    renumbered[v] = ValueId{static_cast<std::int32_t>(values.size())};
    values.push_back(std::move(graph.values[v]));
  }
  std::vector<Node> nodes;
  for (std::size_t n = 0; n < graph.nodes.size(); ++n) {
    if (keep[n]) nodes.push_back(std::move(graph.nodes[n]));
  }
  graph.values = std::move(values);
  graph.nodes = std::move(nodes);
  const auto renumber = [&](ValueId& id) {
    if (id != kNoValue) id = renumbered[index(id)];
  };
  for (Node& node : graph.nodes) {
    std::ranges::for_each(node.inputs, renumber);
    std::ranges::for_each(node.outputs, renumber);
  }
  for (GraphInput& input : graph.inputs) renumber(input.value);
  std::ranges::for_each(graph.outputs, renumber);
}

Status sort_nodes(Graph& graph) {
  // Kahn's algorithm; among ready nodes the first in the file goes first, so the order is stable.
  const std::vector<NodeId> producer = producers(graph);
  std::vector<std::size_t> missing(graph.nodes.size(), 0);
  std::vector<std::vector<std::size_t>> waiting(graph.nodes.size());
  std::set<std::size_t> ready;
  for (std::size_t n = 0; n < graph.nodes.size(); ++n) {
    for (const ValueId input : graph.nodes[n].inputs) {
      if (input == kNoValue || producer[index(input)] == kNoNode) continue;
      ++missing[n];
      waiting[index(producer[index(input)])].push_back(n);
    }
    if (missing[n] == 0) ready.insert(n);
  }
  std::vector<Node> sorted;
  sorted.reserve(graph.nodes.size());
  std::vector<bool> done(graph.nodes.size(), false);
  while (!ready.empty()) {
    const std::size_t n = *ready.begin();
    ready.erase(ready.begin());
    done[n] = true;
    sorted.push_back(graph.nodes[n]);
    for (const std::size_t consumer : waiting[n]) {
      if (--missing[consumer] == 0) ready.insert(consumer);
    }
  }
  if (sorted.size() < graph.nodes.size()) {
    const auto stuck = static_cast<std::size_t>(std::ranges::find(done, false) - done.begin());
    return Error{ErrorCode::Verify, "its inputs depend on its own output: the graph has a cycle",
                 fmt::format("node {}", sluice::quoted(graph.nodes[stuck].name))};
  }
  graph.nodes = std::move(sorted);
  return {};
}

namespace {

// What verify() checks, one rule a function; each returns the first breach.
class Verifier {
 public:
  explicit Verifier(const Graph& graph) : graph_(graph), defined_(graph.values.size(), false) {}

  Status run() {
    SL_TRY_STATUS(check_values());
    SL_TRY_STATUS(check_inputs());
    std::unordered_set<std::string_view> names;
    for (const Node& node : graph_.nodes) {
      if (node.name.empty() || !names.insert(node.name).second) {
        return breach(node, "has no name of its own");
      }
      SL_TRY_STATUS(check_node(node));
    }
    for (const ValueId id : graph_.outputs) {
      if (!in_range(id) || !defined_[index(id)]) {
        return Error{ErrorCode::Verify, "a graph output is made by no node"};
      }
    }
    return {};
  }

 private:
  bool in_range(ValueId id) const {
    return static_cast<std::int32_t>(id) >= 0 && index(id) < graph_.values.size();
  }

  static Error breach(const Node& node, std::string what) {
    return {ErrorCode::Verify, std::move(what), place_of(node)};
  }

  Status check_values() {
    std::unordered_set<std::string_view> names;
    for (std::size_t v = 0; v < graph_.values.size(); ++v) {
      const Value& value = graph_.values[v];
      const auto where = [&] { return fmt::format("value {}", sluice::quoted(value.name)); };
      if (value.name.empty() || !names.insert(value.name).second) {
        return Error{ErrorCode::Verify, "has no name of its own", where()};
      }
      if (!value.type) return Error{ErrorCode::Verify, "has no type", where()};
      if (value.constant && (value.constant->dtype() != value.type->dtype ||
                             value.constant->shape() != value.type->shape)) {
        return Error{ErrorCode::Verify, "is a constant of another type than declared", where()};
      }
      if (auto status = check_quantization(value); !status) {
        return Error{ErrorCode::Verify, std::move(status).error().message, where()};
      }
      defined_[v] = value.constant.has_value();
    }
    return {};
  }

  static Status check_quantization(const Value& value) {
    if (!value.quantization) return {};
    if (value.quantization->dtype != value.type->dtype) {
      return Error{ErrorCode::Verify, fmt::format("is {}, its quantization is of {}",
                                                  sluice::to_string(value.type->dtype),
                                                  sluice::to_string(value.quantization->dtype))};
    }
    SL_TRY_STATUS(numeric::check_quantization(*value.quantization, value.type->shape));
    return value.constant ? numeric::check_codes(*value.constant, *value.quantization) : Status{};
  }

  Status check_inputs() {
    for (const GraphInput& input : graph_.inputs) {
      if (!in_range(input.value) || defined_[index(input.value)]) {
        return Error{ErrorCode::Verify, "a graph input is not a value of its own"};
      }
      defined_[index(input.value)] = true;
    }
    return {};
  }

  Status check_node(const Node& node) {
    if (std::holds_alternative<std::monostate>(node.op)) return breach(node, "has no operator");
    for (const ValueId id : node.inputs) {
      if (id == kNoValue) continue;
      if (!in_range(id)) return breach(node, "reads a value that does not exist");
      if (!defined_[index(id)]) {
        return breach(node,
                      fmt::format("reads {} before it is made", sluice::quoted(graph_[id].name)));
      }
    }
    SL_TRY_STATUS(check_accumulator(node));
    if (node.outputs.empty()) return breach(node, "has no outputs");
    for (const ValueId id : node.outputs) {
      if (!in_range(id)) return breach(node, "makes a value that does not exist");
      if (defined_[index(id)]) {
        return breach(node, fmt::format("makes {} a second time", sluice::quoted(graph_[id].name)));
      }
      defined_[index(id)] = true;
    }
    return {};
  }

  Status check_accumulator(const Node& node) const {
    if (!node.accumulator) return {};
    if (auto status = numeric::check_accumulator(*node.accumulator); !status) {
      return breach(node, std::move(status).error().message);
    }
    const auto is_codes = [&](std::size_t i) {
      return i < node.inputs.size() && node.inputs[i] != kNoValue &&
             graph_[node.inputs[i]].quantization.has_value();
    };
    if (is_linear(node.op) && is_codes(0) && is_codes(1)) return {};
    return breach(node, "has an accumulator; only layers that multiply and add codes have one");
  }

  const Graph& graph_;
  std::vector<bool> defined_;
};

}  // namespace

Status verify(const Graph& graph) {
  return Verifier(graph).run();
}

bool is_quantized(const Graph& graph) {
  return std::ranges::any_of(graph.values,
                             [](const Value& value) { return value.quantization.has_value(); });
}

}  // namespace sluice::ir
