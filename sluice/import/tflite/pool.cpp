// SPDX-License-Identifier: Apache-2.0
// Poolings. Positions in the padding count neither in the mean nor in the maximum.
#include "sluice/import/tflite/builtins.hpp"
#include "sluice/import/tflite/window.hpp"

namespace sluice::importer::tflite::builtin {
namespace {

template <class Pool>
Status pool(Context& op) {
  SL_TRY(const auto* options, op.required_options<fb::Pool2DOptions>());
  SL_TRY_STATUS(op.require_outputs(1));
  SL_TRY_STATUS(op.require_rank(0, 4));
  SL_TRY(ir::Window window, to_window(*options));
  window.kernel = {options->filter_height(), options->filter_width()};
  if (window.kernel[0] <= 0 || window.kernel[1] <= 0) {
    return Error{ErrorCode::Verify, fmt::format("has a window of {}x{}, it must be positive",
                                                window.kernel[0], window.kernel[1])};
  }
  const ir::ValueId y =
      op.emit(Pool{.window = std::move(window)}, {op.value(0, Layout::ChannelsFirst)});
  return op.finish(y, Layout::ChannelsFirst, options->fused_activation_function());
}

}  // namespace

Status average_pool_2d(Context& op) {
  return pool<ir::AveragePool>(op);
}

Status max_pool_2d(Context& op) {
  return pool<ir::MaxPool>(op);
}

}  // namespace sluice::importer::tflite::builtin
