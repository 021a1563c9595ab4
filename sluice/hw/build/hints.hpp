// SPDX-License-Identifier: Apache-2.0
// NodeHints: what a model's file says of how a node becomes hardware, in the attributes that
// fpgaConvNet's tools write.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "sluice/base/result.hpp"
#include "sluice/ir/hardware_attributes.hpp"

namespace sluice::hw {

struct NodeHints {
  std::optional<std::int64_t> data_bits, weight_bits, acc_bits;
  bool block_floating_point = false;
  // One an input tensor, weights among them; one an output; empty: 1.
  std::vector<double> input_compression, output_compression;
  double weight_compression = 1;
  // For each channel the shares of windows with 0, 1, … zeros; empty: none.
  std::vector<double> channel_sparsity;
};

// From attributes by their names, `data_width`, `weight_width`, `acc_width`,
// `block_floating_point`, `input_compression_ratio`, `output_compression_ratio`,
// `weight_compression_ratio` and `channel_sparsity_hist`. InvalidArgument for others and for
// numbers that cannot be: widths beyond 1 to 128 bits, ratios that are not positive, shares
// beyond 1.
[[nodiscard]] Result<NodeHints> hints_from(const ir::NodeHardware& attributes);

}  // namespace sluice::hw
