// SPDX-License-Identifier: Apache-2.0
// Constant folding: nodes whose results are known before running become constants.
#pragma once

#include "sluice/base/result.hpp"
#include "sluice/ir/graph.hpp"
#include "sluice/ir/infer.hpp"

namespace sluice::passes {

struct FoldConstantsOptions {
  // Results with more elements stay computed: Expand or ConstantOfShape of a small file may ask for
  // gigabytes.
  std::int64_t max_elements = std::int64_t{1} << 24;
};

// Evaluates every node all of whose inputs are constants (and Shape, known from the type alone),
// and removes it. Nodes that the evaluator does not support stay. Errors: the evaluator's, with the
// node as the place; a graph that does not verify.
[[nodiscard]] Status fold_constants(ir::Graph& graph, const ir::Evaluator& evaluate,
                                    const FoldConstantsOptions& options = {});

}  // namespace sluice::passes
