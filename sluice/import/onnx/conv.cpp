// SPDX-License-Identifier: Apache-2.0
#include "sluice/import/onnx/convert.hpp"
#include "sluice/import/onnx/window.hpp"

namespace sluice::importer::onnx {

Status convert(ir::Conv& op, NodeReader& node) {
  SL_TRY_STATUS(read_window(op.window, node));
  SL_TRY(op.group, node.get("group", op.group));
  return {};
}

Status convert(ir::ConvTranspose& op, NodeReader& node) {
  SL_TRY_STATUS(read_window(op.window, node));
  SL_TRY(op.group, node.get("group", op.group));
  SL_TRY(op.output_padding, node.get("output_padding", op.output_padding));
  SL_TRY(op.output_shape, node.get("output_shape", op.output_shape));
  return {};
}

}  // namespace sluice::importer::onnx
