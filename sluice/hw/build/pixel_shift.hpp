// SPDX-License-Identifier: Apache-2.0
// Convolutions that only move pixels, channel by channel: shift networks have them.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "sluice/ir/graph.hpp"

namespace sluice::hw {

// For each channel the word of a 3 x 3 window around a pixel that the output has there, row by row,
// 4 in the middle. Nothing unless the node is a Conv of each channel by itself whose kernels are
// constants with one weight each, and every number, or every code, stays what it is.
[[nodiscard]] std::optional<std::vector<std::int64_t>> shift_taps(const ir::Graph& network,
                                                                  const ir::Node& node);

}  // namespace sluice::hw
