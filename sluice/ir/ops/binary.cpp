// SPDX-License-Identifier: Apache-2.0
#include "sluice/ir/ops/binary.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <limits>

#include "sluice/ir/ops/rule.hpp"

namespace sluice::ir {
namespace {

// The shape all inputs broadcast to.
Result<sluice::Shape> broadcast_all(const InferContext& context) {
  sluice::Shape shape = context.shape(0);
  for (std::size_t i = 1; i < context.num_inputs(); ++i) {
    SL_TRY(shape, broadcast(shape, context.shape(i)));
  }
  return shape;
}

// `least` to `most` inputs, all of one number type, broadcast; the output has their type.
Result<ValueTypes> arithmetic(const InferContext& context, std::size_t most = 2,
                              std::size_t least = 2) {
  SL_TRY_STATUS(context.require(std::max(least, context.num_inputs()), most));
  SL_TRY_STATUS(require_type(context, 0, kNumbers));
  SL_TRY_STATUS(require_same_type(context));
  SL_TRY(sluice::Shape shape, broadcast_all(context));
  return ValueTypes{{context.dtype(0), std::move(shape)}};
}

constexpr std::size_t kAnyNumber = std::numeric_limits<std::size_t>::max();

}  // namespace

Result<ValueTypes> infer(const Add& /*op*/, const InferContext& context) {
  return arithmetic(context);
}
Result<ValueTypes> infer(const Div& /*op*/, const InferContext& context) {
  return arithmetic(context);
}
Result<ValueTypes> infer(const Mul& /*op*/, const InferContext& context) {
  return arithmetic(context);
}
Result<ValueTypes> infer(const Sub& /*op*/, const InferContext& context) {
  return arithmetic(context);
}
Result<ValueTypes> infer(const Max& /*op*/, const InferContext& context) {
  return arithmetic(context, kAnyNumber, 1);
}
Result<ValueTypes> infer(const Min& /*op*/, const InferContext& context) {
  return arithmetic(context, kAnyNumber, 1);
}

Result<ValueTypes> infer(const Equal& /*op*/, const InferContext& context) {
  SL_TRY_STATUS(context.require(2, 2));
  SL_TRY_STATUS(require_type(context, 0, kNumbersAndBool));
  SL_TRY_STATUS(require_same_type(context));
  SL_TRY(sluice::Shape shape, broadcast_all(context));
  return ValueTypes{{DType::Bool, std::move(shape)}};
}

Result<ValueTypes> infer(const PRelu& /*op*/, const InferContext& context) {
  SL_TRY(ValueTypes types, arithmetic(context));
  if (types[0].shape != context.shape(0)) {
    return Error{
        ErrorCode::InvalidArgument,
        fmt::format("slope of shape {} does not broadcast to the input's {}",
                    sluice::to_string(context.shape(1)), sluice::to_string(context.shape(0)))};
  }
  return types;
}

Result<ValueTypes> infer(const Pow& /*op*/, const InferContext& context) {
  SL_TRY_STATUS(context.require(2, 2));
  SL_TRY_STATUS(require_type(context, 0, kNumbers));
  SL_TRY_STATUS(require_type(context, 1, kNumbers));
  SL_TRY(sluice::Shape shape, broadcast_all(context));
  return ValueTypes{{context.dtype(0), std::move(shape)}};
}

Result<ValueTypes> infer(const Where& /*op*/, const InferContext& context) {
  SL_TRY_STATUS(context.require(3, 3));
  if (context.dtype(0) != DType::Bool) {
    return Error{ErrorCode::InvalidArgument, fmt::format("the condition must be bool, is {}",
                                                         sluice::to_string(context.dtype(0)))};
  }
  SL_TRY_STATUS(require_same_type(context, 1));
  SL_TRY(sluice::Shape shape, broadcast_all(context));
  return ValueTypes{{context.dtype(1), std::move(shape)}};
}

}  // namespace sluice::ir
