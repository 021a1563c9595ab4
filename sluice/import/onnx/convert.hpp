// SPDX-License-Identifier: Apache-2.0
// Converters: from a node's attributes and inputs, in any opset, to the operator in its newest
// form.
#pragma once

#include "sluice/base/result.hpp"
#include "sluice/import/onnx/node_reader.hpp"
#include "sluice/ir/op.hpp"

namespace sluice::importer::onnx {

// One an operator, in import/onnx/<family>.cpp: fills `op`, which has the newest opset's defaults,
// and adds the inputs that were attributes in older opsets. A missing one is a link error by name.
#define SL_OP(Name, family) Status convert(ir::Name& op, NodeReader& node);
#include "sluice/ir/ops.def"
#undef SL_OP

// ONNX's names for operators that the IR has under another.
Result<ir::Op> convert_sum(NodeReader& node);
Status convert_upsample(ir::Resize& op, NodeReader& node);

// Operators on codes, of ONNX and of ONNX Runtime's domain: dequantized, computed on real numbers
// and quantized again; passes::fold_qdq makes operators on codes of that.
Result<ir::Op> convert_qlinear_conv(NodeReader& node);
Result<ir::Op> convert_qlinear_matmul(NodeReader& node);
Result<ir::Op> convert_qlinear_add(NodeReader& node);
Result<ir::Op> convert_qlinear_mul(NodeReader& node);
Result<ir::Op> convert_qlinear_average_pool(NodeReader& node);
Result<ir::Op> convert_qlinear_global_average_pool(NodeReader& node);
Result<ir::Op> convert_qlinear_leaky_relu(NodeReader& node);
Result<ir::Op> convert_qlinear_sigmoid(NodeReader& node);
Result<ir::Op> convert_qlinear_softmax(NodeReader& node);
Result<ir::Op> convert_qlinear_concat(NodeReader& node);
Result<ir::Op> convert_qgemm(NodeReader& node);

// Sums of products of integers less their zero points, in float64: exact below 2^53.
Result<ir::Op> convert_conv_integer(NodeReader& node);
Result<ir::Op> convert_matmul_integer(NodeReader& node);
// A scale and a zero point from the range of the data, and the codes by them.
Result<ir::Op> convert_dynamic_quantize_linear(NodeReader& node);

// The operator of that ONNX name, converted. Unsupported, with a remedy, for others.
[[nodiscard]] Result<ir::Op> convert_node(const Node& node, NodeReader& reader);

// The content of a Constant node.
[[nodiscard]] Result<Tensor> constant_content(NodeReader& node);

}  // namespace sluice::importer::onnx
