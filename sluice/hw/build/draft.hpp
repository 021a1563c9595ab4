// SPDX-License-Identifier: Apache-2.0
// Draft: the layers of a network while they are made, joined by what makes each stream.
#pragma once

#include <cstddef>
#include <limits>
#include <vector>

#include "sluice/hw/graph.hpp"
#include "sluice/ir/graph.hpp"

namespace sluice::hw {

// What makes a stream: a port of a layer of the draft, or the host, as a tensor of the network.
struct Maker {
  static constexpr std::size_t kHost = std::numeric_limits<std::size_t>::max();
  std::size_t layer = kHost;
  std::size_t port = 0;
  ir::ValueId tensor = ir::kNoValue;  // of the host's

  [[nodiscard]] bool is_host() const { return layer == kHost; }
  friend bool operator==(const Maker&, const Maker&) = default;
};

struct DraftLayer {
  Node node;                  // without its neighbours
  std::vector<Maker> inputs;  // one a port
};

struct Draft {
  std::vector<DraftLayer> layers;
  std::vector<Maker> outputs;  // streams that leave, each once
};

// The graph: predecessors in the order of input ports, successors in that of output ports. What
// several layers read, or one while it leaves, goes through a Split behind what makes it; streams
// of the host through one named after the tensor.
[[nodiscard]] Graph assembled(const ir::Graph& network, const Draft& draft);

}  // namespace sluice::hw
