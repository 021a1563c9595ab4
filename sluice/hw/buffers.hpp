// SPDX-License-Identifier: Apache-2.0
// When words come to each layer of a graph, and how many must wait before its joins.
#pragma once

#include <vector>

#include "sluice/hw/graph.hpp"

namespace sluice::hw {

// The cycles at which the first and the last word of the first feature map leave a layer, after the
// first word came into the graph: no later than these. A word in between that has a share s of the
// words before it leaves no later than s·late_cycles after its turn, if they left evenly: rows of
// windows wait for words, and words leave together.
struct Passage {
  double first_cycle = 0;
  double last_cycle = 0;
  double late_cycles = 0;
  friend bool operator==(const Passage&, const Passage&) = default;
};

// For each node. A layer starts when the words are there that its first output needs, and goes no
// faster than its slowest module and its slowest input. Words come in one a clock and stream, and
// wait for a layer as long as it takes.
[[nodiscard]] std::vector<Passage> passages(const Graph& graph);

// Sets the depths of the FIFOs before joins so that no branch holds up another: by the passages, or
// as fpgaConvNet's model does.
void set_buffer_depths(Graph& graph, Rules rules);

}  // namespace sluice::hw
