// SPDX-License-Identifier: Apache-2.0
// What golden data say of one layer: its arrays, and how its sums become codes.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "sluice/base/result.hpp"
#include "sluice/exact/golden/manifest.hpp"
#include "sluice/exact/reference/node.hpp"
#include "sluice/ir/graph.hpp"
#include "sluice/numeric/tensor.hpp"

namespace sluice::exact::golden {

struct Collected {
  Layer layer;                   // its arrays without files
  std::vector<Tensor> contents;  // one an array
};

// Of a node of a graph whose first output is quantized, from the tensors it reads (null where
// absent) and makes. The arrays are those of its values that are quantized, and of a Conv,
// ConvTranspose, Gemm or MatMul on codes the accumulators: sums before requantization, bias
// included, int32, or int64 where one does not fit. `thresholds`: these too, one row or one a
// channel, where the output has at most 2^16 codes.
[[nodiscard]] Result<Collected> collect(const ir::Graph& graph, const reference::NodeView& node,
                                        std::span<const Tensor> outputs, bool thresholds);

// The order of an array's dimensions in a stream of pixels, channels innermost: batch, rows,
// columns, channels; of fewer than three dimensions the order they have, and so of values that lie
// channels last already, on the file's side of a Transpose.
[[nodiscard]] std::vector<std::int64_t> stream_axes(std::size_t rank);
// That of a value of a network, which may lie channels last already.
[[nodiscard]] std::vector<std::int64_t> stream_axes_of_value(const ir::Graph& graph,
                                                             ir::ValueId id);
// Of weights of `rank` dimensions and this shape: output channel, kernel row, kernel column, input
// channel; of a depthwise convolution kernel row, kernel column, channel.
[[nodiscard]] std::vector<std::int64_t> stream_axes_of_weights(const ir::Op& op,
                                                               std::span<const std::int64_t> shape);

// The window of a convolution or pooling; nothing for other nodes.
[[nodiscard]] std::optional<LayerWindow> window_of(const ir::Graph& graph, const ir::Node& node);

}  // namespace sluice::exact::golden
