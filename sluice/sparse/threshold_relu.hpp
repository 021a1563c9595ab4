// SPDX-License-Identifier: Apache-2.0
// Threshold ReLU: rectifiers that also cut off what is positive but small, y = x where x > t, else
// 0. More zeros, and less accuracy.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "sluice/base/result.hpp"
#include "sluice/ir/graph.hpp"
#include "sluice/sparse/per_layer.hpp"

namespace sluice::sparse {

// What becomes of the upper limit of a ReLU6.
enum class Cap : unsigned char {
  Keep,  // a Clip behind the threshold
  Drop,  // lost, as in the published system
};

struct ThresholdedLayer {
  std::string name;
  float threshold = 0;
  friend bool operator==(const ThresholdedLayer&, const ThresholdedLayer&) = default;
};

// Every float32 Relu, Clip from 0 and ThresholdedRelu from 0 or more becomes ThresholdedRelu with
// its threshold; where `all` is not given, only those that have a setting of their own. A Clip with
// an upper limit stays, keeps its name and reads the new node, unless the cap is dropped. What was
// changed, in graph order.
//
// The network must have its types. InvalidArgument for a threshold that is negative or not finite,
// a name that no rectifier has, and a quantized network; the network is then as it was.
[[nodiscard]] Result<std::vector<ThresholdedLayer>> threshold_relus(
    ir::Graph& graph, const PerLayer<std::optional<float>>& thresholds, Cap cap = Cap::Keep);

}  // namespace sluice::sparse
