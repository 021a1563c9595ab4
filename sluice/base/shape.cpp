// SPDX-License-Identifier: Apache-2.0
#include "sluice/base/shape.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <fmt/ranges.h>

namespace sluice {

std::int64_t num_elements(std::span<const std::int64_t> shape) noexcept {
  std::int64_t n = 1;
  for (const std::int64_t dim : shape) n *= dim;
  return n;
}

Status check_shape(std::span<const std::int64_t> shape) {
  if (shape.size() > kMaxRank) {
    return Error{ErrorCode::InvalidArgument,
                 fmt::format("a shape of {} dimensions has more than {}, the most one may have",
                             shape.size(), kMaxRank)};
  }
  // A zero dimension must not hide an overflow in the others, so it is left out of the product.
  std::int64_t n = 1;
  for (const std::int64_t dim : shape) {
    if (dim < 0) {
      return Error{ErrorCode::InvalidArgument,
                   fmt::format("dimension {} in shape {} is negative", dim, to_string(shape))};
    }
    if (dim > kMaxTensorElements || n * std::max<std::int64_t>(dim, 1) > kMaxTensorElements) {
      return Error{ErrorCode::InvalidArgument,
                   fmt::format("shape {} has more than {} elements, the most one tensor may have",
                               to_string(shape), kMaxTensorElements)};
    }
    n *= std::max<std::int64_t>(dim, 1);
  }
  return {};
}

std::vector<std::int64_t> strides_of(std::span<const std::int64_t> shape) {
  std::vector<std::int64_t> strides(shape.size(), 1);
  for (std::size_t i = shape.size(); i-- > 1;) strides[i - 1] = strides[i] * shape[i];
  return strides;
}

Result<Shape> broadcast(std::span<const std::int64_t> a, std::span<const std::int64_t> b) {
  Shape out(std::max(a.size(), b.size()));
  for (std::size_t i = 0; i < out.size(); ++i) {  // i counts from the innermost dimension
    const std::int64_t da = i < a.size() ? a[a.size() - 1 - i] : 1;
    const std::int64_t db = i < b.size() ? b[b.size() - 1 - i] : 1;
    if (da != db && da != 1 && db != 1) {
      return Error{ErrorCode::InvalidArgument,
                   fmt::format("shapes {} and {} do not broadcast", to_string(a), to_string(b))};
    }
    out[out.size() - 1 - i] = da == 1 ? db : da;
  }
  return out;
}

Result<std::int64_t> normalize_axis(std::int64_t axis, std::size_t rank) {
  const auto r = static_cast<std::int64_t>(rank);
  if (axis < -r || axis >= r) {
    return Error{ErrorCode::InvalidArgument,
                 fmt::format("axis {} is outside [-{}, {}) of a rank-{} tensor", axis, r, r, r)};
  }
  return axis < 0 ? axis + r : axis;
}

std::string to_string(std::span<const std::int64_t> shape) {
  return shape.empty() ? "scalar" : fmt::format("{}", fmt::join(shape, "x"));
}

}  // namespace sluice
