// SPDX-License-Identifier: Apache-2.0
#include "sluice/import/onnx/convert.hpp"

namespace sluice::importer::onnx {

// None of them has had attributes since opset 7.
#define SL_WITHOUT_ATTRIBUTES(Name)        \
  Status convert(ir::Name&, NodeReader&) { \
    return {};                             \
  }

SL_WITHOUT_ATTRIBUTES(Add)
SL_WITHOUT_ATTRIBUTES(Div)
SL_WITHOUT_ATTRIBUTES(Equal)
SL_WITHOUT_ATTRIBUTES(Max)
SL_WITHOUT_ATTRIBUTES(Min)
SL_WITHOUT_ATTRIBUTES(Mul)
SL_WITHOUT_ATTRIBUTES(PRelu)
SL_WITHOUT_ATTRIBUTES(Pow)
SL_WITHOUT_ATTRIBUTES(Sub)
SL_WITHOUT_ATTRIBUTES(Where)

#undef SL_WITHOUT_ATTRIBUTES

// Sum adds any number of tensors: a chain of Adds, of which the last takes its place.
Result<ir::Op> convert_sum(NodeReader& node) {
  if (node.num_inputs() < 2) return ir::Op(ir::Identity{});
  node.chain_inputs(ir::Add{});
  return ir::Op(ir::Add{});
}

}  // namespace sluice::importer::onnx
