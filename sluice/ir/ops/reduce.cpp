// SPDX-License-Identifier: Apache-2.0
#include "sluice/ir/ops/reduce.hpp"

#include <fmt/format.h>

#include "sluice/ir/ops/rule.hpp"

namespace sluice::ir {
namespace {

// `x` without the reduced dimensions, or with 1 in their place.
sluice::Shape reduced_shape(const sluice::Shape& x, const std::vector<bool>& reduced,
                            bool keep_dims) {
  sluice::Shape shape;
  for (std::size_t d = 0; d < x.size(); ++d) {
    if (!reduced[d]) {
      shape.push_back(x[d]);
    } else if (keep_dims) {
      shape.push_back(1);
    }
  }
  return shape;
}

template <class Reduce>
Result<ValueTypes> infer_reduce(const Reduce& op, const InferContext& context,
                                const TypeSet& types) {
  SL_TRY_STATUS(context.require(1, 2));
  SL_TRY_STATUS(require_type(context, 0, types));
  std::vector<std::int64_t> axes;
  if (context.has(1)) {
    SL_TRY(axes, context.integers(1, "axes"));
  }
  const sluice::Shape& x = context.shape(0);
  SL_TRY(const std::vector<bool> reduced, reduced_dims(axes, op.noop_with_empty_axes, x.size()));
  return ValueTypes{{context.dtype(0), reduced_shape(x, reduced, op.keep_dims)}};
}

}  // namespace

Result<std::vector<bool>> reduced_dims(std::span<const std::int64_t> axes,
                                       bool noop_with_empty_axes, std::size_t rank) {
  std::vector<bool> reduced(rank, axes.empty() && !noop_with_empty_axes);
  for (const std::int64_t axis : axes) {
    SL_TRY(const std::int64_t dim, normalize_axis(axis, rank));
    const auto d = static_cast<std::size_t>(dim);
    if (reduced[d]) {
      return Error{ErrorCode::InvalidArgument, fmt::format("axis {} is named twice", dim)};
    }
    reduced[d] = true;
  }
  return reduced;
}

Result<ValueTypes> infer(const ReduceMax& op, const InferContext& context) {
  return infer_reduce(op, context, kNumbersAndBool);
}

Result<ValueTypes> infer(const ReduceMean& op, const InferContext& context) {
  return infer_reduce(op, context, kNumbers);
}

Result<ValueTypes> infer(const ReduceMin& op, const InferContext& context) {
  return infer_reduce(op, context, kNumbersAndBool);
}

Result<ValueTypes> infer(const ReduceSum& op, const InferContext& context) {
  return infer_reduce(op, context, kNumbers);
}

Result<ValueTypes> infer(const ArgMax& op, const InferContext& context) {
  SL_TRY_STATUS(context.require(1, 1));
  SL_TRY_STATUS(require_type(context, 0, kNumbers));
  const sluice::Shape& x = context.shape(0);
  SL_TRY(const std::vector<bool> reduced, reduced_dims({{op.axis}}, false, x.size()));
  SL_TRY(const std::int64_t axis, normalize_axis(op.axis, x.size()));
  if (x[static_cast<std::size_t>(axis)] == 0) {
    return Error{ErrorCode::InvalidArgument,
                 fmt::format("axis {} of shape {} has no element to be the largest", axis,
                             sluice::to_string(x))};
  }
  return ValueTypes{{DType::Int64, reduced_shape(x, reduced, op.keep_dims)}};
}

Result<SoftmaxShape> softmax_shape(const Softmax& op, std::span<const std::int64_t> x) {
  SL_TRY(const std::int64_t axis, normalize_axis(op.axis, x.size()));
  const auto begin = static_cast<std::size_t>(axis);
  const std::size_t end = op.flatten ? x.size() : begin + 1;
  return SoftmaxShape{num_elements(x.first(begin)), num_elements(x.subspan(begin, end - begin)),
                      num_elements(x.subspan(end))};
}

Result<ValueTypes> infer(const Softmax& op, const InferContext& context) {
  SL_TRY_STATUS(context.require(1, 1));
  SL_TRY_STATUS(require_type(context, 0, kFloats));
  SL_TRY_STATUS(softmax_shape(op, context.shape(0)));
  return ValueTypes{context.type(0)};
}

}  // namespace sluice::ir
