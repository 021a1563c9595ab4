// SPDX-License-Identifier: Apache-2.0
// What fpgaConvNet's model answers for paths through a graph. Words are weighed by the running
// product of the layers' ratios of words in to words out, which says little of time: its answers
// are here to be compared with.
#pragma once

#include "sluice/hw/graph.hpp"

namespace sluice::hw::compat {

inline constexpr Rules kRules = Rules::FpgaConvNet;

// The depths of the FIFOs before joins whose branches part at one split; 2 where they do not part.
void set_buffer_depths(Graph& graph);

// Along the longest path.
[[nodiscard]] double pipeline_depth_cycles(const Graph& graph, double interval_cycles);

}  // namespace sluice::hw::compat
