// SPDX-License-Identifier: Apache-2.0
// Reductions along axes, and Softmax along the last one.
#include <algorithm>
#include <fmt/format.h>

#include "sluice/import/tflite/axes.hpp"
#include "sluice/import/tflite/builtins.hpp"
#include "sluice/import/tflite/quantization.hpp"

namespace sluice::importer::tflite::builtin {
namespace {

// Without the reduced dimensions the rest has another order than the file's only if it holds the
// channels and a spatial dimension: then the reduction is done in the file's order.
template <class Reduction>
Status reduce(Context& op) {
  SL_TRY_STATUS(op.require_outputs(1));
  const auto* options = op.options<fb::ReducerOptions>();
  const bool keep_dims = options != nullptr && options->keep_dims();
  SL_TRY(const auto listed, op.integers(1, "the list of axes"));
  SL_TRY(auto axes, normalized_axes(listed, op.in(0).rank()));
  const Layout layout = keep_dims || keeps_order_without(axes) ? op.layout_of(0) : Layout::AsFile;
  for (std::int64_t& axis : axes) axis = axis_in(layout, axis);
  const ir::ValueId y =
      op.emit(Reduction{.keep_dims = keep_dims, .noop_with_empty_axes = axes.empty()},
              {op.value(0, layout), op.constant("axes", axes)});
  op.set_output(0, y, keep_dims ? layout : Layout::AsFile);
  return {};
}

}  // namespace

Status mean(Context& op) {
  return reduce<ir::ReduceMean>(op);
}

Status reduce_max(Context& op) {
  return reduce<ir::ReduceMax>(op);
}

Status reduce_min(Context& op) {
  return reduce<ir::ReduceMin>(op);
}

Status sum(Context& op) {
  return reduce<ir::ReduceSum>(op);
}

Status arg_max(Context& op) {
  SL_TRY(const auto* options, op.required_options<fb::ArgMaxOptions>());
  SL_TRY_STATUS(op.require_outputs(1));
  SL_TRY(const std::int64_t given, op.integer(1, "the axis"));
  SL_TRY(const std::int64_t axis, normalize_axis(given, op.in(0).rank()));
  const Layout layout = keeps_order_without({axis}) ? op.layout_of(0) : Layout::AsFile;
  ir::ValueId y =
      op.emit(ir::ArgMax{.axis = axis_in(layout, axis), .keep_dims = false}, {op.value(0, layout)});
  SL_TRY(const DType dtype, to_dtype(options->output_type()));
  if (dtype != DType::Int64) y = op.emit(ir::Cast{dtype}, {y});
  op.set_output(0, y);
  return {};
}

Status softmax(Context& op) {
  SL_TRY(const auto* options, op.required_options<fb::SoftmaxOptions>());
  SL_TRY_STATUS(op.require_outputs(1));
  if (op.in(0).rank() == 0) {
    return Error{ErrorCode::Verify, "has a scalar as its input, needs a dimension"};
  }
  const Layout layout = op.layout_of(0);
  const auto last = static_cast<std::int64_t>(op.in(0).rank()) - 1;
  ir::ValueId x = op.value(0, layout);
  if (options->beta() != 1 && is_quantized(op.in(0))) {
    return Error{ErrorCode::Unsupported,
                 fmt::format("has beta {}; on quantized tensors only 1 is supported: convert the "
                             "model again",
                             options->beta())};
  }
  if (options->beta() != 1) x = op.emit(ir::Mul{}, {x, op.scalar("beta", options->beta())});
  op.set_output(0, op.emit(ir::Softmax{.axis = axis_in(layout, last)}, {x}), layout);
  return {};
}

}  // namespace sluice::importer::tflite::builtin
