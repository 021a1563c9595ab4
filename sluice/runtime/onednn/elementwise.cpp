// SPDX-License-Identifier: Apache-2.0
// Element-wise operators that no other step takes along: chains of their own.
#include <algorithm>
#include <cstring>

#include "sluice/numeric/snap_simd.hpp"
#include "sluice/runtime/onednn/chain.hpp"
#include "sluice/runtime/onednn/ops.hpp"

namespace sluice::runtime::onednn {
namespace {

// The input the chain runs along, and what the node does to it.
struct Root {
  ir::ValueId x = ir::kNoValue;
  std::vector<Stage> stages;
};

std::optional<Root> root_of(const Planner& planner, ir::NodeId id) {
  for (const ir::ValueId x : planner.node(id).inputs) {
    if (x == ir::kNoValue || !is_describable(planner.shape(x))) continue;
    if (auto stages = stages_of(planner, id, x)) return Root{x, std::move(*stages)};
  }
  return std::nullopt;
}

}  // namespace

Result<bool> plan_elementwise(Planner& planner, ir::NodeId id) {
  auto root = root_of(planner, id);
  if (!root) return false;
  const Tail tail = tail_of(planner, planner.node(id).outputs[0]);
  std::ranges::copy(tail.stages, std::back_inserter(root->stages));
  std::vector<ir::NodeId> nodes = tail.nodes;
  nodes.push_back(id);

  Placed from = planner.placed(root->x);
  if (!is_walkable(from.desc)) from = planner.as_plain(root->x);
  const bool in_place = from.buffer == planner.placed(root->x).buffer &&
                        planner.can_overwrite(root->x, nodes) &&
                        !reads(planner, root->stages, from.buffer);
  const Placed to = in_place ? from : planner.add_placed(from.desc);
  add_chain(planner, id, from, to, root->stages);
  std::ranges::for_each(tail.nodes, [&](ir::NodeId node) { planner.absorb(node); });
  planner.define(tail.result, to);
  return true;
}

#define SL_ELEMENTWISE(Name)                                                   \
  Result<bool> plan(const ir::Name& /*op*/, Planner& planner, ir::NodeId id) { \
    return plan_elementwise(planner, id);                                      \
  }
SL_ELEMENTWISE(Abs)
SL_ELEMENTWISE(Add)
SL_ELEMENTWISE(BatchNormalization)
SL_ELEMENTWISE(Clip)
SL_ELEMENTWISE(Div)
SL_ELEMENTWISE(Elu)
SL_ELEMENTWISE(Exp)
SL_ELEMENTWISE(Gelu)
SL_ELEMENTWISE(HardSigmoid)
SL_ELEMENTWISE(HardSwish)
SL_ELEMENTWISE(LeakyRelu)
SL_ELEMENTWISE(Log)
SL_ELEMENTWISE(Max)
SL_ELEMENTWISE(Min)
SL_ELEMENTWISE(Mish)
SL_ELEMENTWISE(Mul)
SL_ELEMENTWISE(Neg)
SL_ELEMENTWISE(PRelu)
SL_ELEMENTWISE(Relu)
SL_ELEMENTWISE(Selu)
SL_ELEMENTWISE(Sigmoid)
SL_ELEMENTWISE(Softplus)
SL_ELEMENTWISE(Sqrt)
SL_ELEMENTWISE(Sub)
SL_ELEMENTWISE(Tanh)
SL_ELEMENTWISE(ThresholdedRelu)
#undef SL_ELEMENTWISE

namespace {

// A whole tensor to be snapped as it lies, with the shape and the grid that say so row-major.
struct Snapped {
  Placed from;
  Shape shape;
  numeric::Grid grid;
};

// Blocks that look at all channels of a position, or at all of an image, do not care where the
// channels are; with channels last, what is summed over even lies side by side.
std::optional<Snapped> channels_last(const numeric::Grid& grid, const Placed& placed,
                                     const Shape& shape) {
  const auto* block = std::get_if<numeric::BlockGrid>(&grid);
  if (block == nullptr || block->axis != 1 || block->block == numeric::BlockShape::Channel ||
      shape.size() < 3 || !is_channels_last(placed.desc)) {
    return std::nullopt;
  }
  numeric::BlockGrid moved = *block;
  moved.axis = static_cast<std::int64_t>(shape.size()) - 1;
  Shape order = shape;
  std::rotate(order.begin() + 1, order.begin() + 2, order.end());
  return Snapped{placed, std::move(order), moved};
}

}  // namespace

// Grids that look at more than one element: the whole tensor.
Result<bool> plan(const ir::Snap& op, Planner& planner, ir::NodeId id) {
  SL_TRY(const bool done, plan_elementwise(planner, id));
  if (done) return true;
  const ir::ValueId x = planner.input(id, 0);
  const Shape& shape = planner.shape(x);
  if (!is_describable(shape)) return false;
  auto snapped = channels_last(op.grid, planner.placed(x), shape);
  if (!snapped) snapped = Snapped{planner.as_plain(x), shape, op.grid};
  const BufferId from = snapped->from.buffer;
  const Placed to = planner.add_placed(snapped->from.desc);
  const auto size = static_cast<std::size_t>(num_elements(shape));
  planner.add_call(id, {from, to.buffer},
                   [grid = std::move(snapped->grid), order = std::move(snapped->shape), from,
                    to = to.buffer, size](Addresses at) -> Status {
                     const auto* in =
                         reinterpret_cast<const float*>(at[static_cast<std::size_t>(from)]);
                     auto* out = reinterpret_cast<float*>(at[static_cast<std::size_t>(to)]);
                     numeric::snap_simd(grid, order, {in, size}, {out, size});
                     return {};
                   });
  planner.define(planner.node(id).outputs[0], to);
  return true;
}

}  // namespace sluice::runtime::onednn
