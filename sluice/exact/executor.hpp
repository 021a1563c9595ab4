// SPDX-License-Identifier: Apache-2.0
// Running quantized networks in integers, equal to the reference runtimes to the last bit.
#pragma once

#include <memory>
#include <optional>

#include "sluice/base/result.hpp"
#include "sluice/ir/graph.hpp"
#include "sluice/numeric/requantize.hpp"
#include "sluice/runtime/executor.hpp"

namespace sluice::exact {

struct Options {
  // In place of what the nodes of the graph record.
  std::optional<numeric::Arithmetic> arithmetic;
};

// The plain one, the definition: every quantized value is held as its codes. Nodes without
// quantized values run in float32, as runtime's reference kernels define them. Verify if the graph
// breaks an invariant.
[[nodiscard]] Result<std::unique_ptr<runtime::Executor>> make_reference_executor(
    ir::Graph graph, const Options& options = {});

// The fast one: plans once, then runs 8-bit layers by vector kernels, without allocating for them;
// what has no such kernel runs as in the plain one. Equal to it in every bit, on any number of
// threads and any instruction set.
[[nodiscard]] Result<std::unique_ptr<runtime::Executor>> make_fast_executor(
    ir::Graph graph, const Options& options = {});

}  // namespace sluice::exact
