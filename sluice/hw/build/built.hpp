// SPDX-License-Identifier: Apache-2.0
// What both ways of building come to.
#pragma once

#include <vector>

#include "sluice/hw/build/build.hpp"

namespace sluice::hw {

struct Built {
  Graph graph;  // whole only where nothing is refused
  std::vector<Unmappable> refused;
  std::vector<OnHost> on_host;
};

// Why an operator cannot be mapped, and the remedy.
struct Refused {
  std::string why, remedy;
};

// "Conv", and of several nodes taken together the last one's.
[[nodiscard]] inline Unmappable unmappable_node(const ir::Node& node, Refused refused) {
  return {node.name, std::string(ir::op_name(node.op)), std::move(refused.why),
          std::move(refused.remedy)};
}

// By our own rules.
[[nodiscard]] Built build_own(const ir::Graph& network, const BuildOptions& options);
// As fpgaConvNet's parser does.
[[nodiscard]] Built build_fpgaconvnet(const ir::Graph& network, const BuildOptions& options);

}  // namespace sluice::hw
