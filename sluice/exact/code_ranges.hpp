// SPDX-License-Identifier: Apache-2.0
// Which codes the values of a network can have, whatever its input.
#pragma once

#include <optional>
#include <vector>

#include "sluice/base/result.hpp"
#include "sluice/ir/graph.hpp"
#include "sluice/numeric/requantize.hpp"
#include "sluice/numeric/rounding.hpp"

namespace sluice::exact {

// What a Relu, or a Clip whose bounds are constants, makes of a range of codes, which it does not
// turn round. Unsupported for other nodes, and where input or output is not quantized per tensor.
[[nodiscard]] Result<numeric::CodeRange> clamped(const ir::Graph& graph, const ir::Node& node,
                                                 numeric::CodeRange codes,
                                                 std::optional<numeric::Arithmetic> instead = {});

// For each value: of quantized ones all codes of their type, or fewer where a clamp is before them
// and only nodes that move or pick codes between; of constants and other values nothing is known
// but their type's.
[[nodiscard]] std::vector<numeric::CodeRange> code_ranges(
    const ir::Graph& graph, std::optional<numeric::Arithmetic> instead = {});

}  // namespace sluice::exact
