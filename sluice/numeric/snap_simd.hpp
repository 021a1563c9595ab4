// SPDX-License-Identifier: Apache-2.0
// snap by SIMD: bit-equal to numeric/snap.hpp on every input, on every instruction set. Grids must
// fit the shape (check_grid).
#pragma once

#include <cstdint>
#include <span>

#include "sluice/numeric/grid.hpp"

namespace sluice::numeric {

// The whole tensor, on all threads. `in` and `out` may be the same memory.
void snap_simd(const Grid& grid, std::span<const std::int64_t> shape, std::span<const float> in,
               std::span<float> out);
inline void snap_inplace(const Grid& grid, std::span<const std::int64_t> shape,
                         std::span<float> values) {
  snap_simd(grid, shape, values, values);
}

// Parts of a tensor in any layout, on the calling thread: for executors that snap a tile while it
// is in cache.

// Any elements; the grid is_elementwise.
void snap_elements(const Grid& grid, std::span<float> values) noexcept;
// Elements of one channel; index 0 where the grid has one scale.
void snap_channel(const AffineGrid& grid, std::int64_t channel, std::span<float> values) noexcept;
// Channels innermost: element i belongs to channel i mod scale.size(), which divides the number of
// values. Scale 1 and zero point 0 keep a padded channel's zeros.
void snap_channels_last(int bits, std::span<const float> scale, std::span<const float> zero_point,
                        std::span<float> values) noexcept;

}  // namespace sluice::numeric
