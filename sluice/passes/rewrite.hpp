// SPDX-License-Identifier: Apache-2.0
// What several passes need to change a graph.
#pragma once

#include <vector>

#include "sluice/ir/graph.hpp"

namespace sluice::passes {

// Collects "every reader of `from` reads `to` instead" and carries all of it out in one sweep.
class Renaming {
 public:
  explicit Renaming(ir::Graph& graph);

  // What readers of `id` read by now.
  [[nodiscard]] ir::ValueId resolve(ir::ValueId id) const;

  // `to` must hold what `from` holds. If `from` is a graph output, `to` becomes it and takes its
  // name. False, and nothing changed, where that cannot be: `to` is a graph input, a constant or
  // another output, whose names are fixed.
  bool replace(ir::ValueId from, ir::ValueId to);

  // Rewrites the readers. Call once, last.
  void apply();

 private:
  ir::Graph& graph_;
  std::vector<ir::ValueId> target_;
  std::vector<bool> is_output_, is_input_;
};

// The content of a value known from the file, or null (also for kNoValue).
[[nodiscard]] const Tensor* constant_of(const ir::Graph& graph, ir::ValueId id);

// Input i of the node, or kNoValue where it is absent.
[[nodiscard]] ir::ValueId input_of(const ir::Node& node, std::size_t i);

}  // namespace sluice::passes
