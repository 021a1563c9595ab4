// SPDX-License-Identifier: Apache-2.0
// When words come to each layer of a graph, and how many wait: before its joins, and behind layers
// that make several at once.
#pragma once

#include <vector>

#include "sluice/hw/graph.hpp"
#include "sluice/hw/layers/flow.hpp"

namespace sluice::hw {

// What leaves each node, by its outputs, of the first feature map after a reset; the first word
// comes into the graph in cycle 0. The host gives a word a clock and stream and takes what comes.
// No FIFO, and no ring of rows, is too short: what holds up a layer holds up its last word no
// longer than that of what it waits for.
[[nodiscard]] std::vector<std::vector<Flow>> flows(const Graph& graph);

// The cycles from the first word that the graph takes to the last that leaves it, both counted, of
// the first feature map.
[[nodiscard]] double span_cycles(const Graph& graph);

// Sets the depths of the FIFOs before joins so that no branch holds up another: by the flows, or as
// fpgaConvNet's model does.
void set_buffer_depths(Graph& graph, Rules rules);

// The words that the FIFO behind a layer holds, so that it gives as evenly as it works: those that
// it makes one after another as soon as it has the last that a pixel, or a map, needs, since what
// holds them up holds up the next pixel's; and those that a reader goes on with while a sweep over
// columns makes none. 0: none, since what reads them keeps rows.
[[nodiscard]] std::int64_t burst_depth(const Graph& graph, NodeId id);
// Those that wait behind a part of the channels, a pixel's: no part holds up the next one of it.
[[nodiscard]] std::int64_t part_depth(const Layer& layer, std::size_t port);

}  // namespace sluice::hw
