// SPDX-License-Identifier: Apache-2.0
#include "sluice/ir/ops/layout.hpp"

#include <array>
#include <fmt/format.h>
#include <optional>
#include <utility>

#include "sluice/ir/ops/layout_geometry.hpp"
#include "sluice/runtime/reference/copy.hpp"
#include "sluice/runtime/reference/kernel.hpp"

namespace sluice::runtime::reference {
namespace {

Result<std::optional<ir::Integers>> optional_integers(const KernelArgs& args, std::size_t i,
                                                      std::string_view name) {
  if (!args.has(i)) return std::optional<ir::Integers>{};
  SL_TRY(ir::Integers values, ir::integers(args.in(i), name));
  return std::optional<ir::Integers>{std::move(values)};
}

// The operators that only name the elements' dimensions anew.
Status rename_dimensions(const KernelArgs& args) {
  args.out() = args.in(0).reshaped(args.out().shape());
  return {};
}

// A map of `size` positions into a dimension of `input_size`: position(i) for each i.
template <class Position>
AxisMap axis_map(std::int64_t size, std::int64_t input_size, Position position) {
  AxisMap map(static_cast<std::size_t>(size));
  bool same = size == input_size;
  for (std::int64_t i = 0; i < size; ++i) {
    const std::int64_t from = position(i);
    map[static_cast<std::size_t>(i)] = static_cast<std::int32_t>(from);
    same = same && from == i;
  }
  if (same) map.clear();
  return map;
}

// Where position i, counted from the first kept element and possibly outside of them, lies in
// [0, kept); the fill otherwise.
std::int64_t padded_position(ir::PadMode mode, std::int64_t i, std::int64_t kept) {
  if (i >= 0 && i < kept) return i;
  switch (mode) {
    case ir::PadMode::Constant:
      return kFill;
    case ir::PadMode::Edge:
      return i < 0 ? 0 : kept - 1;
    case ir::PadMode::Wrap:
      return ((i % kept) + kept) % kept;
    case ir::PadMode::Reflect: {
      if (kept == 1) return 0;
      const std::int64_t period = 2 * (kept - 1);  // there and back, each end once
      const std::int64_t phase = ((i % period) + period) % period;
      return phase < kept ? phase : period - phase;
    }
  }
  return kFill;
}

// x seen in other dimensions, those permuted, and the result seen as the output.
Status shuffle_blocks(const KernelArgs& args, sluice::Shape seen_as,
                      std::span<const std::int64_t> permutation) {
  args.out() =
      transposed(args.in(0).reshaped(std::move(seen_as)), permutation).reshaped(args.out().shape());
  return {};
}

// The positions a tensor of indices names in a dimension of `size`.
template <class T>
Result<AxisMap> index_map(const Tensor& indices, std::int64_t size) {
  AxisMap map;
  map.reserve(static_cast<std::size_t>(indices.num_elements()));
  for (const T index : indices.data<T>()) {
    const std::int64_t position = index < 0 ? index + size : index;
    if (position < 0 || position >= size) {
      return Error{ErrorCode::InvalidArgument,
                   fmt::format("index {} is outside a dimension of {}", index, size)};
    }
    map.push_back(static_cast<std::int32_t>(position));
  }
  return map;
}

}  // namespace

Status run(const ir::Concat& op, const KernelArgs& args) {
  SL_TRY(const std::int64_t axis, normalize_axis(op.axis, args.out().rank()));
  std::int64_t begin = 0;
  for (const Tensor* input : args.inputs) {
    copy_into(*input, static_cast<std::size_t>(axis), begin, args.out());
    begin += input->shape()[static_cast<std::size_t>(axis)];
  }
  return {};
}

Status run(const ir::DepthToSpace& op, const KernelArgs& args) {
  const sluice::Shape& x = args.in(0).shape();
  const std::int64_t b = op.block_size;
  const std::int64_t channels = args.out().shape()[1];
  if (op.column_row_depth) {
    return shuffle_blocks(args, {x[0], channels, b, b, x[2], x[3]}, ir::Integers{0, 1, 4, 2, 5, 3});
  }
  return shuffle_blocks(args, {x[0], b, b, channels, x[2], x[3]}, ir::Integers{0, 3, 4, 1, 5, 2});
}

Status run(const ir::SpaceToDepth& op, const KernelArgs& args) {
  const sluice::Shape& x = args.in(0).shape();
  const std::int64_t b = op.block_size;
  return shuffle_blocks(args, {x[0], x[1], x[2] / b, b, x[3] / b, b},
                        ir::Integers{0, 3, 5, 1, 2, 4});
}

Status run(const ir::Expand& /*op*/, const KernelArgs& args) {
  const sluice::Shape& target = args.out().shape();
  sluice::Shape aligned(target.size() - args.in(0).rank(), 1);
  aligned.insert(aligned.end(), args.in(0).shape().begin(), args.in(0).shape().end());
  std::vector<AxisMap> maps(target.size());
  for (std::size_t d = 0; d < target.size(); ++d) {
    if (aligned[d] != target[d]) maps[d] = axis_map(target[d], 1, [](std::int64_t) { return 0; });
  }
  copy_mapped(args.in(0).reshaped(std::move(aligned)), maps, nullptr, args.out());
  return {};
}

Status run(const ir::Flatten& /*op*/, const KernelArgs& args) {
  return rename_dimensions(args);
}
Status run(const ir::Reshape& /*op*/, const KernelArgs& args) {
  return rename_dimensions(args);
}
Status run(const ir::Squeeze& /*op*/, const KernelArgs& args) {
  return rename_dimensions(args);
}
Status run(const ir::Unsqueeze& /*op*/, const KernelArgs& args) {
  return rename_dimensions(args);
}

Status run(const ir::Gather& op, const KernelArgs& args) {
  const Tensor& x = args.in(0);
  const Tensor& indices = args.in(1);
  SL_TRY(const std::int64_t normal, normalize_axis(op.axis, x.rank()));
  const auto axis = static_cast<std::size_t>(normal);
  const std::int64_t size = x.shape()[axis];
  std::array<AxisMap, 3> maps;
  SL_TRY(maps[1], indices.dtype() == DType::Int64 ? index_map<std::int64_t>(indices, size)
                                                  : index_map<std::int32_t>(indices, size));
  const std::span<const std::int64_t> dims(x.shape());
  const std::int64_t outer = num_elements(dims.subspan(0, axis));
  const std::int64_t inner = num_elements(dims.subspan(axis + 1));
  Tensor y(x.dtype(), {outer, indices.num_elements(), inner});
  copy_mapped(x.reshaped({outer, size, inner}), maps, nullptr, y);
  args.out() = y.reshaped(args.out().shape());
  return {};
}

Status run(const ir::Pad& op, const KernelArgs& args) {
  SL_TRY(const ir::Integers pads, ir::integers(args.in(1), "pads"));
  SL_TRY(const auto axes, optional_integers(args, 3, "axes"));
  SL_TRY(const auto ranges, ir::resolve_pad(args.in(0).shape(), op.mode, pads, axes));
  std::vector<AxisMap> maps;
  for (std::size_t d = 0; d < ranges.size(); ++d) {
    const ir::PadRange& range = ranges[d];
    maps.push_back(axis_map(range.size(), args.in(0).shape()[d], [&](std::int64_t i) {
      const std::int64_t position = padded_position(op.mode, i - range.begin, range.kept);
      return position == kFill ? position : range.crop_begin + position;
    }));
  }
  copy_mapped(args.in(0), maps, args.has(2) ? &args.in(2) : nullptr, args.out());
  return {};
}

Status run(const ir::Slice& /*op*/, const KernelArgs& args) {
  ir::SliceRequest request;
  SL_TRY(request.starts, ir::integers(args.in(1), "starts"));
  SL_TRY(request.ends, ir::integers(args.in(2), "ends"));
  SL_TRY(request.axes, optional_integers(args, 3, "axes"));
  SL_TRY(request.steps, optional_integers(args, 4, "steps"));
  SL_TRY(const auto ranges, ir::resolve_slice(args.in(0).shape(), request));
  std::vector<AxisMap> maps;
  for (std::size_t d = 0; d < ranges.size(); ++d) {
    const auto [begin, step, size] = ranges[d];
    maps.push_back(axis_map(size, args.in(0).shape()[d],
                            [b = begin, s = step](std::int64_t i) { return b + i * s; }));
  }
  copy_mapped(args.in(0), maps, nullptr, args.out());
  return {};
}

Status run(const ir::Split& op, const KernelArgs& args) {
  const Tensor& x = args.in(0);
  SL_TRY(const std::int64_t normal, normalize_axis(op.axis, x.rank()));
  const auto axis = static_cast<std::size_t>(normal);
  std::vector<AxisMap> maps(x.rank());
  std::int64_t begin = 0;
  for (Tensor& part : args.outputs) {
    const std::int64_t size = part.shape()[axis];
    maps[axis] = axis_map(size, x.shape()[axis], [&](std::int64_t i) { return begin + i; });
    copy_mapped(x, maps, nullptr, part);
    begin += size;
  }
  return {};
}

Status run(const ir::Tile& /*op*/, const KernelArgs& args) {
  const sluice::Shape& shape = args.in(0).shape();
  std::vector<AxisMap> maps;
  maps.reserve(shape.size());
  for (std::size_t d = 0; d < shape.size(); ++d) {
    maps.push_back(
        axis_map(args.out().shape()[d], shape[d], [&](std::int64_t i) { return i % shape[d]; }));
  }
  copy_mapped(args.in(0), maps, nullptr, args.out());
  return {};
}

Status run(const ir::Transpose& op, const KernelArgs& args) {
  SL_TRY(const ir::Integers permutation,
         ir::resolve_permutation(op.permutation, args.in(0).rank()));
  args.out() = transposed(args.in(0), permutation);
  return {};
}

}  // namespace sluice::runtime::reference
