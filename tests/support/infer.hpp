// SPDX-License-Identifier: Apache-2.0
// Runs one operator's shape rule on given inputs.
#pragma once

#include <initializer_list>
#include <optional>
#include <vector>

#include "sluice/ir/infer.hpp"

namespace sluice::test {

// An input of a rule: a type, maybe with content; default-constructed: absent.
struct RuleInput {
  RuleInput() = default;
  // NOLINTNEXTLINE(google-explicit-constructor)
  RuleInput(sluice::Shape shape, DType dtype = DType::Float32)
      : type(ir::ValueType{dtype, std::move(shape)}) {}
  RuleInput(const Tensor& tensor)  // NOLINT(google-explicit-constructor)
      : type(ir::ValueType{tensor.dtype(), tensor.shape()}), content(tensor) {}
  std::optional<ir::ValueType> type;
  std::optional<Tensor> content;
};

template <class Op>
Result<ir::ValueTypes> infer(const Op& op, const std::vector<RuleInput>& inputs,
                             std::size_t num_outputs = 1) {
  std::vector<ir::InferContext::Input> views;
  views.reserve(inputs.size());
  for (const RuleInput& input : inputs) {
    views.push_back(
        {input.type ? &*input.type : nullptr, input.content ? &*input.content : nullptr});
  }
  return ir::infer(op, ir::InferContext(views, num_outputs));
}

// A shape, where a macro would trip over the commas between bare braces.
inline sluice::Shape dims(std::initializer_list<std::int64_t> sizes) {
  return sizes;
}

// The shape of output 0, or {-1} if the rule refuses: no shape has it, so a test that expects a
// shape fails readably.
template <class Op>
sluice::Shape inferred_shape(const Op& op, const std::vector<RuleInput>& inputs) {
  const auto types = infer(op, inputs);
  return types ? types->front().shape : sluice::Shape{-1};
}

// The message of a refusal; empty if the rule accepts.
template <class Op>
std::string refusal(const Op& op, const std::vector<RuleInput>& inputs) {
  const auto types = infer(op, inputs);
  return types ? "" : types.error().message;
}

}  // namespace sluice::test
