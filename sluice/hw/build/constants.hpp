// SPDX-License-Identifier: Apache-2.0
// What a network's constants say.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "sluice/ir/graph.hpp"

namespace sluice::hw {

// The content of a value known from the file, or null (also for kNoValue).
[[nodiscard]] const Tensor* constant_of(const ir::Graph& network, ir::ValueId id);
// Its integers, if it is a list of them.
[[nodiscard]] std::optional<std::vector<std::int64_t>> integers_of(const ir::Graph& network,
                                                                   ir::ValueId id);
// Its number, if it has one element or elements that are all equal.
[[nodiscard]] std::optional<double> number_of(const ir::Graph& network, ir::ValueId id);
// The largest magnitude of its numbers; 0 where the content is not known.
[[nodiscard]] double largest_of(const ir::Graph& network, ir::ValueId id);
// The same of a Conv's weights with the BatchNormalization behind it folded in.
[[nodiscard]] double largest_normalized(const ir::Graph& network, const ir::Node& conv,
                                        const ir::Node& normalization);

}  // namespace sluice::hw
