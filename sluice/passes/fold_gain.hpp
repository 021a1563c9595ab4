// SPDX-License-Identifier: Apache-2.0
// fold_gain: a positive factor behind an activation goes into the layer before it.
#pragma once

#include "sluice/base/result.hpp"
#include "sluice/ir/graph.hpp"

namespace sluice::passes {

// g·min(max(w·x + b, low), high) = min(max(g·w·x + g·b, g·low), g·high): of Conv, ConvTranspose or
// Gemm with constant weights, a Relu, a Clip with constant bounds or neither, and a Mul by one
// constant number above 0, each read by the next one only. As the scaled clips of DiracDeltaNet
// are. Weights are rounded to float32 once more.
[[nodiscard]] Status fold_gain(ir::Graph& graph);

}  // namespace sluice::passes
