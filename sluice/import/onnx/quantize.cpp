// SPDX-License-Identifier: Apache-2.0
#include <optional>

#include "sluice/import/onnx/convert.hpp"
#include "sluice/import/onnx/dtype.hpp"

namespace sluice::importer::onnx {
namespace {

template <class T>
Status read_blocks(T& op, NodeReader& node) {
  SL_TRY(op.axis, node.get("axis", op.axis));
  SL_TRY(op.block_size, node.get("block_size", op.block_size));
  return {};
}

// An element type by ONNX's number; 0, the default, is "as the inputs say".
Result<std::optional<DType>> read_dtype(std::string_view name, NodeReader& node) {
  SL_TRY(const std::int64_t data_type, node.get(name, std::int64_t{0}));
  if (data_type == 0) return std::optional<DType>();
  SL_TRY(const DType dtype, dtype_of(data_type));
  return std::optional(dtype);
}

}  // namespace

Status convert(ir::QuantizeLinear& op, NodeReader& node) {
  SL_TRY_STATUS(read_blocks(op, node));
  SL_TRY(op.saturate, node.get("saturate", op.saturate));
  SL_TRY(op.precision, read_dtype("precision", node));
  SL_TRY(const auto output_dtype, read_dtype("output_dtype", node));
  op.output_dtype = output_dtype.value_or(op.output_dtype);
  return {};
}

Status convert(ir::DequantizeLinear& op, NodeReader& node) {
  SL_TRY_STATUS(read_blocks(op, node));
  SL_TRY(op.output_dtype, read_dtype("output_dtype", node));
  return {};
}

}  // namespace sluice::importer::onnx
