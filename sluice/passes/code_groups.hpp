// SPDX-License-Identifier: Apache-2.0
// Which integers of a graph in the QDQ form are codes, and of what quantization.
#pragma once

#include <map>
#include <optional>
#include <span>
#include <vector>

#include "sluice/ir/graph.hpp"
#include "sluice/numeric/quantization.hpp"

namespace sluice::passes {

// What the constants of a QuantizeLinear or DequantizeLinear say, if they are constants of a form
// that a value's quantization has: float32 scales, for the tensor or along one dimension.
[[nodiscard]] std::optional<numeric::Quantization> described_quantization(const ir::Graph& graph,
                                                                          const ir::Node& node);

// The inputs whose elements such an operator moves or compares, if it does nothing else: it does
// the same to codes as to the numbers they stand for. Empty for other operators.
[[nodiscard]] std::span<const ir::ValueId> moved_inputs(const ir::Node& node);

// By integer value: its quantization, where all of QuantizeLinear and DequantizeLinear that make
// and read it, and the values it is moved from and to, agree on one and nothing else reads them.
[[nodiscard]] std::map<ir::ValueId, numeric::Quantization> code_quantizations(
    const ir::Graph& graph);

}  // namespace sluice::passes
