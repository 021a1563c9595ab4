// SPDX-License-Identifier: Apache-2.0
// Folds batch normalisation into the linear operator before it.
#pragma once

#include "sluice/base/result.hpp"
#include "sluice/ir/graph.hpp"

namespace sluice::passes {

// BatchNormalization(L(x)) with L one of Conv, ConvTranspose, Gemm whose result nothing else reads,
// and constant parameters, becomes L'(x). Per output channel m, in double, rounded once:
//   g[m] = scale[m]/√(variance[m] + epsilon)
//   w'[m, …] = w[m, …]·g[m]
//   b'[m] = (b[m] − mean[m])·g[m] + bias[m]      (b = 0 where L has none)
// Gemm: y = alpha·a·w + beta·c, so w' as above and c' = (beta·c − mean)·g + bias with beta' = 1; c
// must be constant and the same for all rows. A normalisation in training mode, with more than one
// output, or with channels of zero variance + epsilon stays. Errors: a graph that does not verify.
[[nodiscard]] Status fold_batch_norm(ir::Graph& graph);

}  // namespace sluice::passes
