// SPDX-License-Identifier: Apache-2.0
#include "sluice/ir/ops/tensor.hpp"

#include <algorithm>
#include <fmt/format.h>

#include "sluice/base/result.hpp"
#include "sluice/ir/infer.hpp"

namespace sluice::ir {
namespace {

// Optional input i is one element for which `fits` holds; `what` says so in the message.
Status check_scalar(const InferContext& context, std::size_t i, bool (*fits)(DType),
                    std::string_view what) {
  if (!context.has(i)) return {};
  if (fits(context.dtype(i)) && num_elements(context.shape(i)) == 1) return {};
  return invalid_argument(fmt::format("input {} must be {}, is {} {}", i, what,
                                      sluice::to_string(context.dtype(i)),
                                      sluice::to_string(context.shape(i))));
}

}  // namespace

Tensor shape_content(const Shape& op, std::span<const std::int64_t> of) {
  const auto rank = static_cast<std::int64_t>(of.size());
  const auto clamp = [&](std::int64_t i) {
    return std::clamp<std::int64_t>(i < 0 ? i + rank : i, 0, rank);
  };
  const std::int64_t begin = clamp(op.start);
  const std::int64_t end = std::max(begin, clamp(op.end.value_or(rank)));
  return Tensor::from<std::int64_t>({end - begin}, {of.begin() + begin, of.begin() + end});
}

Result<ValueTypes> infer(const Cast& op, const InferContext& context) {
  SL_TRY_STATUS(context.require(1, 1));
  return ValueTypes{{op.to, context.shape(0)}};
}

Result<ValueTypes> infer(const ConstantOfShape& op, const InferContext& context) {
  SL_TRY_STATUS(context.require(1, 1));
  if (op.value.num_elements() != 1) {
    return invalid_argument(
        fmt::format("the value must be one element, has {}", op.value.num_elements()));
  }
  SL_TRY(sluice::Shape shape, context.integers(0, "shape"));
  return ValueTypes{{op.value.dtype(), std::move(shape)}};
}

Result<ValueTypes> infer(const Dropout& /*op*/, const InferContext& context) {
  SL_TRY_STATUS(context.require(1, 3));
  if (!is_float(context.dtype(0))) {
    return invalid_argument(fmt::format("the input must be of a float type, is {}",
                                        sluice::to_string(context.dtype(0))));
  }
  SL_TRY_STATUS(check_scalar(context, 1, is_float, "one float, the ratio"));
  SL_TRY_STATUS(check_scalar(
      context, 2, [](DType dtype) { return dtype == DType::Bool; }, "one bool, the training mode"));
  return ValueTypes{context.type(0), {DType::Bool, context.shape(0)}};
}

Result<ValueTypes> infer(const Identity& /*op*/, const InferContext& context) {
  SL_TRY_STATUS(context.require(1, 1));
  return ValueTypes{context.type(0)};
}

Result<ValueTypes> infer(const Shape& op, const InferContext& context) {
  SL_TRY_STATUS(context.require(1, 1));
  return ValueTypes{{DType::Int64, shape_content(op, context.shape(0)).shape()}};
}

}  // namespace sluice::ir
