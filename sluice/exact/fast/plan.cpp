// SPDX-License-Identifier: Apache-2.0
#include "sluice/exact/fast/plan.hpp"

#include "sluice/runtime/arena.hpp"

namespace sluice::exact::fast {

Workspace::Workspace(const Plan& plan)
    : plan_(&plan), memory_(runtime::allocate_arena(plan.workspace_bytes)) {
  addresses_.reserve(plan.buffers.size());
  for (const Buffer& buffer : plan.buffers) {
    // Steps only read what is constant.
    addresses_.push_back(buffer.constant != nullptr ? const_cast<std::byte*>(buffer.constant)
                                                    : memory_.get() + buffer.offset);
  }
}

Status Workspace::run(std::size_t first, std::size_t last) const {
  for (std::size_t s = first; s < last; ++s) {
    const Step& step = plan_->steps[s];
    if (!step.run) continue;
    if (auto status = step.run(addresses_); !status) {
      if (step.node == ir::kNoNode) return status;
      const ir::Node& node = (*plan_->graph)[step.node];
      return std::move(status).error().at(ir::place_of(node));
    }
  }
  return {};
}

}  // namespace sluice::exact::fast
