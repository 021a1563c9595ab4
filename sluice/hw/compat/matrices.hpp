// SPDX-License-Identifier: Apache-2.0
// A graph as fpgaConvNet's model has it in matrices: a row an edge, a column a node.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "sluice/hw/graph.hpp"

namespace sluice::hw::compat {

// None: the world outside.
struct MatrixEdge {
  std::optional<NodeId> from, to;
};

// Rows are the edges from outside, those between nodes in the nodes' order, successors by name,
// and those to the outside. Columns are "input", the nodes, and "output". Nodes in between have +
// what they give and − what they take, at their first ports.
class Matrices {
 public:
  using Matrix = std::vector<std::vector<double>>;

  explicit Matrices(const Graph& graph);

  [[nodiscard]] const std::vector<MatrixEdge>& edges() const { return edges_; }
  [[nodiscard]] std::vector<std::string> column_names() const;

  [[nodiscard]] Matrix connections() const;
  [[nodiscard]] Matrix streams() const;
  [[nodiscard]] Matrix rates() const;     // words a clock and stream
  [[nodiscard]] Matrix workload() const;  // words
  // Cycles for the words at their rates, without sign; 0 where there is no stream.
  [[nodiscard]] Matrix interval() const;
  [[nodiscard]] double interval_cycles() const;  // the largest
  // The rates at which all words take the largest interval.
  [[nodiscard]] Matrix balanced_rates() const;

 private:
  // What each node takes and gives.
  struct Ends {
    std::vector<double> in, out;
  };
  template <class In, class Out>
  Ends ends(In in, Out out) const;
  [[nodiscard]] Matrix filled(const Ends& with) const;

  const Graph* graph_;
  std::vector<MatrixEdge> edges_;
  Ends connections_, streams_, rates_, workload_;
};

}  // namespace sluice::hw::compat
