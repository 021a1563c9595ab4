// SPDX-License-Identifier: Apache-2.0
// Type inference: from the inputs' shapes to every value's type. One rule an operator, in
// ir/ops/<family>.cpp; contents of small integer tensors are followed on the way, because shapes
// are often computed in the graph itself.
#pragma once

#include <functional>
#include <span>
#include <string>
#include <vector>

#include "sluice/base/result.hpp"
#include "sluice/ir/graph.hpp"

namespace sluice::ir {

// A tensor that lists integers (axes, sizes, …): int64 or int32, scalar or 1-D; InvalidArgument
// otherwise, with `name` in the message.
[[nodiscard]] Result<std::vector<std::int64_t>> integers(const Tensor& tensor,
                                                         std::string_view name);

// What a rule may look at.
class InferContext {
 public:
  struct Input {
    const ValueType* type = nullptr;  // null: the optional input is absent
    const Tensor* content = nullptr;  // null: not known before running
  };
  InferContext(std::span<const Input> inputs, std::size_t num_outputs)
      : inputs_(inputs), num_outputs_(num_outputs) {}

  [[nodiscard]] std::size_t num_inputs() const { return inputs_.size(); }
  [[nodiscard]] std::size_t num_outputs() const { return num_outputs_; }
  [[nodiscard]] bool has(std::size_t i) const {
    return i < inputs_.size() && inputs_[i].type != nullptr;
  }
  // The input must be there: rules call require() first.
  [[nodiscard]] const ValueType& type(std::size_t i) const { return *inputs_[i].type; }
  [[nodiscard]] const sluice::Shape& shape(std::size_t i) const { return type(i).shape; }
  [[nodiscard]] DType dtype(std::size_t i) const { return type(i).dtype; }
  // Content if known before running, else null.
  [[nodiscard]] const Tensor* content(std::size_t i) const {
    return i < inputs_.size() ? inputs_[i].content : nullptr;
  }

  // Between `least` and `most` inputs, the first `least` present. InvalidArgument otherwise.
  [[nodiscard]] Status require(std::size_t least, std::size_t most) const;
  // The same for input i, which must be known: else Unsupported, `input "axes" must be known …`.
  [[nodiscard]] Result<std::vector<std::int64_t>> integers(std::size_t i,
                                                           std::string_view name) const;

 private:
  std::span<const Input> inputs_;
  std::size_t num_outputs_;
};

using ValueTypes = std::vector<ValueType>;

// The rules: the types of the outputs (as many as the operator can have and the node asks for), or
// InvalidArgument/Unsupported saying what does not fit. A missing rule is a link error by name.
#define SL_OP(Name, family) Result<ValueTypes> infer(const Name& op, const InferContext& context);
#include "sluice/ir/ops.def"
#undef SL_OP

// What Shape computes on a tensor of the shape `of`.
[[nodiscard]] Tensor shape_content(const Shape& op, std::span<const std::int64_t> of);

// Computes one node on known inputs (absent ones null). Supplied by the caller, because kernels are
// a layer above; see runtime/reference/evaluate.hpp.
using Evaluator = std::function<Result<std::vector<Tensor>>(
    const Op& op, std::span<const Tensor* const> inputs, std::span<const ValueType> outputs)>;

// Sets the type of every value; outputs that are absent become values first. Quantized values are
// float32 to the rules, and have the type of their quantization. `input_shapes`: one a
// graph input, all sizes positive; see input_shapes() below. Errors carry `node "name" (Op)` as the
// place.
[[nodiscard]] Status infer_types(Graph& graph, std::span<const sluice::Shape> input_shapes,
                                 const Evaluator& evaluate);

// The declared shapes with `batch` in place of an open or equal first dimension of every input.
// With batch 0 the declared batch is kept, 1 where open. Other open dimensions are an error that
// names the input, unless `overrides` gives the whole shape by input name.
struct ShapeOverride {
  std::string input;
  sluice::Shape shape;
};
[[nodiscard]] Result<std::vector<sluice::Shape>> input_shapes(
    const Graph& graph, std::int64_t batch, std::span<const ShapeOverride> overrides = {});

}  // namespace sluice::ir
