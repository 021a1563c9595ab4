// SPDX-License-Identifier: Apache-2.0
// Convolutions that only move pixels: how networks of shifts are written in ONNX, which has no
// operator for it. A network keeps them as convolutions, that every runtime takes; what has
// something better for a shift asks here.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "sluice/ir/graph.hpp"

namespace sluice::ir {

// y[c][row][col] = x[c][row + t/3 − 1][col + t%3 − 1] with t = taps[c % taps.size()], 0 outside of
// x: tap 4 stays, 1 reads from above, 3 from the left, 5 from the right, 7 from below.
struct PixelShift {
  std::vector<std::int64_t> taps;  // the shortest list that repeats
  friend bool operator==(const PixelShift&, const PixelShift&) = default;
};

// What a node moves, if it is a Conv of each channel by itself that does nothing else: constant
// kernels of one 1 each, by at most a pixel, step 1, a map of the input's size, no bias but 0. On
// codes, where it gives every code of its input again as its arithmetic rounds; on mixtures of
// codes and reals never. Types must be inferred.
[[nodiscard]] std::optional<PixelShift> pixel_shift_of(const Graph& graph, const Node& node);

// The same of kernels alone, whatever the codes of input and output: what float32 moves, and what
// quantizing may leave a shift.
[[nodiscard]] std::optional<PixelShift> real_pixel_shift_of(const Graph& graph, const Node& node);

}  // namespace sluice::ir
