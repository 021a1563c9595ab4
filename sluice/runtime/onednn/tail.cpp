// SPDX-License-Identifier: Apache-2.0
#include "sluice/runtime/onednn/tail.hpp"

#include <algorithm>
#include <string_view>

namespace sluice::runtime::onednn {
namespace {

// Whether the first stage can be a sum into the operand's memory.
bool can_sum(const Planner& planner, ir::NodeId id, const Tail& tail) {
  const auto* binary = std::get_if<Binary>(&tail.stages.front());
  if (binary == nullptr || binary->function != BinaryFunction::Add) return false;
  const ir::ValueId other = binary->other.value;
  if (other == ir::kNoValue || binary->other.is_per_channel) return false;
  const BufferId memory = planner.placed(other).buffer;
  const bool is_input = std::ranges::any_of(planner.node(id).inputs, [&](ir::ValueId input) {
    return input != ir::kNoValue && planner.is_placed(input) &&
           planner.placed(input).buffer == memory;
  });
  const auto rest = std::span(tail.stages).subspan(1);
  return !is_input && !reads(planner, rest, memory) && planner.can_overwrite(other, tail.nodes);
}

}  // namespace

PostOps post_ops_of(const Planner& planner, ir::NodeId id, const Tail& tail) {
  PostOps result;
  if (tail.stages.empty()) return result;
  if (can_sum(planner, id, tail)) {
    result.summed = std::get_if<Binary>(&tail.stages.front())->other.value;
    result.list.append_sum(1);
    result.num_stages = 1;
  }
  for (; result.num_stages < tail.stages.size(); ++result.num_stages) {
    const auto* activation = std::get_if<Activation>(&tail.stages[result.num_stages]);
    if (activation == nullptr) break;
    result.list.append_eltwise(1, activation->algorithm, activation->alpha, activation->beta);
  }
  return result;
}

dnnl::primitive_attr attributes_of(const PostOps& post_ops) {
  dnnl::primitive_attr attributes;
  attributes.set_scratchpad_mode(dnnl::scratchpad_mode::user);
  attributes.set_post_ops(post_ops.list);
  return attributes;
}

bool is_slow(const dnnl::primitive_desc_base& descriptor) {
  return std::string_view(descriptor.impl_info_str()).find("ref") != std::string_view::npos;
}

void finish_tail(Planner& planner, ir::NodeId id, const Tail& tail, std::size_t num_done,
                 Placed to) {
  const auto rest = std::span(tail.stages).subspan(num_done);
  if (!rest.empty()) {
    if (!is_walkable(to.desc)) {
      const Placed plain = planner.add_placed(plain_desc(to.desc.dims()));
      planner.add_reorder(id, {0, to.buffer, to.desc}, {0, plain.buffer, plain.desc});
      to = plain;
    }
    add_chain(planner, id, to, to, rest);
  }
  for (const ir::NodeId node : tail.nodes) planner.absorb(node);
  planner.define(tail.result, to);
}

}  // namespace sluice::runtime::onednn
