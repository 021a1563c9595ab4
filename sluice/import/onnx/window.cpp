// SPDX-License-Identifier: Apache-2.0
#include "sluice/import/onnx/window.hpp"

#include <array>

namespace sluice::importer::onnx {
namespace {

constexpr std::array<std::pair<std::string_view, ir::AutoPad>, 4> kAutoPads{{
    {"NOTSET", ir::AutoPad::NotSet},
    {"SAME_UPPER", ir::AutoPad::SameUpper},
    {"SAME_LOWER", ir::AutoPad::SameLower},
    {"VALID", ir::AutoPad::Valid},
}};

}  // namespace

Status read_window(ir::Window& window, NodeReader& node) {
  SL_TRY(window.kernel, node.get("kernel_shape", window.kernel));
  SL_TRY(window.strides, node.get("strides", window.strides));
  SL_TRY(window.dilations, node.get("dilations", window.dilations));
  SL_TRY(window.pads, node.get("pads", window.pads));
  SL_TRY(window.auto_pad, node.choice<ir::AutoPad>("auto_pad", kAutoPads, window.auto_pad));
  return {};
}

}  // namespace sluice::importer::onnx
