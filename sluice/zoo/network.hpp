// SPDX-License-Identifier: Apache-2.0
// A network of the zoo: a graph whose weights have the names training knows them by.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "sluice/ir/graph.hpp"

namespace sluice::zoo {

enum class ParameterKind : unsigned char {
  Weight,           // of a convolution or of the classifier
  Bias,             // of the classifier
  Scale,            // batch normalisation's
  Offset,           // batch normalisation's
  RunningMean,      // measured in training, not learnt
  RunningVariance,  // the same
  Clip,             // where an activation is cut off, a scalar
  Frozen,           // neither learnt nor measured: the taps of a shift
};

[[nodiscard]] constexpr bool is_trainable(ParameterKind kind) {
  return kind != ParameterKind::RunningMean && kind != ParameterKind::RunningVariance &&
         kind != ParameterKind::Frozen;
}

// A constant of the graph that a state dict holds, under the name it has there.
struct Parameter {
  std::string name;
  ir::ValueId value = ir::kNoValue;
  ParameterKind kind = ParameterKind::Weight;
  std::int64_t macs = 0;  // multiply-accumulates one image takes with it
};

// range·clip(x, 0, scale)/scale: `gain` is range/scale, and follows the scale.
struct ScaledClip {
  ir::ValueId scale = ir::kNoValue;
  ir::ValueId gain = ir::kNoValue;
  float range = 1;
};

// Other names for the same parameters: pairs of theirs and ours. Names that are the same in both
// are left out.
struct NameMap {
  std::string name;  // "torchvision"
  std::vector<std::pair<std::string, std::string>> names;
};

struct Network {
  ir::Graph graph;  // float32, without types; the batch is open
  std::vector<Parameter> parameters;
  std::vector<ScaledClip> clips;
  std::vector<NameMap> other_names;
  std::int64_t classes = 0;
  std::int64_t input_size = 0;  // pixels along each side
};

}  // namespace sluice::zoo
