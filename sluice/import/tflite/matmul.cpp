// SPDX-License-Identifier: Apache-2.0
// Fully connected layers. Weights come as [N, K].
#include <fmt/format.h>

#include "sluice/import/tflite/builtins.hpp"

namespace sluice::importer::tflite::builtin {
namespace {

// y [rank dimensions, last one N] = x·w' + b
ir::ValueId keep_dims_product(Context& op) {
  const ir::ValueId weights = op.transposed(op.value(1), {1, 0});
  const ir::ValueId product = op.emit(ir::MatMul{}, {op.value(0), weights});
  return op.has(2) ? op.emit(ir::Add{}, {product, op.value(2)}) : product;
}

// y [B, N], x taken as [B, K] whatever its dimensions
Result<ir::ValueId> flat_product(Context& op) {
  const std::int64_t depth = op.in(1).shape[1];
  if (depth <= 0) {
    return Error{
        ErrorCode::Verify,
        fmt::format("has weights for {} inputs; the model must state a positive number", depth)};
  }
  ir::ValueId x = op.value(0);
  if (op.in(0).rank() != 2 || op.in(0).shape[1] != depth) {
    x = op.emit(ir::Reshape{}, {x, op.constant("shape", {-1, depth})});
  }
  return op.emit(ir::Gemm{.trans_b = true}, {x, op.value(1), op.value(2)});
}

}  // namespace

Status fully_connected(Context& op) {
  SL_TRY(const auto* options, op.required_options<fb::FullyConnectedOptions>());
  SL_TRY_STATUS(op.require_outputs(1));
  SL_TRY_STATUS(op.require_rank(1, 2));
  if (options->weights_format() != fb::FullyConnectedOptionsWeightsFormat::DEFAULT) {
    return Error{ErrorCode::Unsupported,
                 "has shuffled 8-bit weights; convert the model to float32 weights"};
  }
  if (options->keep_num_dims() && op.in(0).rank() != 2) {
    return op.finish(keep_dims_product(op), Layout::AsFile, options->fused_activation_function());
  }
  SL_TRY(const ir::ValueId y, flat_product(op));
  return op.finish(y, Layout::AsFile, options->fused_activation_function());
}

}  // namespace sluice::importer::tflite::builtin
