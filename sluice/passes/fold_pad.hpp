// SPDX-License-Identifier: Apache-2.0
// Folds padding into the convolution that reads it.
#pragma once

#include "sluice/base/result.hpp"
#include "sluice/ir/graph.hpp"

namespace sluice::passes {

// Conv(Pad(x)) becomes Conv(x) with the pads added to its window, where Pad puts zeros (or the zero
// point of codes) around the spatial dimensions and nothing else reads its output. The window's own
// pads must not depend on the size of the image (auto_pad SAME). Errors: a graph that does not
// verify.
[[nodiscard]] Status fold_pad(ir::Graph& graph);

}  // namespace sluice::passes
