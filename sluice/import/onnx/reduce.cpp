// SPDX-License-Identifier: Apache-2.0
#include "sluice/import/onnx/convert.hpp"

namespace sluice::importer::onnx {
namespace {

// The axes are an attribute before opset `since`, then an input.
template <class Reduce>
Status convert_reduce(Reduce& op, std::int64_t since, NodeReader& node) {
  SL_TRY(op.keep_dims, node.get("keepdims", op.keep_dims));
  if (node.opset() >= since) {
    SL_TRY(op.noop_with_empty_axes, node.get("noop_with_empty_axes", op.noop_with_empty_axes));
  }
  return node.integers_to_input("axes", since, 1);
}

}  // namespace

Status convert(ir::ReduceMax& op, NodeReader& node) {
  return convert_reduce(op, 18, node);
}

Status convert(ir::ReduceMean& op, NodeReader& node) {
  return convert_reduce(op, 18, node);
}

Status convert(ir::ReduceMin& op, NodeReader& node) {
  return convert_reduce(op, 18, node);
}

Status convert(ir::ReduceSum& op, NodeReader& node) {
  return convert_reduce(op, 13, node);
}

Status convert(ir::ArgMax& op, NodeReader& node) {
  SL_TRY(op.axis, node.get("axis", op.axis));
  SL_TRY(op.keep_dims, node.get("keepdims", op.keep_dims));
  SL_TRY(op.select_last_index, node.get("select_last_index", op.select_last_index));
  return {};
}

Status convert(ir::Softmax& op, NodeReader& node) {
  op.flatten = node.opset() < 13;
  SL_TRY(op.axis, node.get("axis", op.flatten ? std::int64_t{1} : op.axis));
  return {};
}

}  // namespace sluice::importer::onnx
