// SPDX-License-Identifier: Apache-2.0
// Fully connected layers. Weights come as [N, K].
#include <algorithm>
#include <fmt/format.h>

#include "sluice/import/tflite/builtins.hpp"

namespace sluice::importer::tflite::builtin {
namespace {

// [B, N] back in the dimensions of the input, the last one N
Result<ir::ValueId> in_input_dims(Context& op, ir::ValueId y) {
  std::vector<std::int64_t> shape = op.in(0).shape;
  std::ranges::replace(shape, ir::kOpenDim, -1);
  shape.back() = op.in(1).shape[0];
  if (std::ranges::count(shape, -1) > 1) {
    return Error{ErrorCode::Unsupported,
                 "keeps several open dimensions; convert the model for one image size"};
  }
  return op.emit(ir::Reshape{.allow_zero = true}, {y, op.constant("dims", shape)});
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
  SL_TRY(ir::ValueId y, flat_product(op));
  SL_TRY(y, op.activated(y, options->fused_activation_function()));
  if (options->keep_num_dims() && op.in(0).rank() > 2) {
    SL_TRY(y, in_input_dims(op, y));
  }
  op.set_output(0, y);
  return {};
}

}  // namespace sluice::importer::tflite::builtin
