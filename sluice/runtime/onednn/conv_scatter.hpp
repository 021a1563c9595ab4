// SPDX-License-Identifier: Apache-2.0
// Transposed convolution whose windows meet edge to edge (the up-sampling of U-Nets).
#pragma once

#include "sluice/runtime/onednn/planner.hpp"

namespace sluice::runtime::onednn {

// y[m, h·kh + i, w·kw + j] = b[m] + Σc x[c, h, w]·w[c, m, i, j]: no output has two windows, so this
// is a 1×1 convolution to M·kh·kw channels whose results are then put in their places; oneDNN's own
// transposed convolution takes some ten times as long. False if it is not of this kind: two spatial
// dimensions, one group, stride equal to kernel, no dilation, no padding. Coverage by oneDNN is the
// caller's to check.
[[nodiscard]] bool plan_scatter(const ir::ConvTranspose& op, Planner& planner, ir::NodeId id);

}  // namespace sluice::runtime::onednn
