// SPDX-License-Identifier: Apache-2.0
#include "sluice/ir/ops/matmul.hpp"

#include <algorithm>
#include <fmt/format.h>

#include "sluice/ir/ops/rule.hpp"

namespace sluice::ir {
namespace {

Error shape_mismatch(std::span<const std::int64_t> a, std::span<const std::int64_t> b) {
  return {ErrorCode::InvalidArgument, fmt::format("shapes {} and {} cannot be multiplied",
                                                  sluice::to_string(a), sluice::to_string(b))};
}

}  // namespace

Result<ValueTypes> infer(const Gemm& op, const InferContext& context) {
  SL_TRY_STATUS(context.require(2, 3));
  SL_TRY_STATUS(require_type(context, 0, kNumbers));
  SL_TRY_STATUS(require_same_type(context));
  sluice::Shape a = context.shape(0);
  sluice::Shape b = context.shape(1);
  if (a.size() != 2 || b.size() != 2) return shape_mismatch(a, b);
  if (op.trans_a) std::swap(a[0], a[1]);
  if (op.trans_b) std::swap(b[0], b[1]);
  if (a[1] != b[0]) return shape_mismatch(context.shape(0), context.shape(1));
  sluice::Shape y{a[0], b[1]};
  if (context.has(2)) {
    const auto widened = broadcast(context.shape(2), y);
    if (!widened || *widened != y) {
      return Error{ErrorCode::InvalidArgument,
                   fmt::format("input C of shape {} does not broadcast to {}",
                               sluice::to_string(context.shape(2)), sluice::to_string(y))};
    }
  }
  return ValueTypes{{context.dtype(0), std::move(y)}};
}

Result<ValueTypes> infer(const MatMul& /*op*/, const InferContext& context) {
  SL_TRY_STATUS(context.require(2, 2));
  SL_TRY_STATUS(require_type(context, 0, kNumbers));
  SL_TRY_STATUS(require_same_type(context));
  SL_TRY(const MatMulShapes shapes, matmul_shapes(context.shape(0), context.shape(1)));
  return ValueTypes{{context.dtype(0), shapes.y}};
}

Result<MatMulShapes> matmul_shapes(std::span<const std::int64_t> a,
                                   std::span<const std::int64_t> b) {
  if (a.empty() || b.empty()) return shape_mismatch(a, b);
  MatMulShapes shapes{{a.begin(), a.end()}, {b.begin(), b.end()}, {}, {}};
  if (a.size() == 1) shapes.a.insert(shapes.a.begin(), 1);
  if (b.size() == 1) shapes.b.push_back(1);
  const std::span left(shapes.a);
  const std::span right(shapes.b);
  if (left.back() != right[right.size() - 2]) return shape_mismatch(a, b);
  SL_TRY(shapes.batch, broadcast(left.first(left.size() - 2), right.first(right.size() - 2)));
  shapes.y = shapes.batch;
  if (a.size() > 1) shapes.y.push_back(left[left.size() - 2]);
  if (b.size() > 1) shapes.y.push_back(right.back());
  return shapes;
}

}  // namespace sluice::ir
