// SPDX-License-Identifier: Apache-2.0
// Operators about tensors as such: type and shape.
#include <algorithm>
#include <fmt/format.h>

#include "sluice/import/tflite/builtins.hpp"
#include "sluice/numeric/float_formats.hpp"

namespace sluice::importer::tflite::builtin {

Status cast(Context& op) {
  SL_TRY_STATUS(op.require_outputs(1));
  const Layout layout = op.layout_of(0);
  op.set_output(0, op.emit(ir::Cast{op.out().dtype}, {op.value(0, layout)}), layout);
  return {};
}

// Of half-precision weights, or of 8-bit ones, which are float32 by the time they come here.
Status dequantize(Context& op) {
  SL_TRY_STATUS(op.require_outputs(1));
  const DType from = op.in(0).dtype;
  if (op.out().dtype != DType::Float32 || (from != DType::Float16 && from != DType::Float32)) {
    return Error{ErrorCode::Unsupported,
                 fmt::format("makes {} of {}; only weights are dequantized: convert the model "
                             "without quantization",
                             to_string(op.out().dtype), to_string(from))};
  }
  const Tensor* weights = op.content(0);
  if (weights == nullptr) return cast(op);
  if (weights->dtype() == DType::Float32) {
    op.set_output(0, op.value(0));
    return {};
  }
  Tensor wide(DType::Float32, weights->shape());
  std::ranges::transform(
      weights->data<std::uint16_t>(), wide.mutable_data<float>().begin(),
      [](std::uint16_t code) { return numeric::decode_float(DType::Float16, code); });
  op.set_output(0, op.constant("float32", std::move(wide)));
  return {};
}

// The shape of an image held channels-first is put into the file's order, not the image.
Status shape(Context& op) {
  SL_TRY(const auto* options, op.required_options<fb::ShapeOptions>());
  SL_TRY_STATUS(op.require_outputs(1));
  const Layout layout = op.layout_of(0);
  ir::ValueId y = op.emit(ir::Shape{}, {op.value(0, layout)});
  if (layout == Layout::ChannelsFirst) {
    y = op.emit(ir::Gather{}, {y, op.constant("order", kToFile)});
  }
  SL_TRY(const DType dtype, to_dtype(options->out_type()));
  if (dtype != DType::Int64) y = op.emit(ir::Cast{dtype}, {y});
  op.set_output(0, y);
  return {};
}

}  // namespace sluice::importer::tflite::builtin
