// SPDX-License-Identifier: Apache-2.0
// How the accumulators of layers that multiply and add become codes.
#pragma once

#include <cstdint>
#include <vector>

#include "sluice/exact/reference/node.hpp"

namespace sluice::exact::reference {

// Of a Conv, ConvTranspose, Gemm or MatMul: one, or one an output channel where the weights (in an
// arithmetic that shifts: or the output) have a scale for each. Unsupported where a scale is
// missing, or there are several along another dimension.
[[nodiscard]] Result<std::vector<numeric::Requantizer>> requantizers(const NodeView& node);

// Whether it is one of those operators and each tensor it reads is codes, scaled such that their
// integer sums are the real ones but for a factor.
[[nodiscard]] bool is_integer_layer(const NodeView& node);

// The accumulators of such a layer before they are requantized, bias included, in the output's
// order: what the node's own accumulator holds, exact where it has none. Unsupported where an input
// is not quantized.
[[nodiscard]] Result<std::vector<std::int64_t>> accumulators_of(const NodeView& node);

// The dimension of the output along which its requantizers go.
[[nodiscard]] std::size_t requantizer_axis(const NodeView& node);

}  // namespace sluice::exact::reference
