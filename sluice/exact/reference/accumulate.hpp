// SPDX-License-Identifier: Apache-2.0
// The sums of layers that multiply and add, in integers, as hardware adds them up one by one.
#pragma once

#include <cstdint>
#include <vector>

#include "sluice/exact/reference/node.hpp"

namespace sluice::exact::reference {

// Of a Conv, ConvTranspose, Gemm or MatMul whose inputs are codes: in the shape of its output
//   sum = bias; for each kernel element, row-major: for each input channel: sum += x·w
// with x and w counted from their zero points, each addition in the node's accumulator. Without one
// the sums are exact; Unsupported where one, or a product, leaves 64 bits.
// Where the arithmetic shifts, inputs with scales of their own count in the smallest of these, s_x;
// the unit of channel m is s_x·s_w[m], and a bias, whose scale is a multiple of that, is brought to
// it. In the others a bias counts in that unit whatever its scale. `channel_axis`: the dimension of
// the output that counts the channels, along which s_w goes.
[[nodiscard]] Result<std::vector<std::int64_t>> accumulate(const NodeView& node,
                                                           std::size_t channel_axis);

// The bias of a layer in an arithmetic that shifts, an element a channel, each in its channel's
// unit.
[[nodiscard]] Result<std::vector<std::int64_t>> channel_biases(const NodeView& node,
                                                               const Tensor& bias);

}  // namespace sluice::exact::reference
