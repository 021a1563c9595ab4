// SPDX-License-Identifier: Apache-2.0
// Integer inputs (axes, shapes, starts, …) as far as the graph knows them.
#pragma once

#include <optional>

#include "sluice/ir/infer.hpp"
#include "sluice/ir/ops/layout_geometry.hpp"

namespace sluice::runtime {

// The content of a constant int64 or int32 value of at most one dimension; nothing if it is absent,
// not known, or something else.
[[nodiscard]] inline std::optional<ir::Integers> known_integers(const ir::Graph& graph,
                                                                ir::ValueId id) {
  if (id == ir::kNoValue || !graph[id].constant) return std::nullopt;
  auto values = ir::integers(*graph[id].constant, graph[id].name);
  if (!values) return std::nullopt;
  return *std::move(values);
}

}  // namespace sluice::runtime
