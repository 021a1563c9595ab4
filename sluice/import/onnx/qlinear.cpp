// SPDX-License-Identifier: Apache-2.0
// Operators that take and give codes with their scales and zero points.
#include <utility>
#include <vector>

#include "sluice/import/onnx/convert.hpp"
#include "sluice/numeric/element.hpp"

namespace sluice::importer::onnx {
namespace {

// Where a quantized operand is among the inputs: its codes, its scale, its zero point.
struct Operand {
  std::size_t codes;
  std::size_t scale;
  std::size_t zero_point;
};
constexpr Operand kFirst{0, 1, 2};
constexpr Operand kSecond{3, 4, 5};

// The real numbers an operand stands for. `axis`: what several scales go along.
ir::ValueId dequantize(NodeReader& node, std::string_view name, const Operand& operand,
                       std::int64_t axis = 0) {
  return node.add_node(
      name, ir::DequantizeLinear{.axis = axis},
      {node.input(operand.codes), node.input(operand.scale), node.input(operand.zero_point)});
}

// The operator on real numbers, its result quantized by the inputs `scale` and `zero_point`. The
// type of the codes is the zero point's.
Result<ir::Op> quantized(NodeReader& node, ir::Op op, std::vector<ir::ValueId> reals,
                         std::size_t scale, std::size_t zero_point) {
  if (!node.has_input(zero_point)) {
    return Error{ErrorCode::Unsupported,
                 "has no zero point for its output, which would tell the output's type; write it"};
  }
  const std::string_view name = ir::op_name(op);
  const ir::ValueId result = node.add_node(name, std::move(op), std::move(reals));
  node.set_inputs({result, node.input(scale), node.input(zero_point)});
  return ir::Op(ir::QuantizeLinear{});
}

// a·b of two scales, one or one a channel.
ir::ValueId product(NodeReader& node, std::size_t a, std::size_t b) {
  const Tensor* first = node.constant_input(a);
  const Tensor* second = node.constant_input(b);
  const bool known = first != nullptr && second != nullptr && first->dtype() == DType::Float32 &&
                     second->dtype() == DType::Float32 && first->num_elements() == 1;
  if (!known) return node.add_node("bias_scale", ir::Mul{}, {node.input(a), node.input(b)});
  Tensor scales = *second;
  for (float& scale : scales.mutable_data<float>()) scale *= first->data<float>()[0];
  return node.add_constant("bias_scale", std::move(scales));
}

// A bias of 32 bits: its scale is the product of the operands' and its zero point is 0.
ir::ValueId dequantize_bias(NodeReader& node, std::size_t bias) {
  return node.add_node("bias", ir::DequantizeLinear{.axis = 0},
                       {node.input(bias), product(node, kFirst.scale, kSecond.scale)});
}

// Operators of one operand: x, its scale and zero point, the output's.
Result<ir::Op> convert_unary(NodeReader& node, ir::Op op) {
  const ir::ValueId x = dequantize(node, "x", kFirst);
  return quantized(node, std::move(op), {x}, 3, 4);
}

Result<ir::Op> convert_binary(NodeReader& node, ir::Op op) {
  const ir::ValueId a = dequantize(node, "a", kFirst);
  const ir::ValueId b = dequantize(node, "b", kSecond);
  return quantized(node, std::move(op), {a, b}, 6, 7);
}

Status refuse_channels_last(NodeReader& node) {
  SL_TRY(const bool channels_last, node.get("channels_last", false));
  if (!channels_last) return {};
  return Error{ErrorCode::Unsupported,
               "has channels_last set, as graph optimisations of ONNX Runtime do; give the model "
               "as it was before them"};
}

}  // namespace

Result<ir::Op> convert_qlinear_conv(NodeReader& node) {
  ir::Conv op;
  SL_TRY_STATUS(convert(op, node));
  std::vector<ir::ValueId> reals{dequantize(node, "x", kFirst), dequantize(node, "w", kSecond)};
  if (node.has_input(8)) reals.push_back(dequantize_bias(node, 8));
  return quantized(node, std::move(op), std::move(reals), 6, 7);
}

Result<ir::Op> convert_qlinear_matmul(NodeReader& node) {
  const ir::ValueId a = dequantize(node, "a", kFirst, -2);
  const ir::ValueId b = dequantize(node, "b", kSecond, -1);
  return quantized(node, ir::MatMul{}, {a, b}, 6, 7);
}

Result<ir::Op> convert_qgemm(NodeReader& node) {
  ir::Gemm op;
  SL_TRY_STATUS(convert(op, node));
  if (op.alpha != 1) {
    return Error{ErrorCode::Unsupported,
                 "has a factor alpha other than 1; multiply a scale by it instead"};
  }
  std::vector<ir::ValueId> reals{dequantize(node, "a", kFirst, op.trans_a ? 1 : 0),
                                 dequantize(node, "b", kSecond, op.trans_b ? 0 : 1)};
  if (node.has_input(6)) reals.push_back(dequantize_bias(node, 6));
  if (node.has_input(7)) return quantized(node, op, std::move(reals), 7, 8);
  node.set_inputs(std::move(reals));  // without a scale the output is real
  return ir::Op(op);
}

Result<ir::Op> convert_qlinear_add(NodeReader& node) {
  return convert_binary(node, ir::Add{});
}

Result<ir::Op> convert_qlinear_mul(NodeReader& node) {
  return convert_binary(node, ir::Mul{});
}

Result<ir::Op> convert_qlinear_average_pool(NodeReader& node) {
  ir::AveragePool op;
  SL_TRY_STATUS(convert(op, node));
  SL_TRY_STATUS(refuse_channels_last(node));
  return convert_unary(node, std::move(op));
}

Result<ir::Op> convert_qlinear_global_average_pool(NodeReader& node) {
  SL_TRY_STATUS(refuse_channels_last(node));
  return convert_unary(node, ir::GlobalAveragePool{});
}

Result<ir::Op> convert_qlinear_leaky_relu(NodeReader& node) {
  ir::LeakyRelu op;
  SL_TRY_STATUS(convert(op, node));
  return convert_unary(node, op);
}

Result<ir::Op> convert_qlinear_sigmoid(NodeReader& node) {
  return convert_unary(node, ir::Sigmoid{});
}

Result<ir::Op> convert_qlinear_softmax(NodeReader& node) {
  // The opset of ONNX's Softmax that is meant: before 13 it flattens.
  SL_TRY(const std::int64_t opset, node.require<std::int64_t>("opset"));
  ir::Softmax op;
  op.flatten = opset < 13;
  SL_TRY(op.axis, node.get("axis", op.flatten ? std::int64_t{1} : op.axis));
  return convert_unary(node, op);
}

// The output's scale and zero point come first, then three inputs an operand.
Result<ir::Op> convert_qlinear_concat(NodeReader& node) {
  ir::Concat op;
  SL_TRY_STATUS(convert(op, node));
  std::vector<ir::ValueId> reals;
  for (std::size_t i = 2; i < node.num_inputs(); i += 3) {
    reals.push_back(dequantize(node, "x", {i, i + 1, i + 2}));
  }
  return quantized(node, op, std::move(reals), 0, 1);
}

}  // namespace sluice::importer::onnx
