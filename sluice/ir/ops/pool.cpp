// SPDX-License-Identifier: Apache-2.0
#include "sluice/ir/ops/pool.hpp"

#include <algorithm>
#include <fmt/format.h>

#include "sluice/ir/ops/rule.hpp"

namespace sluice::ir {
namespace {

// The element types MaxPool is defined on.
constexpr TypeSet kFloatsAndBytes{"a float, int8 or uint8", [](DType dtype) {
                                    return kFloats.contains(dtype) || dtype == DType::Int8 ||
                                           dtype == DType::UInt8;
                                  }};

// One input of one of `types`, [N, C, spatial…].
Status check_input(const InferContext& context, const TypeSet& types, std::size_t least_rank) {
  SL_TRY_STATUS(context.require(1, 1));
  SL_TRY_STATUS(require_type(context, 0, types));
  return require_rank(context, 0, least_rank);
}

template <class Pool>
Result<ValueTypes> infer_pool(const Pool& op, const InferContext& context, const TypeSet& types) {
  SL_TRY_STATUS(check_input(context, types, 3));
  const sluice::Shape& x = context.shape(0);
  SL_TRY(const ResolvedWindow window, resolve_pool(op, x));
  sluice::Shape shape{x[0], x[1]};
  shape.insert(shape.end(), window.output.begin(), window.output.end());
  return ValueTypes{{context.dtype(0), std::move(shape)}};
}

// All spatial dimensions become 1.
Result<ValueTypes> infer_global(const InferContext& context) {
  SL_TRY_STATUS(check_input(context, kFloats, 2));
  sluice::Shape shape = context.shape(0);
  std::fill(shape.begin() + 2, shape.end(), 1);
  return ValueTypes{{context.dtype(0), std::move(shape)}};
}

}  // namespace

template <class Pool>
Result<ResolvedWindow> resolve_pool(const Pool& op, std::span<const std::int64_t> x) {
  if (x.size() < 3 || op.window.kernel.size() != x.size() - 2) {
    return Error{ErrorCode::InvalidArgument,
                 fmt::format("a kernel_shape of {} entries does not fit an input of shape {}",
                             op.window.kernel.size(), sluice::to_string(x))};
  }
  return resolve(op.window, x.subspan(2), op.ceil_mode);
}
template Result<ResolvedWindow> resolve_pool(const AveragePool&, std::span<const std::int64_t>);
template Result<ResolvedWindow> resolve_pool(const LpPool&, std::span<const std::int64_t>);
template Result<ResolvedWindow> resolve_pool(const MaxPool&, std::span<const std::int64_t>);

Result<ValueTypes> infer(const AveragePool& op, const InferContext& context) {
  return infer_pool(op, context, kFloats);
}

Result<ValueTypes> infer(const LpPool& op, const InferContext& context) {
  if (op.p < 1) {
    return Error{ErrorCode::InvalidArgument, fmt::format("p must be positive, got {}", op.p)};
  }
  return infer_pool(op, context, kFloats);
}

Result<ValueTypes> infer(const MaxPool& op, const InferContext& context) {
  SL_TRY(ValueTypes types, infer_pool(op, context, kFloatsAndBytes));
  types.push_back({DType::Int64, types[0].shape});
  return types;
}

Result<ValueTypes> infer(const GlobalAveragePool& /*op*/, const InferContext& context) {
  return infer_global(context);
}

Result<ValueTypes> infer(const GlobalMaxPool& /*op*/, const InferContext& context) {
  return infer_global(context);
}

}  // namespace sluice::ir
