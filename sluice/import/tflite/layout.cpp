// SPDX-License-Identifier: Apache-2.0
// Operators that move, join, part or repeat elements.
#include <algorithm>
#include <fmt/format.h>
#include <numeric>

#include "sluice/import/tflite/axes.hpp"
#include "sluice/import/tflite/builtins.hpp"

namespace sluice::importer::tflite::builtin {
namespace {

// Output 0 is `function` of input 0 in the file's order and of `operands`.
Status in_file_order(Context& op, ir::Op function, std::vector<ir::ValueId> operands) {
  SL_TRY_STATUS(op.require_outputs(1));
  operands.insert(operands.begin(), op.value(0));
  op.set_output(0, op.emit(std::move(function), std::move(operands)));
  return {};
}

}  // namespace

// Repeats or shapes computed by the network speak of the file's order, so that is used.
Status broadcast_to(Context& op) {
  return in_file_order(op, ir::Expand{}, {op.int64_value(1)});
}

Status tile(Context& op) {
  return in_file_order(op, ir::Tile{}, {op.int64_value(1)});
}

Status concatenation(Context& op) {
  SL_TRY(const auto* options, op.required_options<fb::ConcatenationOptions>());
  SL_TRY_STATUS(op.require_outputs(1));
  const std::size_t rank = op.in(0).rank();
  for (std::size_t i = 0; i < op.num_inputs(); ++i) {
    if (!op.has(i)) return Error{ErrorCode::Parse, fmt::format("input {} is missing", i)};
    SL_TRY_STATUS(op.require_rank(i, rank));
  }
  SL_TRY(const std::int64_t axis, normalize_axis(options->axis(), rank));
  const Layout layout = op.common_layout();
  std::vector<ir::ValueId> parts;
  parts.reserve(op.num_inputs());
  for (std::size_t i = 0; i < op.num_inputs(); ++i) parts.push_back(op.value(i, layout));
  const ir::ValueId y = op.emit(ir::Concat{axis_in(layout, axis)}, std::move(parts));
  return op.finish(y, layout, options->fused_activation_function());
}

Status depth_to_space(Context& op) {
  SL_TRY(const auto* options, op.required_options<fb::DepthToSpaceOptions>());
  SL_TRY_STATUS(op.require_outputs(1));
  SL_TRY_STATUS(op.require_rank(0, 4));
  const ir::ValueId y =
      op.emit(ir::DepthToSpace{options->block_size()}, {op.value(0, Layout::ChannelsFirst)});
  op.set_output(0, y, Layout::ChannelsFirst);
  return {};
}

Status space_to_depth(Context& op) {
  SL_TRY(const auto* options, op.required_options<fb::SpaceToDepthOptions>());
  SL_TRY_STATUS(op.require_outputs(1));
  SL_TRY_STATUS(op.require_rank(0, 4));
  const ir::ValueId y =
      op.emit(ir::SpaceToDepth{options->block_size()}, {op.value(0, Layout::ChannelsFirst)});
  op.set_output(0, y, Layout::ChannelsFirst);
  return {};
}

Status expand_dims(Context& op) {
  SL_TRY(const std::int64_t axis, op.integer(1, "the axis"));
  return in_file_order(op, ir::Unsqueeze{}, {op.constant("axes", {axis})});
}

Status gather(Context& op) {
  const auto* options = op.options<fb::GatherOptions>();
  if (options != nullptr && options->batch_dims() != 0) {
    return Error{ErrorCode::Unsupported,
                 fmt::format("gathers with {} batch dimensions, only 0 is supported",
                             options->batch_dims())};
  }
  return in_file_order(op, ir::Gather{options == nullptr ? 0 : options->axis()}, {op.value(1)});
}

Status pack(Context& op) {
  SL_TRY(const auto* options, op.required_options<fb::PackOptions>());
  SL_TRY_STATUS(op.require_outputs(1));
  SL_TRY(const std::int64_t axis, normalize_axis(options->axis(), op.in(0).rank() + 1));
  const ir::ValueId axes = op.constant("axes", {axis});
  std::vector<ir::ValueId> parts;
  for (std::size_t i = 0; i < op.num_inputs(); ++i) {
    if (!op.has(i)) return Error{ErrorCode::Parse, fmt::format("input {} is missing", i)};
    parts.push_back(op.emit(ir::Unsqueeze{}, {op.value(i), axes}));
  }
  op.set_output(0, op.emit(ir::Concat{axis}, std::move(parts)));
  return {};
}

// The new shape is input 1, or an option in older models, where a lone 0 means a scalar.
Status reshape(Context& op) {
  if (op.has(1)) return in_file_order(op, ir::Reshape{.allow_zero = true}, {op.int64_value(1)});
  SL_TRY(const auto* options, op.required_options<fb::ReshapeOptions>());
  std::vector<std::int64_t> shape;
  if (const auto* listed = options->new_shape()) shape.assign(listed->begin(), listed->end());
  if (shape == std::vector<std::int64_t>{0}) shape.clear();
  return in_file_order(op, ir::Reshape{.allow_zero = true}, {op.constant("shape", shape)});
}

Status split(Context& op) {
  SL_TRY(const std::int64_t given, op.integer(0, "the axis"));
  SL_TRY(const std::int64_t axis, normalize_axis(given, op.in(1).rank()));
  const std::int64_t length = op.in(1).shape[static_cast<std::size_t>(axis)];
  const auto parts = static_cast<std::int64_t>(op.num_outputs());
  if (length != ir::kOpenDim && length % parts != 0) {
    return Error{ErrorCode::Verify,
                 fmt::format("splits dimension {} of {} into {} equal parts", axis, length, parts)};
  }
  const Layout layout = op.layout_of(1);
  const auto outputs =
      op.emit(ir::Split{axis_in(layout, axis)}, {op.value(1, layout)}, op.num_outputs());
  for (std::size_t i = 0; i < outputs.size(); ++i) op.set_output(i, outputs[i], layout);
  return {};
}

namespace {

// One size may be −1: what the others leave of the dimension.
Status fill_in_rest(std::vector<std::int64_t>& sizes, std::int64_t length) {
  for (const std::int64_t size : sizes) {
    if (size < -1 || size > kMaxTensorElements) {
      return Error{ErrorCode::Verify, fmt::format("has a part of size {}", size)};
    }
  }
  const auto open = std::ranges::find(sizes, -1);
  if (open == sizes.end()) return {};
  if (length == ir::kOpenDim || std::ranges::count(sizes, -1) > 1) {
    return Error{ErrorCode::Unsupported,
                 "leaves the sizes of its parts open; convert the model with all of them given"};
  }
  *open = 0;
  *open = length - std::accumulate(sizes.begin(), sizes.end(), std::int64_t{0});
  return {};
}

}  // namespace

Status split_v(Context& op) {
  SL_TRY(auto sizes, op.integers(1, "the list of sizes"));
  SL_TRY(const std::int64_t given, op.integer(2, "the axis"));
  SL_TRY(const std::int64_t axis, normalize_axis(given, op.in(0).rank()));
  if (sizes.size() != op.num_outputs()) {
    return Error{ErrorCode::Verify,
                 fmt::format("has {} sizes for {} outputs", sizes.size(), op.num_outputs())};
  }
  SL_TRY_STATUS(fill_in_rest(sizes, op.in(0).shape[static_cast<std::size_t>(axis)]));
  const Layout layout = op.layout_of(0);
  const auto outputs =
      op.emit(ir::Split{axis_in(layout, axis)}, {op.value(0, layout), op.constant("sizes", sizes)},
              op.num_outputs());
  for (std::size_t i = 0; i < outputs.size(); ++i) op.set_output(i, outputs[i], layout);
  return {};
}

Status squeeze(Context& op) {
  SL_TRY(const auto* options, op.required_options<fb::SqueezeOptions>());
  SL_TRY_STATUS(op.require_outputs(1));
  std::vector<std::int64_t> listed;
  if (const auto* dims = options->squeeze_dims()) listed.assign(dims->begin(), dims->end());
  if (listed.empty()) return in_file_order(op, ir::Squeeze{}, {});
  SL_TRY(auto axes, normalized_axes(listed, op.in(0).rank()));
  const Layout layout = keeps_order_without(axes) ? op.layout_of(0) : Layout::AsFile;
  for (std::int64_t& axis : axes) axis = axis_in(layout, axis);
  op.set_output(0, op.emit(ir::Squeeze{}, {op.value(0, layout), op.constant("axes", axes)}));
  return {};
}

Status transpose(Context& op) {
  SL_TRY_STATUS(op.require_outputs(1));
  SL_TRY(const auto permutation, op.integers(1, "the permutation"));
  if (!is_permutation(permutation, op.in(0).rank())) {
    return Error{
        ErrorCode::Verify,
        fmt::format("its order is not one of the {} dimensions of its input", op.in(0).rank())};
  }
  op.set_output(0, op.transposed(op.value(0), permutation));
  return {};
}

// Each output is one position of the axis.
Status unpack(Context& op) {
  SL_TRY(const auto* options, op.required_options<fb::UnpackOptions>());
  SL_TRY(const std::int64_t axis, normalize_axis(options->axis(), op.in(0).rank()));
  const std::int64_t length = op.in(0).shape[static_cast<std::size_t>(axis)];
  if (length != static_cast<std::int64_t>(op.num_outputs())) {
    return Error{ErrorCode::Verify,
                 fmt::format("has {} outputs for a dimension of {}", op.num_outputs(), length)};
  }
  const ir::ValueId axes = op.constant("axes", {axis});
  const auto parts = op.emit(ir::Split{axis}, {op.value(0)}, op.num_outputs());
  for (std::size_t i = 0; i < parts.size(); ++i) {
    op.set_output(i, op.emit(ir::Squeeze{}, {parts[i], axes}));
  }
  return {};
}

}  // namespace sluice::importer::tflite::builtin
