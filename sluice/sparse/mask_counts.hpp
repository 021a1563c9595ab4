// SPDX-License-Identifier: Apache-2.0
// Masks of a window: bit i is set where the number at its place i is not zero.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace sluice::sparse {

// How often each mask of n bits came: 2^n counts.
using MaskCounts = std::vector<std::uint64_t>;

// The masks of the products when each window meets each kernel: result[m] is the sum of
// windows[a]·kernels[b] over all a & b = m. Both have 2^n counts. Sums over the supersets of a mask
// multiply where masks are intersected, so n·2^n additions do it, whatever the counts are.
[[nodiscard]] MaskCounts intersect(MaskCounts windows, MaskCounts kernels);

// result[z]: how many of the masks have z of their n bits clear, 0 ≤ z ≤ n.
[[nodiscard]] std::vector<std::uint64_t> count_zeros(std::span<const std::uint64_t> masks);

}  // namespace sluice::sparse
