// SPDX-License-Identifier: Apache-2.0
// fold_qdq: from ONNX's QDQ form to operators on codes.
#pragma once

#include "sluice/base/result.hpp"
#include "sluice/ir/graph.hpp"

namespace sluice::passes {

// In the QDQ form each operator computes in float32, between a DequantizeLinear an input and a
// QuantizeLinear an output. Where scales and zero points are constants
//   - codes get the quantization that DequantizeLinear gives them, and who read its output reads
//     them;
//   - an operator on codes whose only reader is a QuantizeLinear makes its codes, rounding as the
//     one or the other records, else as ONNX does; Relu, Clip and operators that move elements let
//     the quantization through to the operator before them;
//   - what moves codes makes codes;
//   - a Clip to codes narrower than their type, before a QuantizeLinear, becomes their `bits`;
//   - the bias of such a layer becomes an integer of scale s_x·s_w, halves to even;
//   - other QuantizeLinear and DequantizeLinear become an Identity between reals and codes.
// Where nothing quantized goes into an operator, its weights become real numbers again. The graph
// must have its types.
[[nodiscard]] Status fold_qdq(ir::Graph& graph);

}  // namespace sluice::passes
