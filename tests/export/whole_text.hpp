// SPDX-License-Identifier: Apache-2.0
// A graph as text with all elements of its constants, for comparing.
#pragma once

#include <string>

#include "sluice/ir/text.hpp"

namespace sluice::exporter {

inline std::string whole_text(const ir::Graph& graph) {
  return ir::print(graph, {.max_elements = 1 << 20});
}

}  // namespace sluice::exporter
