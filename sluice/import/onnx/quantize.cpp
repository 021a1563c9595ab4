// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

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

constexpr std::int64_t kSameType = 0;  // the default: as the inputs say

// An attribute that may ask for another type than the scale's, which is what the IR computes in.
Status check_scale_type(std::string_view name, NodeReader& node) {
  SL_TRY(const std::int64_t asked, node.get(name, kSameType));
  if (asked == kSameType) return {};
  SL_TRY(const DType dtype, dtype_of(asked));
  const Tensor* scale = node.constant_input(1);
  if (scale != nullptr && scale->dtype() == dtype) return {};
  return Error{ErrorCode::Unsupported,
               fmt::format("attribute {} asks for {}, only the type of a constant scale is "
                           "supported; leave it out",
                           name, sluice::to_string(dtype))};
}

}  // namespace

Status convert(ir::QuantizeLinear& op, NodeReader& node) {
  SL_TRY_STATUS(read_blocks(op, node));
  SL_TRY(op.saturate, node.get("saturate", op.saturate));
  SL_TRY(const std::int64_t output_dtype, node.get("output_dtype", kSameType));
  if (output_dtype != kSameType) {
    SL_TRY(op.output_dtype, dtype_of(output_dtype));
  }
  return check_scale_type("precision", node);
}

Status convert(ir::DequantizeLinear& op, NodeReader& node) {
  SL_TRY_STATUS(read_blocks(op, node));
  return check_scale_type("output_dtype", node);
}

}  // namespace sluice::importer::onnx
