// SPDX-License-Identifier: Apache-2.0
// Padding. Pads come as [dimensions, 2]: before and after.
#include <algorithm>
#include <fmt/format.h>
#include <limits>

#include "sluice/import/tflite/builtins.hpp"

namespace sluice::importer::tflite::builtin {
namespace {

// All begins, then all ends, the dimensions in that order.
Result<std::vector<std::int64_t>> read_pads(Context& op, Layout layout) {
  SL_TRY(const auto listed, op.integers(1, "the list of pads"));
  const std::size_t rank = op.in(0).rank();
  if (listed.size() != 2 * rank) {
    return Error{ErrorCode::Verify, fmt::format("has {} pads for {} dimensions, two each expected",
                                                listed.size(), rank)};
  }
  std::vector<std::int64_t> pads(2 * rank);
  for (std::size_t i = 0; i < rank; ++i) {
    const auto to = static_cast<std::size_t>(axis_in(layout, static_cast<std::int64_t>(i)));
    pads[to] = listed[2 * i];
    pads[rank + to] = listed[2 * i + 1];
  }
  for (const std::int64_t pad : pads) {
    if (pad < 0 || pad > kMaxTensorElements) {
      return Error{ErrorCode::Verify, fmt::format("has a pad of {} positions", pad)};
    }
  }
  return pads;
}

Status pad_with(Context& op, ir::PadMode mode, ir::ValueId value) {
  SL_TRY_STATUS(op.require_outputs(1));
  const Layout layout = op.layout_of(0);
  SL_TRY(const auto pads, read_pads(op, layout));
  std::vector<ir::ValueId> inputs = {op.value(0, layout), op.constant("pads", pads)};
  if (value != ir::kNoValue) inputs.push_back(value);
  op.set_output(0, op.emit(ir::Pad{mode}, std::move(inputs)), layout);
  return {};
}

// The mirror that repeats the edge itself: `begin` positions of `axis` reversed before x, `end`
// behind it.
ir::ValueId mirrored_with_edge(Context& op, ir::ValueId x, std::int64_t axis, std::int64_t begin,
                               std::int64_t end) {
  const auto reversed = [&](std::int64_t from, std::int64_t to) {
    return op.emit(ir::Slice{}, {x, op.constant("from", {from}), op.constant("to", {to}),
                                 op.constant("axis", {axis}), op.constant("step", {-1})});
  };
  std::vector<ir::ValueId> parts;
  if (begin > 0) parts.push_back(reversed(begin - 1, std::numeric_limits<std::int64_t>::min()));
  parts.push_back(x);
  if (end > 0) parts.push_back(reversed(-1, -1 - end));
  return parts.size() == 1 ? x : op.emit(ir::Concat{axis}, std::move(parts));
}

Status mirror_pad_with_edge(Context& op) {
  SL_TRY_STATUS(op.require_outputs(1));
  const Layout layout = op.layout_of(0);
  SL_TRY(const auto pads, read_pads(op, layout));
  const std::size_t rank = op.in(0).rank();
  ir::ValueId y = op.value(0, layout);
  for (std::size_t i = 0; i < rank; ++i) {
    const std::int64_t length = op.in(0).shape[static_cast<std::size_t>(
        layout == Layout::AsFile ? static_cast<std::int64_t>(i) : kToChannelsFirst[i])];
    if (length != ir::kOpenDim && std::max(pads[i], pads[rank + i]) > length) {
      return Error{ErrorCode::Verify, fmt::format("mirrors {} and {} positions of {}", pads[i],
                                                  pads[rank + i], length)};
    }
    y = mirrored_with_edge(op, y, static_cast<std::int64_t>(i), pads[i], pads[rank + i]);
  }
  op.set_output(0, y, layout);
  return {};
}

}  // namespace

Status mirror_pad(Context& op) {
  SL_TRY(const auto* options, op.required_options<fb::MirrorPadOptions>());
  switch (options->mode()) {
    case fb::MirrorPadMode::REFLECT:
      return pad_with(op, ir::PadMode::Reflect, ir::kNoValue);
    case fb::MirrorPadMode::SYMMETRIC:
      return mirror_pad_with_edge(op);
  }
  return Error{ErrorCode::Parse,
               fmt::format("has mirror mode {}, which is neither REFLECT nor SYMMETRIC",
                           static_cast<int>(options->mode()))};
}

Status pad(Context& op) {
  return pad_with(op, ir::PadMode::Constant, ir::kNoValue);
}

Status pad_v2(Context& op) {
  return pad_with(op, ir::PadMode::Constant, op.value(2));
}

}  // namespace sluice::importer::tflite::builtin
