// SPDX-License-Identifier: Apache-2.0
#include "sluice/import/onnx/convert.hpp"

namespace sluice::importer::onnx {

Status convert(ir::Gemm& op, NodeReader& node) {
  SL_TRY(op.alpha, node.get("alpha", op.alpha));
  SL_TRY(op.beta, node.get("beta", op.beta));
  SL_TRY(op.trans_a, node.get("transA", op.trans_a));
  SL_TRY(op.trans_b, node.get("transB", op.trans_b));
  return {};
}

Status convert(ir::MatMul&, NodeReader&) {
  return {};
}

}  // namespace sluice::importer::onnx
