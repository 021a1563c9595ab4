// SPDX-License-Identifier: Apache-2.0
#include "sluice/ir/ops/layout_geometry.hpp"

#include <algorithm>
#include <fmt/format.h>

#include "sluice/base/result.hpp"

namespace sluice::ir {
namespace {

Status check_count(std::string_view name, std::size_t count, std::size_t expected) {
  if (count == expected) return {};
  return invalid_argument(
      fmt::format("input \"{}\" has {} entries, {} expected", name, count, expected));
}

// The dimensions an optional list of axes names; without it the first `count`.
Result<Integers> axes_or_first(const std::optional<Integers>& axes, std::size_t count,
                               std::size_t rank) {
  if (axes) return normalize_axes(*axes, rank);
  if (count > rank) {
    return invalid_argument(
        fmt::format("{} dimensions are named of a rank-{} tensor", count, rank));
  }
  Integers first(count);
  for (std::size_t i = 0; i < count; ++i) first[i] = static_cast<std::int64_t>(i);
  return first;
}

// ONNX's clamping; start, end and step may be any 64-bit numbers, step not 0.
SliceRange slice_range(std::int64_t dim, std::int64_t start, std::int64_t end, std::int64_t step) {
  if (dim == 0) return {};
  // A longer step picks one element just the same, and cannot overflow below.
  step = std::clamp(step, -dim, dim);
  if (start < 0) start += dim;
  if (end < 0) end += dim;
  SliceRange range{.begin = 0, .step = step, .size = 0};
  if (step > 0) {
    range.begin = std::clamp<std::int64_t>(start, 0, dim);
    const std::int64_t span = std::clamp<std::int64_t>(end, 0, dim) - range.begin;
    range.size = span > 0 ? (span + step - 1) / step : 0;
  } else {
    range.begin = std::clamp<std::int64_t>(start, 0, dim - 1);
    const std::int64_t span = range.begin - std::clamp<std::int64_t>(end, -1, dim - 1);
    range.size = span > 0 ? (span - step - 1) / -step : 0;
  }
  return range;
}

Result<PadRange> pad_range(PadMode mode, std::int64_t dim, std::int64_t begin, std::int64_t end) {
  for (const std::int64_t pad : {begin, end}) {
    if (pad < -kMaxTensorElements || pad > kMaxTensorElements) {
      return invalid_argument(fmt::format("a pad of {} is out of all measure", pad));
    }
  }
  PadRange range;
  range.crop_begin = std::max<std::int64_t>(0, -begin);
  range.kept = dim - range.crop_begin - std::max<std::int64_t>(0, -end);
  range.begin = std::max<std::int64_t>(0, begin);
  range.end = std::max<std::int64_t>(0, end);
  if (range.kept < 0) {
    return invalid_argument(fmt::format(
        "pads {} and {} cut more than the dimension's {} elements away", begin, end, dim));
  }
  if (range.kept == 0 && range.size() > 0 && mode != PadMode::Constant) {
    return invalid_argument("an empty dimension can only be padded with a constant");
  }
  return range;
}

}  // namespace

Result<Integers> normalize_axes(const Integers& axes, std::size_t rank) {
  std::vector<bool> seen(rank, false);
  Integers result;
  result.reserve(axes.size());
  for (const std::int64_t axis : axes) {
    SL_TRY(const std::int64_t normal, normalize_axis(axis, rank));
    if (seen[static_cast<std::size_t>(normal)]) {
      return invalid_argument(fmt::format("axis {} is named twice", axis));
    }
    seen[static_cast<std::size_t>(normal)] = true;
    result.push_back(normal);
  }
  return result;
}

Result<sluice::Shape> reshaped_shape(const sluice::Shape& input, const Integers& request,
                                     bool allow_zero) {
  sluice::Shape shape = request;
  std::optional<std::size_t> inferred;
  for (std::size_t i = 0; i < shape.size(); ++i) {
    if (shape[i] == -1) {
      if (inferred) return invalid_argument("only one dimension of the new shape may be -1");
      inferred = i;
      shape[i] = 1;
    } else if (shape[i] == 0 && !allow_zero) {
      if (i >= input.size()) {
        return invalid_argument(
            fmt::format("dimension {} is to be copied from a rank-{} input", i, input.size()));
      }
      shape[i] = input[i];
    }
  }
  SL_TRY_STATUS(check_shape(shape));
  const std::int64_t elements = num_elements(input);
  const std::int64_t known = num_elements(shape);
  if (inferred && known > 0) shape[*inferred] = elements / known;
  if ((inferred && known == 0) || num_elements(shape) != elements) {
    return invalid_argument(fmt::format("{} elements of {} do not fit the new shape {}", elements,
                                        sluice::to_string(input), sluice::to_string(request)));
  }
  return shape;
}

Result<std::vector<SliceRange>> resolve_slice(const sluice::Shape& input,
                                              const SliceRequest& request) {
  const std::size_t count = request.starts.size();
  SL_TRY_STATUS(check_count("ends", request.ends.size(), count));
  if (request.axes) SL_TRY_STATUS(check_count("axes", request.axes->size(), count));
  if (request.steps) SL_TRY_STATUS(check_count("steps", request.steps->size(), count));
  SL_TRY(const Integers axes, axes_or_first(request.axes, count, input.size()));
  std::vector<SliceRange> ranges;
  for (const std::int64_t dim : input) ranges.push_back({.begin = 0, .step = 1, .size = dim});
  for (std::size_t i = 0; i < count; ++i) {
    const std::int64_t step = request.steps ? (*request.steps)[i] : 1;
    if (step == 0) return invalid_argument("a step of 0 never arrives; steps must not be 0");
    const auto axis = static_cast<std::size_t>(axes[i]);
    ranges[axis] = slice_range(input[axis], request.starts[i], request.ends[i], step);
  }
  return ranges;
}

Result<std::vector<PadRange>> resolve_pad(const sluice::Shape& input, PadMode mode,
                                          const Integers& pads,
                                          const std::optional<Integers>& axes) {
  const std::size_t count = axes ? axes->size() : input.size();
  SL_TRY_STATUS(check_count("pads", pads.size(), 2 * count));
  SL_TRY(const Integers padded, axes_or_first(axes, count, input.size()));
  std::vector<PadRange> ranges;
  for (const std::int64_t dim : input) ranges.push_back({.kept = dim});
  for (std::size_t i = 0; i < count; ++i) {
    const auto axis = static_cast<std::size_t>(padded[i]);
    SL_TRY(ranges[axis], pad_range(mode, input[axis], pads[i], pads[count + i]));
  }
  return ranges;
}

Result<Integers> split_sizes(std::int64_t total, std::size_t count,
                             const std::optional<Integers>& sizes) {
  const auto parts = static_cast<std::int64_t>(count);
  if (parts == 0) return invalid_argument("has no outputs to split into");
  if (!sizes) {
    const std::int64_t size = (total + parts - 1) / parts;
    Integers equal(count, size);
    equal.back() = total - size * (parts - 1);
    if (equal.back() < 0) {
      return invalid_argument(
          fmt::format("a dimension of {} does not fill {} parts of {}", total, parts, size));
    }
    return equal;
  }
  SL_TRY_STATUS(check_count("split", sizes->size(), count));
  std::int64_t rest = total;
  for (const std::int64_t size : *sizes) {
    if (size < 0 || size > rest) {
      return invalid_argument(
          fmt::format("a part of {} does not fit a dimension of {}", size, total));
    }
    rest -= size;
  }
  if (rest != 0) {
    return invalid_argument(
        fmt::format("the parts leave {} of a dimension of {} over", rest, total));
  }
  return *sizes;
}

Result<Integers> resolve_permutation(const Integers& permutation, std::size_t rank) {
  if (permutation.empty()) {
    Integers reversed(rank);
    for (std::size_t i = 0; i < rank; ++i) reversed[i] = static_cast<std::int64_t>(rank - 1 - i);
    return reversed;
  }
  if (permutation.size() != rank) {
    return invalid_argument(fmt::format("the permutation has {} entries, the input {} dimensions",
                                        permutation.size(), rank));
  }
  return normalize_axes(permutation, rank);
}

}  // namespace sluice::ir
