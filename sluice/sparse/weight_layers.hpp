// SPDX-License-Identifier: Apache-2.0
// Which weights of a network may be changed, and how they lie.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "sluice/base/result.hpp"
#include "sluice/ir/graph.hpp"

namespace sluice::sparse {

// A weight tensor and the nodes that multiply with it.
struct WeightLayer {
  ir::ValueId weights = ir::kNoValue;
  std::vector<ir::NodeId> nodes;   // in graph order
  std::size_t input_axis = 1;      // along which lie the input channels a sum goes over
  std::int64_t group_inputs = 0;   // of them, how many belong to one group
  bool has_one_input_axis = true;  // its nodes agree about both
};

// A layer whose weights must stay as they are.
struct LeftAlone {
  std::string name;
  std::string op;
  std::string reason;
  friend bool operator==(const LeftAlone&, const LeftAlone&) = default;
};

struct WeightLayers {
  std::vector<WeightLayer> layers;    // in graph order of their first nodes
  std::vector<LeftAlone> left_alone;  // in graph order
};

// The constant that a value is, be it through Identity; else kNoValue. `producers`: the graph's.
[[nodiscard]] ir::ValueId stored_constant(const ir::Graph& graph,
                                          std::span<const ir::NodeId> producers, ir::ValueId id);

// InvalidArgument for a quantized network, on codes or with QuantizeLinear and DequantizeLinear.
[[nodiscard]] Status refuse_quantized(const ir::Graph& graph);

// Of a network with types: the float32 weights of Conv, ConvTranspose, Gemm and MatMul (second
// operands of rank 2 or more) that are stored constants. Left alone are layers whose weights are
// computed, of another type, or read by other nodes too. InvalidArgument as refuse_quantized.
[[nodiscard]] Result<WeightLayers> find_weight_layers(const ir::Graph& graph);

}  // namespace sluice::sparse
