// SPDX-License-Identifier: Apache-2.0
// Cuts: a network in partitions that are on the device one after another, where that is worth their
// loading.
#pragma once

#include <vector>

#include "sluice/dse/plan.hpp"

namespace sluice::dse {

// The layers of a graph in pieces that partitions are made of: where only one stream of words goes
// from one piece to the next, and each but the first has weights. In topological order.
[[nodiscard]] std::vector<std::vector<hw::NodeId>> pieces_of(const hw::Graph& graph);

// Seconds for a batch, with loading if there are several partitions.
[[nodiscard]] double seconds(const Problem& problem, const std::vector<Plan>& plans);

// The partitions, at most as many as the problem allows, that take the least time for a batch; by
// dynamic programming over the pieces, each span of which is planned for itself. Empty if some
// piece fits in no way.
[[nodiscard]] std::vector<Plan> cut(const Problem& problem, Planner& planner);

}  // namespace sluice::dse
