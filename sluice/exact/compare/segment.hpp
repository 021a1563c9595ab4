// SPDX-License-Identifier: Apache-2.0
// Parts of a network between values whose contents are known, so that each part can be judged by
// itself.
#pragma once

#include <map>
#include <optional>
#include <vector>

#include "sluice/base/result.hpp"
#include "sluice/exact/compare/judge.hpp"
#include "sluice/ir/graph.hpp"
#include "sluice/numeric/tensor.hpp"

namespace sluice::exact::compare {

using Values = std::map<ir::ValueId, Tensor>;

// The nodes that compute one known value from others.
struct Segment {
  ir::ValueId output = ir::kNoValue;
  std::vector<ir::NodeId> nodes;    // in the graph's order; the last one makes the output
  std::vector<ir::ValueId> inputs;  // known values that the nodes read, constants not among them
};

// One for each known value that a node makes, in the graph's order. InvalidArgument, naming the
// input, where a part of the network goes back to a graph input that is not known.
[[nodiscard]] Result<std::vector<Segment>> segments(const ir::Graph& graph, const Values& known);

struct Evaluation {
  Tensor output;
  // Where the output is that of a layer with accumulators, but for clamps behind it.
  std::optional<Sums> sums;
};

// The segment on the known values, by the plain kernels; each node rounds as it records, or all as
// `instead` says. Errors have the node as the place.
[[nodiscard]] Result<Evaluation> evaluate(const ir::Graph& graph, const Segment& segment,
                                          const Values& known,
                                          std::optional<numeric::Arithmetic> instead = {});

// The evidence for the segment's output with values of this content: its sums, or else what it
// gives under every other arithmetic; and its border, if it has a window.
[[nodiscard]] Evidence evidence_of(const ir::Graph& graph, const Segment& segment,
                                   const Values& known, Evaluation evaluation);

// The node of the segment that rounds: the one with accumulators if there is one, else the last one
// that records an arithmetic. Null if none does.
[[nodiscard]] const ir::Node* rounding_node(const ir::Graph& graph, const Segment& segment);

}  // namespace sluice::exact::compare
