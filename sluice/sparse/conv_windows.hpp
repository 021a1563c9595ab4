// SPDX-License-Identifier: Apache-2.0
// ConvWindows: a convolution as its zeros see it. Which products there are, and what of them the
// weights decide.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "sluice/base/result.hpp"
#include "sluice/ir/graph.hpp"
#include "sluice/ir/ops/window.hpp"

namespace sluice::sparse {

struct ConvWindows {
  std::int64_t channels = 1;  // of the input
  std::int64_t filters = 1;
  std::int64_t groups = 1;
  ir::Dims spatial;           // sizes of the input
  ir::ResolvedWindow window;  // dilations, strides, pads, the output's sizes
  // Which weights are not zero: [filters][channels of a group][kernel], 1 or 0.
  std::vector<std::uint8_t> weights;
  // What is zero in the input, for all channels or for each: codes, or 0 for real numbers.
  std::vector<std::int64_t> input_zeros;

  [[nodiscard]] std::int64_t kernel_size() const;      // elements of a channel's kernel
  [[nodiscard]] std::int64_t windows() const;          // of one channel of one image
  [[nodiscard]] std::int64_t filters_a_group() const;  // how many meet each channel
  // How many windows of a channel meet a filter, over one image.
  [[nodiscard]] std::int64_t meetings() const { return windows() * filters_a_group(); }
  // The kernel that a filter of the channel's group has for it, `filter` from 0 in the group.
  [[nodiscard]] std::span<const std::uint8_t> kernel(std::int64_t channel,
                                                     std::int64_t filter) const;
  [[nodiscard]] std::int64_t input_zero(std::int64_t channel) const;
};

// Of a Conv with its types. A quantized number is zero where its code is the zero point.
// Unsupported, naming the node, where weights are not known from the file, the numbers have more
// than 32 bits, or an image with its padding has 2^31 positions or more.
[[nodiscard]] Result<ConvWindows> conv_windows(const ir::Graph& graph, const ir::Node& node);

}  // namespace sluice::sparse
