// SPDX-License-Identifier: Apache-2.0
// Which versions of ONNX's operators have what a graph has.
#pragma once

#include <cstdint>

#include "sluice/base/result.hpp"
#include "sluice/ir/graph.hpp"

namespace sluice::exporter::onnx {

inline constexpr std::int64_t kLowestOpset = 13;

// Writes what these opsets have no words for in those they have: the coordinates
// (i + 1/2)/scale, rounded down, are (i + 1/2)/scale − 1/2 rounded to nearest, halves up.
void to_newest_forms(ir::Graph& graph);

// The lowest opset from kLowestOpset on in which each node can be said; the graph has its types and
// no quantizations. Unsupported, naming the node, where none has it.
[[nodiscard]] Result<std::int64_t> lowest_opset(const ir::Graph& graph);

// The version of the file format that came with the opset.
[[nodiscard]] std::int64_t ir_version_of(std::int64_t opset);

}  // namespace sluice::exporter::onnx
