// SPDX-License-Identifier: Apache-2.0
// How wide the accumulators of a layer must be.
#pragma once

#include <cstdint>
#include <optional>

#include "sluice/base/result.hpp"
#include "sluice/ir/graph.hpp"
#include "sluice/numeric/requantize.hpp"
#include "sluice/numeric/rounding.hpp"

namespace sluice::exact {

struct SumRange {
  std::int64_t lowest = 0;
  std::int64_t highest = 0;
};

// Bits of the narrowest two's complement that holds all of a range.
[[nodiscard]] int bits_of(SumRange range) noexcept;

// Of a Conv, ConvTranspose, Gemm or MatMul with constant weights whose input has these codes: what
// every partial sum lies in, in whichever order products and bias are added, and 0. Over all output
// channels, with x in [lowest, highest] − z_x:
//   lowest = min_m (Σ_k min(w_mk·x) + min(b_m, 0)), highest = max_m (Σ_k max(w_mk·x) + max(b_m, 0))
// where k goes over the weights that meet in one output: all of the channel, or of a transposed
// convolution those of one position within the stride. In an arithmetic that shifts, a bias counts
// in the unit of the sums. Unsupported where weights or bias are not known from the file, an input
// is not quantized, or the first has a scale for each channel.
[[nodiscard]] Result<SumRange> proven_range(const ir::Graph& graph, const ir::Node& node,
                                            numeric::CodeRange input,
                                            std::optional<numeric::Arithmetic> instead = {});

}  // namespace sluice::exact
