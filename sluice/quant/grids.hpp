// SPDX-License-Identifier: Apache-2.0
// From a number format to the grids of one tensor.
#pragma once

#include <span>
#include <vector>

#include "sluice/base/result.hpp"
#include "sluice/numeric/affine.hpp"
#include "sluice/numeric/format.hpp"
#include "sluice/numeric/grid.hpp"
#include "sluice/numeric/tensor.hpp"
#include "sluice/quant/modules.hpp"

namespace sluice::quant {

// Activations have their channels along dimension 1. With a rank below 2 the tensor is one channel.
inline constexpr std::size_t kChannelAxis = 1;

// How many ranges calibration keeps for a value of this shape: one, or one a channel where the
// format shares no further.
[[nodiscard]] std::size_t num_ranges(const numeric::Format& format,
                                     std::span<const std::int64_t> shape);

// The grid of an activation; `ranges` as many as num_ranges says, none for formats that need no
// calibration. InvalidArgument where a range is not finite. The format is not float32.
[[nodiscard]] Result<numeric::Grid> activation_grid(const numeric::Format& format,
                                                    std::span<const numeric::Range> ranges,
                                                    std::span<const std::int64_t> shape);

// The smallest and largest value of a float32 tensor, or of each slice along `axis`; a slice
// without elements has {0, 0}. A NaN among them makes min NaN.
[[nodiscard]] numeric::Range range_of(const Tensor& tensor);
[[nodiscard]] std::vector<numeric::Range> ranges_along(const Tensor& tensor, std::int64_t axis);

// The grid of a weight tensor, from its own values; `network` is the range that the format's
// Sharing::Network asks for. Weight ranges need not contain 0.
[[nodiscard]] Result<numeric::Grid> weight_grid(const numeric::Format& format,
                                                const Tensor& weights, const Weight& weight,
                                                const numeric::Range& network);

}  // namespace sluice::quant
