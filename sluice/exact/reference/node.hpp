// SPDX-License-Identifier: Apache-2.0
// What an exact kernel sees: one node, the tensors it reads, and what their integers stand for.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "sluice/base/assert.hpp"
#include "sluice/ir/graph.hpp"
#include "sluice/numeric/quantization.hpp"
#include "sluice/numeric/requantize.hpp"
#include "sluice/numeric/tensor.hpp"

namespace sluice::exact::reference {

// An input or output that is quantized per tensor: real = scale·(code − zero_point).
struct Affine {
  float scale = 1;
  std::int32_t zero_point = 0;
};

class NodeView {
 public:
  NodeView(const ir::Graph& graph, const ir::Node& node, std::span<const Tensor* const> inputs,
           numeric::Arithmetic arithmetic)
      : graph_(graph), node_(node), inputs_(inputs), arithmetic_(arithmetic) {}

  [[nodiscard]] const ir::Node& node() const { return node_; }
  [[nodiscard]] numeric::Arithmetic arithmetic() const { return arithmetic_; }

  [[nodiscard]] std::span<const Tensor* const> inputs() const { return inputs_; }
  [[nodiscard]] bool has(std::size_t i) const {
    return i < inputs_.size() && inputs_[i] != nullptr;
  }
  [[nodiscard]] const Tensor& in(std::size_t i) const { return *inputs_[i]; }
  [[nodiscard]] std::vector<ir::ValueType> out_types() const {
    return ir::output_types(graph_, node_);
  }
  [[nodiscard]] const Shape& in_shape(std::size_t i) const {
    return graph_.type(node_.inputs[i]).shape;
  }
  // Null where input i holds numbers, not codes.
  [[nodiscard]] const numeric::Quantization* in_quantization(std::size_t i) const {
    return quantization(node_.inputs[i]);
  }

  // Of input i, for messages.
  [[nodiscard]] const std::string& in_name(std::size_t i) const {
    return graph_[node_.inputs[i]].name;
  }
  [[nodiscard]] const std::string& out_name(std::size_t i = 0) const {
    return graph_[node_.outputs[i]].name;
  }

  [[nodiscard]] const ir::ValueType& out_type(std::size_t i = 0) const {
    return graph_.type(node_.outputs[i]);
  }
  [[nodiscard]] const numeric::Quantization* out_quantization(std::size_t i = 0) const {
    return quantization(node_.outputs[i]);
  }

  // Unsupported unless input i, or the output, is quantized, and per tensor.
  [[nodiscard]] Result<Affine> in_affine(std::size_t i) const;
  [[nodiscard]] Result<Affine> out_affine() const;
  // The same of the first inputs and the output.
  [[nodiscard]] Status check_per_tensor(std::size_t num_inputs) const;
  // The codes the output has, or its type where it is not quantized.
  [[nodiscard]] numeric::CodeRange out_codes() const;

 private:
  [[nodiscard]] const numeric::Quantization* quantization(ir::ValueId id) const {
    const auto& found = graph_[id].quantization;
    return found ? &*found : nullptr;
  }

  const ir::Graph& graph_;
  const ir::Node& node_;
  std::span<const Tensor* const> inputs_;
  numeric::Arithmetic arithmetic_;
};

// What the node rounds by: `instead` if given, else what it records, or ONNX's where it records
// none, as nodes do that round nothing.
[[nodiscard]] numeric::Arithmetic arithmetic_of(const ir::Node& node,
                                                std::optional<numeric::Arithmetic> instead);

using numeric::is_on_reals;

// Unsupported, in the name of the value, where the arithmetic shifts and a scale of what the node
// reads or makes is no power of two.
[[nodiscard]] Status check_scales(const NodeView& node);

// Integers as a tensor of the type; each must be one of its codes.
[[nodiscard]] Tensor to_tensor(const std::vector<std::int64_t>& codes, const ir::ValueType& type);

}  // namespace sluice::exact::reference
