// SPDX-License-Identifier: Apache-2.0
// Exact kernels: what every operator does to codes, in each arithmetic. Plain loops over row-major
// tensors; speed does not matter here.
#pragma once

#include <vector>

#include "sluice/base/result.hpp"
#include "sluice/exact/reference/node.hpp"
#include "sluice/ir/op.hpp"

namespace sluice::exact::reference {

// The operators that compute on codes; each makes the codes of output 0. In the arithmetics of
// ONNX, operators that are not here mean: dequantize, compute in float32, quantize.
[[nodiscard]] Result<Tensor> run(const ir::Conv& op, const NodeView& node);
[[nodiscard]] Result<Tensor> run(const ir::ConvTranspose& op, const NodeView& node);
[[nodiscard]] Result<Tensor> run(const ir::Gemm& op, const NodeView& node);
[[nodiscard]] Result<Tensor> run(const ir::MatMul& op, const NodeView& node);

[[nodiscard]] Result<Tensor> run(const ir::Add& op, const NodeView& node);
[[nodiscard]] Result<Tensor> run(const ir::Sub& op, const NodeView& node);
[[nodiscard]] Result<Tensor> run(const ir::Mul& op, const NodeView& node);
[[nodiscard]] Result<Tensor> run(const ir::PRelu& op, const NodeView& node);

[[nodiscard]] Result<Tensor> run(const ir::Clip& op, const NodeView& node);
[[nodiscard]] Result<Tensor> run(const ir::HardSwish& op, const NodeView& node);
[[nodiscard]] Result<Tensor> run(const ir::Identity& op, const NodeView& node);
[[nodiscard]] Result<Tensor> run(const ir::LeakyRelu& op, const NodeView& node);
[[nodiscard]] Result<Tensor> run(const ir::Relu& op, const NodeView& node);
[[nodiscard]] Result<Tensor> run(const ir::Sigmoid& op, const NodeView& node);
[[nodiscard]] Result<Tensor> run(const ir::Tanh& op, const NodeView& node);

[[nodiscard]] Result<Tensor> run(const ir::AveragePool& op, const NodeView& node);
[[nodiscard]] Result<Tensor> run(const ir::ReduceMean& op, const NodeView& node);
[[nodiscard]] Result<Tensor> run(const ir::ReduceSum& op, const NodeView& node);
[[nodiscard]] Result<Tensor> run(const ir::Resize& op, const NodeView& node);
[[nodiscard]] Result<Tensor> run(const ir::Softmax& op, const NodeView& node);

// Any node: its outputs, of the graph's types. Nodes that read and make no codes are computed as
// runtime's reference kernels do; those that move or compare codes, on the codes.
[[nodiscard]] Result<std::vector<Tensor>> evaluate(const NodeView& node);

}  // namespace sluice::exact::reference
