// SPDX-License-Identifier: Apache-2.0
// Operators about tensors as such: type and shape.
#include <algorithm>
#include <fmt/format.h>

#include "sluice/import/tflite/builtins.hpp"
#include "sluice/import/tflite/quantization.hpp"
#include "sluice/numeric/float_formats.hpp"

namespace sluice::importer::tflite::builtin {

Status cast(Context& op) {
  SL_TRY_STATUS(op.require_outputs(1));
  const Layout layout = op.layout_of(0);
  op.set_output(0, op.emit(ir::Cast{op.out().dtype}, {op.value(0, layout)}), layout);
  return {};
}

namespace {

// The same numbers with another quantization, or with and without one.
Status requantize(Context& op) {
  const Layout layout = op.layout_of(0);
  op.set_output(0, op.emit(ir::Identity{}, {op.value(0, layout)}), layout);
  return {};
}

}  // namespace

// Of codes; of half-precision weights, or of 8-bit ones, which are float32 by the time they come
// here.
Status dequantize(Context& op) {
  SL_TRY_STATUS(op.require_outputs(1));
  const DType from = op.in(0).dtype;
  const bool from_codes = is_quantized(op.in(0));
  if (op.out().dtype != DType::Float32 ||
      (!from_codes && from != DType::Float16 && from != DType::Float32)) {
    return Error{ErrorCode::Unsupported, fmt::format("makes {} of {}, must make float32 of codes",
                                                     to_string(op.out().dtype), to_string(from))};
  }
  if (from_codes) return requantize(op);
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

Status quantize(Context& op) {
  SL_TRY_STATUS(op.require_outputs(1));
  const bool from_reals = is_quantized(op.in(0)) || op.in(0).dtype == DType::Float32;
  if (!from_reals || !is_quantized(op.out())) {
    return Error{ErrorCode::Unsupported,
                 fmt::format("makes {} of {}, must make 8-bit codes of float32 or of codes",
                             to_string(op.out().dtype), to_string(op.in(0).dtype))};
  }
  return requantize(op);
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
