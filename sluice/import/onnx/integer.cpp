// SPDX-License-Identifier: Apache-2.0
// Operators that multiply integers and do not scale them, and the quantizer that goes with them.
#include <fmt/format.h>
#include <utility>
#include <vector>

#include "sluice/import/onnx/convert.hpp"

namespace sluice::importer::onnx {
namespace {

// Input i less its zero point, in float64.
ir::ValueId centred(NodeReader& node, std::string_view name, std::size_t i,
                    ir::ValueId zero_point) {
  const ir::ValueId codes = node.add_node(name, ir::Cast{.to = DType::Float64}, {node.input(i)});
  if (zero_point == ir::kNoValue) return codes;
  const ir::ValueId zero = node.add_node(fmt::format("{}_zero_point", name),
                                         ir::Cast{.to = DType::Float64}, {zero_point});
  return node.add_node(fmt::format("{}_centred", name), ir::Sub{}, {codes, zero});
}

// Input i in another shape; kNoValue stays that.
ir::ValueId reshaped(NodeReader& node, std::string_view name, std::size_t i,
                     const std::vector<std::int64_t>& shape) {
  if (!node.has_input(i)) return ir::kNoValue;
  const ir::ValueId to = node.add_constant(
      fmt::format("{}_shape", name),
      Tensor::from<std::int64_t>({static_cast<std::int64_t>(shape.size())}, shape));
  return node.add_node(name, ir::Reshape{}, {node.input(i), to});
}

// The sums as 32-bit integers.
Result<ir::Op> as_integers(NodeReader& node, ir::Op op, std::vector<ir::ValueId> inputs) {
  const std::string_view name = ir::op_name(op);
  node.set_inputs({node.add_node(name, std::move(op), std::move(inputs))});
  return ir::Op(ir::Cast{.to = DType::Int32});
}

}  // namespace

Result<ir::Op> convert_conv_integer(NodeReader& node) {
  ir::Conv op;
  SL_TRY_STATUS(convert(op, node));
  // One zero point a filter lies along dimension 0 of the weights.
  const std::size_t rank =
      node.input_rank(1).value_or(op.window.kernel.empty() ? 4 : op.window.kernel.size() + 2);
  std::vector<std::int64_t> along_filters(rank, 1);
  if (rank > 0) along_filters[0] = -1;
  const ir::ValueId x = centred(node, "x", 0, reshaped(node, "x_scalar", 2, {}));
  const ir::ValueId w = centred(node, "w", 1, reshaped(node, "w_filters", 3, along_filters));
  return as_integers(node, std::move(op), {x, w});
}

Result<ir::Op> convert_matmul_integer(NodeReader& node) {
  // a: one zero point, or one a row; of more dimensions they lie as they must already.
  ir::ValueId a_zero_point = node.input(2);
  const std::size_t rank = node.input_rank(2).value_or(0);
  const Tensor* known = node.constant_input(2);
  const bool is_one = rank == 0 || (known != nullptr && known->num_elements() == 1);
  if (is_one) {
    a_zero_point = reshaped(node, "a_scalar", 2, {});
  } else if (rank == 1) {
    a_zero_point = reshaped(node, "a_rows", 2, {-1, 1});
  }
  const ir::ValueId a = centred(node, "a", 0, a_zero_point);
  const ir::ValueId b = centred(node, "b", 1, node.input(3));
  return as_integers(node, ir::MatMul{}, {a, b});
}

Result<ir::Op> convert_dynamic_quantize_linear(NodeReader& node) {
  constexpr float kSteps = 255;
  const ir::ValueId x = node.input(0);
  const ir::ValueId zero = node.add_constant("zero", Tensor::scalar(0.0F));
  const ir::Op whole_min = ir::ReduceMin{.keep_dims = false};
  const ir::Op whole_max = ir::ReduceMax{.keep_dims = false};
  const ir::ValueId min =
      node.add_node("min", ir::Min{}, {node.add_node("reduce_min", whole_min, {x}), zero});
  const ir::ValueId max =
      node.add_node("max", ir::Max{}, {node.add_node("reduce_max", whole_max, {x}), zero});
  // A tensor of zeros has the range 1.
  const ir::ValueId range = node.add_node("range", ir::Where{},
                                          {node.add_node("is_zero", ir::Equal{}, {min, max}),
                                           node.add_constant("one", Tensor::scalar(1.0F)),
                                           node.add_node("difference", ir::Sub{}, {max, min})});
  const ir::ValueId steps = node.add_constant("steps", Tensor::scalar(kSteps));
  SL_TRY(const ir::ValueId scale, node.add_output(1, "scale", ir::Div{}, {range, steps}));
  const ir::ValueId negated = node.add_node("negated_min", ir::Neg{}, {min});
  SL_TRY(const ir::ValueId zero_point,
         node.add_output(2, "zero_point", ir::QuantizeLinear{.output_dtype = DType::UInt8},
                         {negated, scale}));
  node.set_inputs({x, scale, zero_point});
  return ir::Op(ir::QuantizeLinear{});
}

}  // namespace sluice::importer::onnx
