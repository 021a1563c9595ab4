// SPDX-License-Identifier: Apache-2.0
// The text form of a graph: for tests, for people, for --dump. parse(print(g)) equals g, weights of
// more than `max_elements` elements left out of the print (and then not parseable).
//
//   graph "tiny" {
//     input %x: float32[1x3x8x8]
//     const %w: float32[4x3x3x3] = [0.5, -1, …]
//     %y: float32[1x4x8x8] = Conv(%x, %w) {window={pads=[1, 1, 1, 1]}} "conv1"
//     output %y
//   }
#pragma once

#include <string>
#include <string_view>

#include "sluice/base/result.hpp"
#include "sluice/ir/graph.hpp"

namespace sluice::ir {

struct PrintOptions {
  std::int64_t max_elements = 64;
};

[[nodiscard]] std::string print(const Graph& graph, const PrintOptions& options = {});
// Types after the colon of a result may be left out. Errors: Parse with `line N` as the place.
[[nodiscard]] Result<Graph> parse(std::string_view text);

}  // namespace sluice::ir
