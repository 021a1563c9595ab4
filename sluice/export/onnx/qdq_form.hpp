// SPDX-License-Identifier: Apache-2.0
// From operators on codes to ONNX's QDQ form: what passes::fold_qdq does, backwards.
#pragma once

#include "sluice/base/result.hpp"
#include "sluice/ir/graph.hpp"

namespace sluice::exporter::onnx {

// The verified graph without quantizations: each operator computes in float32, between a
// DequantizeLinear an input and a QuantizeLinear an output.
//   - A quantized value keeps its name and its codes; "NAME/real" is what its node makes of real
//     numbers, "NAME/dequantized" what its readers read, "NAME/scale" and "NAME/zero_point" the
//     parameters of both.
//   - Identity between real numbers and codes is one of the two alone and keeps its name; between
//     codes it is both.
//   - Relu and Clip of the same quantization as the layer before them, which nothing else reads,
//   are
//     on real numbers too: they and the quantizer commute, both being monotonic.
//   - Codes narrower than their type are cut off by a Clip before the QuantizeLinear.
// Nodes keep their arithmetic. Errors: Unsupported, naming the value or node, for codes that
// neither operator has (of 32 bits made by a node, or with zero points; narrow ones of several
// scales) and for accumulators.
[[nodiscard]] Result<ir::Graph> qdq_form(const ir::Graph& graph);

}  // namespace sluice::exporter::onnx
