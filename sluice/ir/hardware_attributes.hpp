// SPDX-License-Identifier: Apache-2.0
// HardwareAttributes: what a model's file says of how nodes are to become hardware. Nothing of it
// changes what a node computes.
#pragma once

#include <map>
#include <string>
#include <vector>

namespace sluice::ir {

// Numbers by the attribute's name. The names are those of fpgaConvNet's tools: data_width,
// weight_width, acc_width, block_floating_point, input_compression_ratio,
// output_compression_ratio, weight_compression_ratio, channel_sparsity_hist.
using NodeHardware = std::map<std::string, std::vector<double>>;

// By the node's name.
using HardwareAttributes = std::map<std::string, NodeHardware>;

}  // namespace sluice::ir
