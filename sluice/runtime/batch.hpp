// SPDX-License-Identifier: Apache-2.0
// Batches: whether a network treats its images one by one, so that they can be run apart.
#pragma once

#include <optional>

#include "sluice/ir/graph.hpp"

namespace sluice::runtime {

// The graph for a batch of one, if running it on each image of the batch gives the same as running
// `graph` on all: the first dimension of every input and output counts the images, and no operator
// mixes them. Nothing if that cannot be shown, or the batch is one already.
[[nodiscard]] std::optional<ir::Graph> single_image(const ir::Graph& graph);

}  // namespace sluice::runtime
