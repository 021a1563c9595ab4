// SPDX-License-Identifier: Apache-2.0
// Where a graph can be cut in two, and a partition that is.
#pragma once

#include <utility>
#include <vector>

#include "sluice/hw/partition.hpp"

namespace sluice::hw {

// The edges that every path from an input to an output goes over, in the order of the paths. Takes
// time linear in nodes and edges, but for the sorting of inputs' and outputs' names.
[[nodiscard]] std::vector<Edge> bridges(const Graph& graph);

// What comes before a bridge, and what comes after it; nodes and neighbours keep their order. Each
// part has its own layer to reload: the passes stay with the part that has the layer they were
// of, the other has one. Between the parts words go in one stream. Regrouping at the cut remains
// until update().
[[nodiscard]] std::pair<Partition, Partition> split_at(const Partition& partition,
                                                       const Edge& bridge);

}  // namespace sluice::hw
