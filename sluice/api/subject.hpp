// SPDX-License-Identifier: Apache-2.0
// What diff and detect look at: a network, and the contents that two sides have for its values.
#pragma once

#include <string>
#include <vector>

#include "sluice/api/diff.hpp"
#include "sluice/api/dump.hpp"
#include "sluice/base/result.hpp"
#include "sluice/exact/compare/segment.hpp"
#include "sluice/ir/graph.hpp"

namespace sluice::api {

// Whether a path is that of a model, and not of a folder or an archive of arrays.
[[nodiscard]] bool is_model(const std::filesystem::path& path);

struct Subject {
  ir::Graph graph;
  exact::compare::Values a;
  exact::compare::Values b;
  std::vector<std::string> notes;
};

// The model `options.a` and the dump `options.b`: the network's inputs are the dump's or the files
// given; `a` is empty, or with `runs` what the model makes of the values that the dump has.
[[nodiscard]] Result<Subject> open_model_and_dump(const DiffOptions& options, bool runs);

// The dumps `options.a` and `options.b` of the network `options.model`. If A is golden data, each
// node rounds as these say.
[[nodiscard]] Result<Subject> open_two_dumps(const DiffOptions& options);

// The layer that a segment is: the name of its last node, and the operators that compute.
[[nodiscard]] std::string layer_of(const ir::Graph& graph, const exact::compare::Segment& segment);
[[nodiscard]] std::string op_of(const ir::Graph& graph, const exact::compare::Segment& segment);

}  // namespace sluice::api
