// SPDX-License-Identifier: Apache-2.0
#include "sluice/ir/ops/quantize.hpp"

#include <fmt/format.h>

#include "sluice/base/result.hpp"
#include "sluice/ir/infer.hpp"

namespace sluice::ir {
namespace {

Status check_dtype(bool fits, std::string_view what, DType dtype) {
  if (fits) return {};
  return invalid_argument(fmt::format("{} cannot be of type {}", what, sluice::to_string(dtype)));
}

// Types whose values are codes: integers up to 16 bits, floats up to 8.
bool is_code(DType dtype) {
  if (is_integer(dtype)) return num_bits(dtype) <= 16;
  return is_float(dtype) && num_bits(dtype) <= 8 && dtype != DType::Float8E8M0;
}

// scale and, if there is one, zero_point fit x and each other.
Status check_parameters(const InferContext& context, std::int64_t axis, std::int64_t block_size) {
  SL_TRY_STATUS(check_dtype(is_float(context.dtype(1)), "scale", context.dtype(1)));
  const sluice::Shape& scale = context.shape(1);
  SL_TRY_STATUS(resolve_parameters(context.shape(0), scale, axis, block_size));
  if (!context.has(2)) return {};
  const sluice::Shape& zero_point = context.shape(2);
  if (zero_point == scale || (num_elements(zero_point) == 1 && num_elements(scale) == 1)) return {};
  return invalid_argument(fmt::format("zero_point is {}, scale {}; they must be alike",
                                      sluice::to_string(zero_point), sluice::to_string(scale)));
}

}  // namespace

Result<ParameterLayout> resolve_parameters(const sluice::Shape& x, const sluice::Shape& parameters,
                                           std::int64_t axis, std::int64_t block_size) {
  ParameterLayout layout;
  if (block_size < 0)
    return invalid_argument(fmt::format("block_size must be positive, got {}", block_size));
  if (num_elements(parameters) == 1) {
    layout.inner = num_elements(x);
    return layout;
  }
  SL_TRY(const std::int64_t normal, normalize_axis(axis, x.size()));
  const auto a = static_cast<std::size_t>(normal);
  const std::span<const std::int64_t> dims(x);
  layout.outer = num_elements(dims.subspan(0, a));
  layout.length = x[a];
  layout.inner = num_elements(dims.subspan(a + 1));
  if (block_size == 0) {
    layout.varies_inside = false;
    if (parameters == sluice::Shape{layout.length}) return layout;
  } else {
    layout.varies_inside = true;
    layout.block_size = block_size;
    sluice::Shape blocked = x;
    blocked[a] = layout.num_blocks();
    if (parameters == blocked) return layout;
  }
  return invalid_argument(
      fmt::format("scale of {} fits an input of {} neither as a whole, nor along axis "
                  "{}, nor in blocks of {}",
                  sluice::to_string(parameters), sluice::to_string(x), axis, block_size));
}

Result<ValueTypes> infer(const QuantizeLinear& op, const InferContext& context) {
  SL_TRY_STATUS(context.require(2, 3));
  const DType x = context.dtype(0);
  SL_TRY_STATUS(check_dtype(is_float(x) || x == DType::Int32, "the input", x));
  SL_TRY_STATUS(check_parameters(context, op.axis, op.block_size));
  if (op.precision) {
    SL_TRY_STATUS(check_dtype(is_float(*op.precision), "the precision", *op.precision));
  }
  const DType output = context.has(2) ? context.dtype(2) : op.output_dtype;
  SL_TRY_STATUS(check_dtype(is_code(output), "the output", output));
  return ValueTypes{{output, context.shape(0)}};
}

Result<ValueTypes> infer(const DequantizeLinear& op, const InferContext& context) {
  SL_TRY_STATUS(context.require(2, 3));
  const DType x = context.dtype(0);
  SL_TRY_STATUS(check_dtype(is_code(x) || x == DType::Int32, "the input", x));
  SL_TRY_STATUS(check_parameters(context, op.axis, op.block_size));
  if (context.has(2)) {
    SL_TRY_STATUS(check_dtype(context.dtype(2) == x, "zero_point", context.dtype(2)));
  }
  const DType output = op.output_dtype.value_or(context.dtype(1));
  SL_TRY_STATUS(check_dtype(is_float(output), "the output", output));
  return ValueTypes{{output, context.shape(0)}};
}

Result<ValueTypes> infer(const Snap& op, const InferContext& context) {
  SL_TRY_STATUS(context.require(1, 1));
  SL_TRY_STATUS(check_dtype(context.dtype(0) == DType::Float32, "the input", context.dtype(0)));
  SL_TRY_STATUS(numeric::check_grid(op.grid, context.shape(0)));
  return ValueTypes{context.type(0)};
}

}  // namespace sluice::ir
