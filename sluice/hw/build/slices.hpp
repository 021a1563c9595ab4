// SPDX-License-Identifier: Apache-2.0
// Slices that cut a tensor's channels into parts.
#pragma once

#include <optional>
#include <span>
#include <vector>

#include "sluice/ir/graph.hpp"
#include "sluice/ir/ops/layout_geometry.hpp"

namespace sluice::hw {

// What a Slice takes along each dimension; none where its inputs are no constants.
[[nodiscard]] std::optional<std::vector<ir::SliceRange>> ranges_of(const ir::Graph& network,
                                                                   const ir::Node& slice);

// The Slices among a tensor's readers that take its channels (dimension 1) and nothing else, in the
// order of what they take, if each channel is in one of them; else none. Of two that take the same
// the second is not among them.
[[nodiscard]] std::vector<ir::NodeId> parts_of(const ir::Graph& network,
                                               std::span<const ir::NodeId> readers);

}  // namespace sluice::hw
