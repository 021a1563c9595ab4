// SPDX-License-Identifier: Apache-2.0
// real_interface: a quantized network that takes and gives real numbers.
#pragma once

#include "sluice/base/result.hpp"
#include "sluice/ir/graph.hpp"

namespace sluice::passes {

// Each quantized input becomes a float32 one, which an Identity quantizes as the file's first
// recorded arithmetic does; each quantized output is dequantized by one. The new values take the
// names. The graph must have its types.
[[nodiscard]] Status real_inputs(ir::Graph& graph);
[[nodiscard]] Status real_outputs(ir::Graph& graph);

}  // namespace sluice::passes
