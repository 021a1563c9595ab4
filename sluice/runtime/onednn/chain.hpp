// SPDX-License-Identifier: Apache-2.0
// Chains in one pass: tiles of a tensor, in whatever layout, taken through all stages while they
// are in the first cache. Padding of a blocked layout stays zero.
#pragma once

#include <span>

#include "sluice/runtime/onednn/stage.hpp"

namespace sluice::runtime::onednn {

// Plans `stages` on `from`, the result in `to`, which has from's layout and may be the same memory.
// Operands that are values are brought to that layout. Stages a chain has no kernel for become
// oneDNN primitives in between.
void add_chain(Planner& planner, ir::NodeId node, const Placed& from, const Placed& to,
               std::span<const Stage> stages);

// Whether add_chain can walk the layout; else bring the value to a plain one first.
[[nodiscard]] bool is_walkable(const Desc& desc);

}  // namespace sluice::runtime::onednn
