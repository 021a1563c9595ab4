// SPDX-License-Identifier: Apache-2.0
// Removes nodes that hand their input on unchanged.
#pragma once

#include "sluice/base/result.hpp"
#include "sluice/ir/graph.hpp"

namespace sluice::passes {

// Identity, Dropout whose mask is unused, Cast to the same type, Concat and Max/Min/… of one input,
// Reshape/Flatten/Squeeze/Unsqueeze/Expand/Tile/Slice/Resize to the same shape where that implies
// the same elements, Transpose that keeps the order of dimensions greater than 1, Pad by nothing,
// Mul by a constant 1.
// Types must be inferred. Errors: a graph that does not verify.
[[nodiscard]] Status remove_identity(ir::Graph& graph);

}  // namespace sluice::passes
