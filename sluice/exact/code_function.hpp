// SPDX-License-Identifier: Apache-2.0
// What a network makes of single codes: functions of one tensor as tables, by their definition.
#pragma once

#include <cstdint>
#include <vector>

#include "sluice/base/result.hpp"
#include "sluice/ir/graph.hpp"

namespace sluice::exact {

// The code of `to` for each of these codes of `from`, where what is between them goes element by
// element: operators of one operand, or of two with a number for the other, or with both from
// `from`. Computed by the reference executor. Unsupported, naming the node, where other tensors or
// several numbers come in, or a tensor between is not quantized.
[[nodiscard]] Result<std::vector<std::int64_t>> code_function(
    const ir::Graph& network, ir::ValueId from, ir::ValueId to,
    const std::vector<std::int64_t>& codes);

}  // namespace sluice::exact
