// SPDX-License-Identifier: Apache-2.0
// Element-wise functions of one tensor.
#include "sluice/import/tflite/builtins.hpp"

namespace sluice::importer::tflite::builtin {
namespace {

Status unary(Context& op, ir::Op function) {
  SL_TRY_STATUS(op.require_outputs(1));
  const Layout layout = op.common_layout();
  op.set_output(0, op.emit(std::move(function), {op.value(0, layout)}), layout);
  return {};
}

Status clip(Context& op, float low, float high) {
  SL_TRY_STATUS(op.require_outputs(1));
  const Layout layout = op.common_layout();
  op.set_output(
      0, op.emit(ir::Clip{}, {op.value(0, layout), op.scalar("min", low), op.scalar("max", high)}),
      layout);
  return {};
}

}  // namespace

Status abs(Context& op) {
  return unary(op, ir::Abs{});
}

Status elu(Context& op) {
  return unary(op, ir::Elu{});
}

Status exp(Context& op) {
  return unary(op, ir::Exp{});
}

Status gelu(Context& op) {
  const auto* options = op.options<fb::GeluOptions>();
  return unary(op, ir::Gelu{options != nullptr && options->approximate()});
}

Status hard_swish(Context& op) {
  return unary(op, ir::HardSwish{});
}

Status leaky_relu(Context& op) {
  SL_TRY(const auto* options, op.required_options<fb::LeakyReluOptions>());
  return unary(op, ir::LeakyRelu{options->alpha()});
}

Status log(Context& op) {
  return unary(op, ir::Log{});
}

Status logistic(Context& op) {
  return unary(op, ir::Sigmoid{});
}

Status neg(Context& op) {
  return unary(op, ir::Neg{});
}

Status relu(Context& op) {
  return unary(op, ir::Relu{});
}

Status relu6(Context& op) {
  return clip(op, 0, 6);
}

Status relu_0_to_1(Context& op) {
  return clip(op, 0, 1);
}

Status relu_n1_to_1(Context& op) {
  return clip(op, -1, 1);
}

Status rsqrt(Context& op) {
  SL_TRY_STATUS(op.require_outputs(1));
  const Layout layout = op.common_layout();
  const ir::ValueId root = op.emit(ir::Sqrt{}, {op.value(0, layout)});
  op.set_output(0, op.emit(ir::Div{}, {op.scalar("one", 1), root}), layout);
  return {};
}

Status sqrt(Context& op) {
  return unary(op, ir::Sqrt{});
}

Status square(Context& op) {
  SL_TRY_STATUS(op.require_outputs(1));
  const Layout layout = op.common_layout();
  const ir::ValueId x = op.value(0, layout);
  op.set_output(0, op.emit(ir::Mul{}, {x, x}), layout);
  return {};
}

Status tanh(Context& op) {
  return unary(op, ir::Tanh{});
}

}  // namespace sluice::importer::tflite::builtin
