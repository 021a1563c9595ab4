// SPDX-License-Identifier: Apache-2.0
// Element-wise functions of two tensors, which broadcast from the last dimension of the file's
// order.
#include <algorithm>

#include "sluice/import/tflite/builtins.hpp"

namespace sluice::importer::tflite::builtin {
namespace {

struct Operands {
  ir::ValueId a, b;
  Layout layout;
};

Result<Operands> operands(Context& op) {
  SL_TRY_STATUS(op.require_outputs(1));
  const std::size_t rank = std::max(op.in(0).rank(), op.in(1).rank());
  // Beyond rank 4 an image is one operand among others and keeps the file's order.
  const Layout layout = rank == 4 ? op.common_layout() : Layout::AsFile;
  return Operands{op.broadcast_value(0, layout, rank), op.broadcast_value(1, layout, rank), layout};
}

template <class Function>
Status binary(Context& op, fb::ActivationFunctionType activation) {
  SL_TRY(const Operands x, operands(op));
  return op.finish(op.emit(Function{}, {x.a, x.b}), x.layout, activation);
}

// The operator's options may be missing: then nothing is fused.
template <class Function, class Options>
Status binary_with_activation(Context& op) {
  const auto* options = op.options<Options>();
  return binary<Function>(op, options == nullptr ? fb::ActivationFunctionType::NONE
                                                 : options->fused_activation_function());
}

template <class Function>
Status plain_binary(Context& op) {
  return binary<Function>(op, fb::ActivationFunctionType::NONE);
}

}  // namespace

Status add(Context& op) {
  return binary_with_activation<ir::Add, fb::AddOptions>(op);
}

Status div(Context& op) {
  return binary_with_activation<ir::Div, fb::DivOptions>(op);
}

Status maximum(Context& op) {
  return plain_binary<ir::Max>(op);
}

Status minimum(Context& op) {
  return plain_binary<ir::Min>(op);
}

Status mul(Context& op) {
  return binary_with_activation<ir::Mul, fb::MulOptions>(op);
}

Status pow(Context& op) {
  return plain_binary<ir::Pow>(op);
}

Status prelu(Context& op) {
  return plain_binary<ir::PRelu>(op);
}

Status squared_difference(Context& op) {
  SL_TRY(const Operands x, operands(op));
  const ir::ValueId difference = op.emit(ir::Sub{}, {x.a, x.b});
  op.set_output(0, op.emit(ir::Mul{}, {difference, difference}), x.layout);
  return {};
}

Status sub(Context& op) {
  return binary_with_activation<ir::Sub, fb::SubOptions>(op);
}

}  // namespace sluice::importer::tflite::builtin
