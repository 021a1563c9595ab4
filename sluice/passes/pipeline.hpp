// SPDX-License-Identifier: Apache-2.0
// The passes by name, and the order an imported network is taken through them.
#pragma once

#include <functional>
#include <span>
#include <string_view>

#include "sluice/base/result.hpp"
#include "sluice/ir/graph.hpp"
#include "sluice/ir/infer.hpp"

namespace sluice::passes {

struct Pass {
  std::string_view name;  // as --dump-after takes it
  Status (*run)(ir::Graph& graph, const ir::Evaluator& evaluate);
};

// What keeps every value's bits: for emulation, whose tables are defined on the network as it is. A
// network in the QDQ form becomes one on codes.
[[nodiscard]] std::span<const Pass> clean_up_passes();
// clean_up_passes, then batch-norm folding, which changes values within rounding: for float32
// speed.
[[nodiscard]] std::span<const Pass> inference_passes();

// Runs the passes in order; `after` (optional) is called with each pass's name and its result.
using AfterPass = std::function<Status(std::string_view name, const ir::Graph& graph)>;
[[nodiscard]] Status run_passes(ir::Graph& graph, std::span<const Pass> passes,
                                const ir::Evaluator& evaluate, const AfterPass& after = {});

}  // namespace sluice::passes
