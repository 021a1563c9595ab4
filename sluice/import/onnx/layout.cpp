// SPDX-License-Identifier: Apache-2.0
#include <array>
#include <fmt/format.h>

#include "sluice/import/onnx/convert.hpp"

namespace sluice::importer::onnx {

Status convert(ir::Concat& op, NodeReader& node) {
  SL_TRY(op.axis, node.require<std::int64_t>("axis"));
  return {};
}

Status convert(ir::DepthToSpace& op, NodeReader& node) {
  static constexpr std::array<std::pair<std::string_view, bool>, 2> kModes{{
      {"DCR", false},
      {"CRD", true},
  }};
  SL_TRY(op.block_size, node.require<std::int64_t>("blocksize"));
  SL_TRY(op.column_row_depth, node.choice<bool>("mode", kModes, op.column_row_depth));
  return {};
}

Status convert(ir::Expand&, NodeReader&) {
  return {};
}

Status convert(ir::Flatten& op, NodeReader& node) {
  SL_TRY(op.axis, node.get("axis", op.axis));
  return {};
}

Status convert(ir::Gather& op, NodeReader& node) {
  SL_TRY(op.axis, node.get("axis", op.axis));
  return {};
}

// Before opset 11 pads and value are attributes.
Status convert(ir::Pad& op, NodeReader& node) {
  static constexpr std::array<std::pair<std::string_view, ir::PadMode>, 4> kModes{{
      {"constant", ir::PadMode::Constant},
      {"reflect", ir::PadMode::Reflect},
      {"edge", ir::PadMode::Edge},
      {"wrap", ir::PadMode::Wrap},
  }};
  SL_TRY(op.mode, node.choice<ir::PadMode>("mode", kModes, op.mode));
  SL_TRY_STATUS(node.integers_to_input("pads", 11, 1));
  if (node.opset() < 11) {
    SL_TRY(const float value, node.get("value", 0.0F));
    if (value != 0) SL_TRY_STATUS(node.set_input(2, "value", Tensor::scalar(value)));
  }
  return {};
}

Status convert(ir::Reshape& op, NodeReader& node) {
  SL_TRY(op.allow_zero, node.get("allowzero", op.allow_zero));
  return {};
}

// Before opset 10 starts, ends and axes are attributes.
Status convert(ir::Slice&, NodeReader& node) {
  SL_TRY_STATUS(node.integers_to_input("starts", 10, 1));
  SL_TRY_STATUS(node.integers_to_input("ends", 10, 2));
  return node.integers_to_input("axes", 10, 3);
}

Status convert(ir::SpaceToDepth& op, NodeReader& node) {
  SL_TRY(op.block_size, node.require<std::int64_t>("blocksize"));
  return {};
}

// The sizes are an attribute before opset 13; from opset 18 on the number of parts may be given
// instead, which is the number of outputs.
Status convert(ir::Split& op, NodeReader& node) {
  SL_TRY(op.axis, node.get("axis", op.axis));
  SL_TRY_STATUS(node.integers_to_input("split", 13, 1));
  if (node.opset() < 18) return {};
  SL_TRY(const auto num_parts, node.find<std::int64_t>("num_outputs"));
  if (num_parts && *num_parts != static_cast<std::int64_t>(node.num_outputs())) {
    return Error{ErrorCode::Parse, fmt::format("has {} outputs, attribute \"num_outputs\" says {}",
                                               node.num_outputs(), *num_parts)};
  }
  return {};
}

Status convert(ir::Squeeze&, NodeReader& node) {
  return node.integers_to_input("axes", 13, 1);
}

Status convert(ir::Tile&, NodeReader&) {
  return {};
}

Status convert(ir::Transpose& op, NodeReader& node) {
  SL_TRY(op.permutation, node.get("perm", op.permutation));
  return {};
}

Status convert(ir::Unsqueeze&, NodeReader& node) {
  return node.integers_to_input("axes", 13, 1);
}

}  // namespace sluice::importer::onnx
