// SPDX-License-Identifier: Apache-2.0
// How the accumulators of layers that multiply and add become codes.
#pragma once

#include <cstdint>
#include <vector>

#include "sluice/exact/reference/node.hpp"

namespace sluice::exact::reference {

// Of a Conv, ConvTranspose, Gemm or MatMul: one, or one an output channel where the weights have a
// scale for each. Unsupported where a scale is missing, or there are several along another
// dimension.
[[nodiscard]] Result<std::vector<numeric::Requantizer>> requantizers(const NodeView& node);

// Its accumulators before they are requantized, bias included: exact, however wide, in the output's
// order. Unsupported where an input is not quantized.
[[nodiscard]] Result<std::vector<std::int64_t>> accumulators_of(const NodeView& node);

// Whether a node is one of these.
[[nodiscard]] inline bool has_accumulators(const ir::Op& op) {
  return ir::is<ir::Conv>(op) || ir::is<ir::ConvTranspose>(op) || ir::is<ir::Gemm>(op) ||
         ir::is<ir::MatMul>(op);
}

// The dimension of the output along which its requantizers go.
[[nodiscard]] std::size_t requantizer_axis(const NodeView& node);

}  // namespace sluice::exact::reference
