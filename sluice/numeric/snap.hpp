// SPDX-License-Identifier: Apache-2.0
// snap: every value of a tensor replaced by its grid's. Plain loops, the definition;
// numeric/snap_simd.hpp is the fast equal.
#pragma once

#include <cstdint>
#include <span>

#include "sluice/numeric/grid.hpp"

namespace sluice::numeric {

// `in` and `out` are row-major of `shape`, which the grid fits (check_grid); they may be the same
// memory. NaN becomes the default quiet NaN and takes no part in a block's exponent; an infinity
// behaves as a value far too large.
void snap(const Grid& grid, std::span<const std::int64_t> shape, std::span<const float> in,
          std::span<float> out);

}  // namespace sluice::numeric
