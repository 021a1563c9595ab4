// SPDX-License-Identifier: Apache-2.0
// Ranges that leave out rare large values, found on a histogram. All of them lie within the range
// seen and contain 0.
#pragma once

#include <functional>

#include "sluice/numeric/affine.hpp"
#include "sluice/numeric/grid.hpp"
#include "sluice/quant/histogram.hpp"

namespace sluice::quant {

// At most (100 − percent) percent of the values lie above the range and as many below; ends are
// bin edges. percent in (50, 100].
[[nodiscard]] numeric::Range percentile_range(const Histogram& histogram,
                                              const numeric::Range& seen, double percent);

// The grid a range would give; is_elementwise.
using GridOfRange = std::function<numeric::Grid(const numeric::Range&)>;

// The range whose grid makes the least mean square error: the end of larger magnitude is tried at
// 1 %, 2 %, … 100 % of what was seen, then the other end with the best of those; among equals the
// widest. Values count as the middle of their bin.
[[nodiscard]] numeric::Range least_error_range(const Histogram& histogram,
                                               const numeric::Range& seen, const GridOfRange& grid);

// The clipping threshold on magnitudes whose quantised distribution diverges least
// (Kullback–Leibler) from the clipped one, as entropy calibration does: for each threshold of
// `codes` bins or more, P = the magnitudes with everything beyond added to the last bin, Q = the
// magnitudes inside gathered into `codes` levels and spread evenly over their occupied bins.
// Zeros do not count. With as many codes as bins nothing is left out.
[[nodiscard]] numeric::Range least_divergence_range(const Histogram& histogram,
                                                    const numeric::Range& seen, std::size_t codes);

}  // namespace sluice::quant
