// SPDX-License-Identifier: Apache-2.0
// Runs one operator on given tensors: its shape rule, then its reference kernel.
#pragma once

#include <vector>

#include "tests/support/infer.hpp"

#include "sluice/runtime/reference/kernel.hpp"

namespace sluice::test {

// All outputs, or the error of the rule or the kernel.
template <class Op>
Result<std::vector<Tensor>> apply_all(const Op& op, const std::vector<RuleInput>& inputs,
                                      std::size_t num_outputs = 1) {
  SL_TRY(const ir::ValueTypes types, infer(op, inputs, num_outputs));
  std::vector<Tensor> outputs;
  for (const ir::ValueType& type : types) outputs.emplace_back(type.dtype, type.shape);
  outputs.resize(num_outputs);
  std::vector<const Tensor*> views;
  views.reserve(inputs.size());
  for (const RuleInput& input : inputs) views.push_back(input.content ? &*input.content : nullptr);
  SL_TRY_STATUS(runtime::reference::run(op, runtime::reference::KernelArgs{views, outputs}));
  return outputs;
}

template <class Op>
Result<Tensor> apply(const Op& op, const std::vector<RuleInput>& inputs) {
  SL_TRY(auto outputs, apply_all(op, inputs));
  return std::move(outputs.front());
}

// The elements of a result, for EXPECT_EQ and matchers; empty if it is an error or another type.
template <class T>
std::vector<T> elements(const Result<Tensor>& tensor) {
  if (!tensor || tensor->dtype() != kDTypeOf<T>) return {};
  const auto data = tensor->template data<T>();
  return {data.begin(), data.end()};
}

// apply() on the way to its elements.
template <class T, class Op>
std::vector<T> computed(const Op& op, const std::vector<RuleInput>& inputs) {
  return elements<T>(apply(op, inputs));
}

inline Tensor f32(sluice::Shape shape, const std::vector<float>& values) {
  return Tensor::from<float>(std::move(shape), values);
}

template <class T>
Tensor vec(std::vector<T> values) {
  return Tensor::from<T>({static_cast<std::int64_t>(values.size())}, values);
}

}  // namespace sluice::test
