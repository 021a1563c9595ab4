// SPDX-License-Identifier: Apache-2.0
#include "sluice/import/onnx/convert.hpp"
#include "sluice/import/onnx/window.hpp"

namespace sluice::importer::onnx {
namespace {

// What all windowed poolings have; the kernel's size is not optional here.
template <class Pool>
Status convert_pool(Pool& op, NodeReader& node) {
  SL_TRY(op.window.kernel, node.require<ir::Dims>("kernel_shape"));
  SL_TRY_STATUS(read_window(op.window, node));
  SL_TRY(op.ceil_mode, node.get("ceil_mode", op.ceil_mode));
  return {};
}

}  // namespace

Status convert(ir::AveragePool& op, NodeReader& node) {
  SL_TRY_STATUS(convert_pool(op, node));
  SL_TRY(op.count_include_pad, node.get("count_include_pad", op.count_include_pad));
  return {};
}

Status convert(ir::MaxPool& op, NodeReader& node) {
  SL_TRY_STATUS(convert_pool(op, node));
  SL_TRY(op.column_major_indices, node.get("storage_order", op.column_major_indices));
  return {};
}

Status convert(ir::LpPool& op, NodeReader& node) {
  SL_TRY_STATUS(convert_pool(op, node));
  SL_TRY(op.p, node.get("p", op.p));
  return {};
}

Status convert(ir::GlobalAveragePool&, NodeReader&) {
  return {};
}

Status convert(ir::GlobalMaxPool&, NodeReader&) {
  return {};
}

}  // namespace sluice::importer::onnx
