// SPDX-License-Identifier: Apache-2.0
// A primitive and its tail: what oneDNN does on the way out as post-ops, the rest in a pass over
// the result while it is in cache.
#pragma once

#include "sluice/runtime/onednn/chain.hpp"

namespace sluice::runtime::onednn {

// The first stages of a tail as post-ops: a residual sum into memory nobody else needs,
// activations.
struct PostOps {
  dnnl::post_ops list;
  std::size_t num_stages = 0;
  ir::ValueId summed = ir::kNoValue;  // what lies in the destination beforehand
};

// `id`: the node being planned; the memory of its inputs is not summed into.
[[nodiscard]] PostOps post_ops_of(const Planner& planner, ir::NodeId id, const Tail& tail);

[[nodiscard]] dnnl::primitive_attr attributes_of(const PostOps& post_ops);

// Whether the implementation is oneDNN's slow one for unusual cases.
[[nodiscard]] bool is_slow(const dnnl::primitive_desc_base& descriptor);

// After the primitive: the rest of the tail on `to`, and the tail's nodes done.
void finish_tail(Planner& planner, ir::NodeId id, const Tail& tail, std::size_t num_done,
                 Placed to);

// Plans a primitive with its tail. describe(attributes) makes the descriptor, arguments(descriptor)
// lists all but the destination. The node has one output.
template <class Primitive, class Describe, class Arguments>
void plan_with_tail(Planner& planner, ir::NodeId id, const Describe& describe,
                    const Arguments& arguments) {
  const Tail tail = tail_of(planner, planner.node(id).outputs[0]);
  PostOps post_ops = post_ops_of(planner, id, tail);
  auto descriptor = describe(attributes_of(post_ops));
  if (post_ops.num_stages > 0 && is_slow(descriptor)) {
    post_ops = {};
    descriptor = describe(attributes_of(post_ops));
  }
  std::vector<Argument> list = arguments(descriptor);
  const Desc result = descriptor.dst_desc();
  const Placed to = post_ops.summed == ir::kNoValue ? planner.add_placed(result)
                                                    : planner.as(post_ops.summed, result);
  list.push_back({DNNL_ARG_DST, to.buffer, to.desc});
  planner.add_primitive(id, descriptor, Primitive(descriptor), std::move(list));
  finish_tail(planner, id, tail, post_ops.num_stages, to);
}

}  // namespace sluice::runtime::onednn
