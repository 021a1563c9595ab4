// SPDX-License-Identifier: Apache-2.0
// Which nodes of a network are quantised, and how their weights lie.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "sluice/base/result.hpp"
#include "sluice/ir/graph.hpp"

namespace sluice::quant {

// Whose numbers are wanted.
enum class Compat : unsigned char {
  None,         // the clean definition
  Fpgaconvnet,  // the published system's to the last bit, with the quirks that change them
};

// A weight tensor: input `input` of its node.
struct Weight {
  std::size_t input = 1;
  std::int64_t channel_axis = 0;  // output channels: what has a range of its own
  std::int64_t depth_axis = 1;    // what a product is summed over: what blocks run along
};

// Whether the value is there and of float32.
[[nodiscard]] bool is_float32(const ir::Graph& graph, ir::ValueId id);

struct Module {
  ir::NodeId node = ir::kNoNode;
  std::optional<Weight> weight;
};

// The float32 nodes whose weights, input 0 and output 0 are quantised, in graph order: Conv,
// ConvTranspose, Gemm and MatMul with a constant second operand of rank 2 or more, Relu,
// ThresholdedRelu, Clip from 0 to 6 (ReLU6), LeakyRelu, HardSwish, MaxPool, AveragePool,
// GlobalAveragePool. Biases and normalisations never are.
//
// channel_axis: Conv 0; ConvTranspose 1 (channels of a group; the groups share ranges); Gemm and
// MatMul the output features. Fpgaconvnet: ConvTranspose over three dimensions 0, its input
// channels; convolutions and poolings over one dimension are left out.
//
// Unsupported, naming the node, where a convolution's weights are not constant.
[[nodiscard]] Result<std::vector<Module>> find_modules(const ir::Graph& graph, Compat compat);

// Inputs and outputs of the modules, each once, by id: what calibration watches.
[[nodiscard]] std::vector<ir::ValueId> quantized_values(const ir::Graph& graph,
                                                        const std::vector<Module>& modules);

}  // namespace sluice::quant
