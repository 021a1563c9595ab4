// SPDX-License-Identifier: Apache-2.0
// What the importers' fuzz targets do with what they read: type it, as loading does, and verify.
#pragma once

#include "sluice/base/result.hpp"
#include "sluice/ir/graph.hpp"
#include "sluice/ir/infer.hpp"
#include "sluice/runtime/reference/kernel.hpp"

namespace sluice::test {

// Whether its types could be inferred.
inline bool type(ir::Graph& graph) {
  const auto shapes = ir::input_shapes(graph, 0);
  return shapes && ir::infer_types(graph, *shapes, runtime::reference::evaluate);
}

inline void type_and_verify(Result<ir::Graph> graph) {
  if (!graph || !type(*graph)) return;
  if (!ir::verify(*graph)) __builtin_trap();  // read and typed, it must hold
}

}  // namespace sluice::test
