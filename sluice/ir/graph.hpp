// SPDX-License-Identifier: Apache-2.0
// Graph: a network. Nodes in topological order, values typed by shape and element type; a value
// (no pointers) is copied and moved freely, its constants share their bytes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "sluice/ir/op.hpp"
#include "sluice/numeric/accumulator.hpp"
#include "sluice/numeric/quantization.hpp"
#include "sluice/numeric/requantize.hpp"
#include "sluice/numeric/tensor.hpp"

namespace sluice::ir {

// Index of a value in Graph::values. kNoValue stands for an optional input that is not given.
enum class ValueId : std::int32_t {};
inline constexpr ValueId kNoValue{-1};
// Index of a node in Graph::nodes.
enum class NodeId : std::int32_t {};
inline constexpr NodeId kNoNode{-1};

constexpr std::size_t index(ValueId id) {
  return static_cast<std::size_t>(id);
}
constexpr std::size_t index(NodeId id) {
  return static_cast<std::size_t>(id);
}

struct ValueType {
  DType dtype = DType::Float32;
  sluice::Shape shape;
  friend bool operator==(const ValueType&, const ValueType&) = default;
};

struct Value {
  std::string name;                // unique in the graph, never empty
  std::optional<ValueType> type;   // set by infer_types; always set in a verified graph
  std::optional<Tensor> constant;  // a weight or other content known from the file
  // What the value's integers stand for; without it they are the numbers themselves. Operators mean
  // the same on quantized values as on the real numbers these stand for.
  std::optional<numeric::Quantization> quantization;
};

struct Node {
  std::string name;  // unique in the graph, never empty
  Op op;
  std::vector<ValueId> inputs;   // kNoValue where an optional one is absent
  std::vector<ValueId> outputs;  // the same, but after infer_types none is absent
  // How results are rounded to quantized outputs.
  std::optional<numeric::Arithmetic> arithmetic;
  // What a layer that multiplies and adds codes holds its sums in; without it, one wide enough.
  std::optional<numeric::Accumulator> accumulator;
};

// How errors name a node: `node "conv1" (Conv)`.
[[nodiscard]] std::string place_of(const Node& node);

// Size of an input's dimension that the model leaves open (a symbolic batch).
inline constexpr std::int64_t kOpenDim = -1;

struct GraphInput {
  ValueId value = kNoValue;
  DType dtype = DType::Float32;
  sluice::Shape declared_shape;  // as in the model, kOpenDim where open
};

struct Graph {
  std::string name;
  std::vector<Value> values;
  std::vector<Node> nodes;  // producers before consumers
  std::vector<GraphInput> inputs;
  std::vector<ValueId> outputs;

  Value& operator[](ValueId id) { return values[index(id)]; }
  const Value& operator[](ValueId id) const { return values[index(id)]; }
  Node& operator[](NodeId id) { return nodes[index(id)]; }
  const Node& operator[](NodeId id) const { return nodes[index(id)]; }

  // A new value; the name is made unique by a suffix if it is taken or empty.
  ValueId add_value(std::string name, std::optional<ValueType> type = std::nullopt);
  ValueId add_constant(std::string name, Tensor content);
  ValueId add_input(std::string name, DType dtype, sluice::Shape declared_shape);
  // Appends a node with `num_outputs` new values named after it. The name is made unique.
  NodeId add_node(std::string name, Op op, std::vector<ValueId> node_inputs,
                  std::size_t num_outputs = 1);

  [[nodiscard]] const ValueType& type(ValueId id) const {
    SL_ASSERT((*this)[id].type.has_value(), "value without a type: run infer_types first");
    return *(*this)[id].type;
  }
};

// The types of a node's outputs; float32 scalars for absent ones.
[[nodiscard]] std::vector<ValueType> output_types(const Graph& graph, const Node& node);

// For each value the node that makes it, or kNoNode (inputs, constants).
[[nodiscard]] std::vector<NodeId> producers(const Graph& graph);
// For each value the nodes that read it (one entry a use), in order; graph outputs not included.
[[nodiscard]] std::vector<std::vector<NodeId>> consumers(const Graph& graph);

// Removes nodes none of whose outputs is used, values no one names, and renumbers.
void remove_unused(Graph& graph);

// Sorts the nodes so that producers come first; Verify error naming a node on a cycle.
[[nodiscard]] Status sort_nodes(Graph& graph);

// Every invariant of the structure: ids in range, names unique, one producer a value, order,
// outputs produced, types present, constants of their value's type, quantizations well formed and
// of their value's type, accumulators well formed and of layers of codes. Passes are followed by
// it.
[[nodiscard]] Status verify(const Graph& graph);

// Whether any value is quantized: such a graph is for integer engines, not for the float32 ones.
[[nodiscard]] bool is_quantized(const Graph& graph);

}  // namespace sluice::ir
