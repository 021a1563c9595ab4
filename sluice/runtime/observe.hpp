// SPDX-License-Identifier: Apache-2.0
// Values inside a network, each put together from the pieces an executor reports.
#pragma once

#include <map>
#include <span>
#include <vector>

#include "sluice/base/result.hpp"
#include "sluice/ir/graph.hpp"
#include "sluice/runtime/executor.hpp"

namespace sluice::runtime {

// The values asked for of one forward pass. `graph` is the executor's; inputs and constants of it
// may be asked for too.
[[nodiscard]] Result<std::map<ir::ValueId, Tensor>> observe(Executor& executor,
                                                            const ir::Graph& graph,
                                                            std::span<const Tensor> inputs,
                                                            std::span<const ir::ValueId> values);

}  // namespace sluice::runtime
