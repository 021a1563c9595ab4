// SPDX-License-Identifier: Apache-2.0
#include "sluice/ir/ops/layout.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <utility>

#include "sluice/base/result.hpp"
#include "sluice/ir/infer.hpp"
#include "sluice/ir/ops/layout_geometry.hpp"

namespace sluice::ir {
namespace {

// The first input's type with another shape.
Result<ValueTypes> with_shape(const InferContext& context, sluice::Shape shape) {
  return ValueTypes{{context.dtype(0), std::move(shape)}};
}

Result<std::optional<Integers>> optional_integers(const InferContext& context, std::size_t i,
                                                  std::string_view name) {
  if (!context.has(i)) return std::optional<Integers>{};
  SL_TRY(Integers values, context.integers(i, name));
  return std::optional<Integers>{std::move(values)};
}

// b² for a block size that is positive and small enough to be squared.
Result<std::int64_t> block_area(std::int64_t block_size, const sluice::Shape& shape) {
  if (block_size < 1 || block_size > kMaxTensorElements) {
    return invalid_argument(fmt::format("block_size must be positive, got {}", block_size));
  }
  if (shape.size() != 4) {
    return invalid_argument(fmt::format("the input must have 4 dimensions, has {}", shape.size()));
  }
  return block_size * block_size;
}

}  // namespace

Result<ValueTypes> infer(const Concat& op, const InferContext& context) {
  const std::size_t count = std::max<std::size_t>(1, context.num_inputs());
  SL_TRY_STATUS(context.require(count, count));
  sluice::Shape shape = context.shape(0);
  SL_TRY(const std::int64_t normal, normalize_axis(op.axis, shape.size()));
  const auto axis = static_cast<std::size_t>(normal);
  for (std::size_t i = 1; i < count; ++i) {
    sluice::Shape other = context.shape(i);
    const bool same_rank = other.size() == shape.size();
    const std::int64_t added = same_rank ? std::exchange(other[axis], shape[axis]) : 0;
    if (!same_rank || other != shape || context.dtype(i) != context.dtype(0)) {
      return invalid_argument(fmt::format(
          "input {} is {} {}, which does not go with {} {} along axis {}", i,
          sluice::to_string(context.dtype(i)), sluice::to_string(context.shape(i)),
          sluice::to_string(context.dtype(0)), sluice::to_string(context.shape(0)), op.axis));
    }
    shape[axis] += added;
  }
  return with_shape(context, std::move(shape));
}

Result<ValueTypes> infer(const DepthToSpace& op, const InferContext& context) {
  SL_TRY_STATUS(context.require(1, 1));
  sluice::Shape shape = context.shape(0);
  SL_TRY(const std::int64_t area, block_area(op.block_size, shape));
  if (shape[1] % area != 0) {
    return invalid_argument(
        fmt::format("{} channels do not divide by block_size {} squared", shape[1], op.block_size));
  }
  shape = {shape[0], shape[1] / area, shape[2] * op.block_size, shape[3] * op.block_size};
  return with_shape(context, std::move(shape));
}

Result<ValueTypes> infer(const Expand& /*op*/, const InferContext& context) {
  SL_TRY_STATUS(context.require(2, 2));
  SL_TRY(const Integers request, context.integers(1, "shape"));
  SL_TRY_STATUS(check_shape(request));
  SL_TRY(sluice::Shape shape, broadcast(context.shape(0), request));
  return with_shape(context, std::move(shape));
}

Result<ValueTypes> infer(const Flatten& op, const InferContext& context) {
  SL_TRY_STATUS(context.require(1, 1));
  const sluice::Shape& shape = context.shape(0);
  const auto rank = static_cast<std::int64_t>(shape.size());
  if (op.axis < -rank || op.axis > rank) {
    return invalid_argument(fmt::format("axis {} is outside [-{}, {}]", op.axis, rank, rank));
  }
  const auto axis = static_cast<std::size_t>(op.axis < 0 ? op.axis + rank : op.axis);
  const std::span<const std::int64_t> dims(shape);
  return with_shape(context,
                    {num_elements(dims.subspan(0, axis)), num_elements(dims.subspan(axis))});
}

Result<ValueTypes> infer(const Gather& op, const InferContext& context) {
  SL_TRY_STATUS(context.require(2, 2));
  if (context.dtype(1) != DType::Int64 && context.dtype(1) != DType::Int32) {
    return invalid_argument(
        fmt::format("indices must be int64 or int32, are {}", sluice::to_string(context.dtype(1))));
  }
  const sluice::Shape& data = context.shape(0);
  const sluice::Shape& indices = context.shape(1);
  SL_TRY(const std::int64_t axis, normalize_axis(op.axis, data.size()));
  sluice::Shape shape(data.begin(), data.begin() + axis);
  shape.insert(shape.end(), indices.begin(), indices.end());
  shape.insert(shape.end(), data.begin() + axis + 1, data.end());
  return with_shape(context, std::move(shape));
}

Result<ValueTypes> infer(const Pad& op, const InferContext& context) {
  SL_TRY_STATUS(context.require(2, 4));
  if (context.has(2) &&
      (context.dtype(2) != context.dtype(0) || num_elements(context.shape(2)) != 1)) {
    return invalid_argument(fmt::format(
        "the value to pad with must be one {}, is {} {}", sluice::to_string(context.dtype(0)),
        sluice::to_string(context.dtype(2)), sluice::to_string(context.shape(2))));
  }
  SL_TRY(const Integers pads, context.integers(1, "pads"));
  SL_TRY(const auto axes, optional_integers(context, 3, "axes"));
  SL_TRY(const auto ranges, resolve_pad(context.shape(0), op.mode, pads, axes));
  sluice::Shape shape;
  for (const PadRange& range : ranges) shape.push_back(range.size());
  return with_shape(context, std::move(shape));
}

Result<ValueTypes> infer(const Reshape& op, const InferContext& context) {
  SL_TRY_STATUS(context.require(2, 2));
  SL_TRY(const Integers request, context.integers(1, "shape"));
  SL_TRY(sluice::Shape shape, reshaped_shape(context.shape(0), request, op.allow_zero));
  return with_shape(context, std::move(shape));
}

Result<ValueTypes> infer(const Slice& /*op*/, const InferContext& context) {
  SL_TRY_STATUS(context.require(3, 5));
  SliceRequest request;
  SL_TRY(request.starts, context.integers(1, "starts"));
  SL_TRY(request.ends, context.integers(2, "ends"));
  SL_TRY(request.axes, optional_integers(context, 3, "axes"));
  SL_TRY(request.steps, optional_integers(context, 4, "steps"));
  SL_TRY(const auto ranges, resolve_slice(context.shape(0), request));
  sluice::Shape shape;
  for (const SliceRange& range : ranges) shape.push_back(range.size);
  return with_shape(context, std::move(shape));
}

Result<ValueTypes> infer(const SpaceToDepth& op, const InferContext& context) {
  SL_TRY_STATUS(context.require(1, 1));
  sluice::Shape shape = context.shape(0);
  SL_TRY(const std::int64_t area, block_area(op.block_size, shape));
  if (shape[2] % op.block_size != 0 || shape[3] % op.block_size != 0) {
    return invalid_argument(fmt::format("{}x{} positions do not divide by block_size {}", shape[2],
                                        shape[3], op.block_size));
  }
  if (area > kMaxTensorElements) {
    return invalid_argument(fmt::format("block_size {} is out of all measure", op.block_size));
  }
  shape = {shape[0], shape[1] * area, shape[2] / op.block_size, shape[3] / op.block_size};
  return with_shape(context, std::move(shape));
}

Result<ValueTypes> infer(const Split& op, const InferContext& context) {
  SL_TRY_STATUS(context.require(1, 2));
  const sluice::Shape& shape = context.shape(0);
  SL_TRY(const std::int64_t axis, normalize_axis(op.axis, shape.size()));
  SL_TRY(const auto request, optional_integers(context, 1, "split"));
  SL_TRY(const Integers sizes,
         split_sizes(shape[static_cast<std::size_t>(axis)], context.num_outputs(), request));
  ValueTypes types;
  for (const std::int64_t size : sizes) {
    types.push_back({context.dtype(0), shape});
    types.back().shape[static_cast<std::size_t>(axis)] = size;
  }
  return types;
}

Result<ValueTypes> infer(const Squeeze& /*op*/, const InferContext& context) {
  SL_TRY_STATUS(context.require(1, 2));
  const sluice::Shape& shape = context.shape(0);
  SL_TRY(const auto request, optional_integers(context, 1, "axes"));
  std::vector<bool> dropped(shape.size(), false);
  if (request) {
    SL_TRY(const Integers axes, normalize_axes(*request, shape.size()));
    for (const std::int64_t axis : axes) dropped[static_cast<std::size_t>(axis)] = true;
  }
  sluice::Shape result;
  for (std::size_t i = 0; i < shape.size(); ++i) {
    if (dropped[i] && shape[i] != 1) {
      return invalid_argument(fmt::format("dimension {} of {} cannot be squeezed, it is not 1", i,
                                          sluice::to_string(shape)));
    }
    if (!dropped[i] && (request || shape[i] != 1)) result.push_back(shape[i]);
  }
  return with_shape(context, std::move(result));
}

Result<ValueTypes> infer(const Tile& /*op*/, const InferContext& context) {
  SL_TRY_STATUS(context.require(2, 2));
  sluice::Shape shape = context.shape(0);
  SL_TRY(const Integers repeats, context.integers(1, "repeats"));
  if (repeats.size() != shape.size()) {
    return invalid_argument(
        fmt::format("input \"repeats\" has {} entries, {} expected", repeats.size(), shape.size()));
  }
  for (std::size_t i = 0; i < shape.size(); ++i) {
    if (repeats[i] < 0 || repeats[i] > kMaxTensorElements) {
      return invalid_argument(fmt::format("a dimension cannot be repeated {} times", repeats[i]));
    }
    shape[i] *= repeats[i];
  }
  return with_shape(context, std::move(shape));
}

Result<ValueTypes> infer(const Transpose& op, const InferContext& context) {
  SL_TRY_STATUS(context.require(1, 1));
  const sluice::Shape& shape = context.shape(0);
  SL_TRY(const Integers permutation, resolve_permutation(op.permutation, shape.size()));
  sluice::Shape result;
  for (const std::int64_t dim : permutation) result.push_back(shape[static_cast<std::size_t>(dim)]);
  return with_shape(context, std::move(result));
}

Result<ValueTypes> infer(const Unsqueeze& /*op*/, const InferContext& context) {
  SL_TRY_STATUS(context.require(2, 2));
  const sluice::Shape& shape = context.shape(0);
  SL_TRY(const Integers request, context.integers(1, "axes"));
  if (request.size() > kMaxRank) {
    return invalid_argument(fmt::format(
        "{} dimensions to add are more than {}, the most there may be", request.size(), kMaxRank));
  }
  SL_TRY(const Integers axes, normalize_axes(request, shape.size() + request.size()));
  Integers sorted = axes;
  std::ranges::sort(sorted);
  sluice::Shape result = shape;
  for (const std::int64_t axis : sorted) result.insert(result.begin() + axis, 1);
  return with_shape(context, std::move(result));
}

}  // namespace sluice::ir
