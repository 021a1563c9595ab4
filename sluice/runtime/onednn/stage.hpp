// SPDX-License-Identifier: Apache-2.0
// Stage: an element-wise function of one running tensor, as part of a chain. Chains hang on the
// operator that makes the tensor: as oneDNN post-ops, or in one pass over it while it is in cache.
#pragma once

#include <optional>
#include <variant>
#include <vector>

#include "sluice/numeric/grid.hpp"
#include "sluice/runtime/onednn/planner.hpp"

namespace sluice::runtime::onednn {

// y = f(x), with the meaning oneDNN gives the algorithm and its two constants.
struct Activation {
  dnnl::algorithm algorithm = dnnl::algorithm::eltwise_linear;
  float alpha = 0;
  float beta = 0;
};

enum class BinaryFunction : unsigned char {
  Add,
  Subtract,      // x − other
  SubtractFrom,  // other − x
  Multiply,
  Divide,      // x / other
  DivideInto,  // other / x
  Maximum,
  Minimum,
  PRelu,      // x ≥ 0 ? x : other·x
  Threshold,  // x ≤ other ? 0 : x
};

// The other operand of a binary stage.
struct Operand {
  ir::ValueId value = ir::kNoValue;  // of x's shape, or [N, C, 1…] beside x [N, C, …]
  bool is_per_channel = false;       // value is the latter
  std::vector<float> constants;      // without value: one for all, or one a channel
};

struct Binary {
  BinaryFunction function = BinaryFunction::Add;
  Operand other;
};

// AffineGrid with one scale or one a channel (axis 1), or FixedGrid.
struct Snapping {
  numeric::Grid grid;
};

using Stage = std::variant<Activation, Binary, Snapping>;

// What the node does to its input `x`, if that is a chain of stages: element-wise on float32, every
// other operand known by now.
[[nodiscard]] std::optional<std::vector<Stage>> stages_of(const Planner& planner, ir::NodeId node,
                                                          ir::ValueId x);

// Whether an operand of the stages lies in the buffer, which then must keep its content.
[[nodiscard]] bool reads(const Planner& planner, std::span<const Stage> stages, BufferId buffer);

// The element-wise nodes that alone read the value, one after the other, which can become part of
// the step that makes it.
struct Tail {
  std::vector<Stage> stages;
  std::vector<ir::NodeId> nodes;
  ir::ValueId result = ir::kNoValue;  // after the last stage
};
[[nodiscard]] Tail tail_of(const Planner& planner, ir::ValueId value);

}  // namespace sluice::runtime::onednn
