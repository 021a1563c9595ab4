// SPDX-License-Identifier: Apache-2.0
// Reference kernels: the definition of every operator. Plain loops, any type the operator allows;
// float sums are accumulated in double and rounded once. Speed does not matter here.
#pragma once

#include <span>

#include "sluice/base/result.hpp"
#include "sluice/ir/infer.hpp"
#include "sluice/ir/op.hpp"
#include "sluice/numeric/tensor.hpp"

namespace sluice::runtime::reference {

struct KernelArgs {
  std::span<const Tensor* const> inputs;  // null where an optional input is absent
  std::span<Tensor> outputs;              // allocated, zeroed, of the inferred types

  [[nodiscard]] bool has(std::size_t i) const { return i < inputs.size() && inputs[i] != nullptr; }
  [[nodiscard]] const Tensor& in(std::size_t i) const { return *inputs[i]; }
  [[nodiscard]] Tensor& out(std::size_t i = 0) const { return outputs[i]; }
};

// One kernel an operator, in reference/<family>.cpp. The types have passed the shape rule; what can
// still fail is a type the kernel does not do (Unsupported, naming it) or contents out of range
// (a Gather index: InvalidArgument). A missing kernel is a link error by name.
#define SL_OP(Name, family) Status run(const ir::Name& op, const KernelArgs& args);
#include "sluice/ir/ops.def"
#undef SL_OP

// Allocates the outputs and runs the operator's kernel. Fits ir::Evaluator.
[[nodiscard]] Result<std::vector<Tensor>> evaluate(const ir::Op& op,
                                                   std::span<const Tensor* const> inputs,
                                                   std::span<const ir::ValueType> output_types);

}  // namespace sluice::runtime::reference
