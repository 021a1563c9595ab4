// SPDX-License-Identifier: Apache-2.0
#include "sluice/runtime/onednn/plan.hpp"

#include "sluice/runtime/arena.hpp"
#include "sluice/runtime/executor.hpp"

namespace sluice::runtime::onednn {
Workspace::Workspace(const Plan& plan)
    : plan_(&plan),
      arena_(allocate_arena(plan.arena_bytes)),
      addresses_(plan.buffers.size(), nullptr),
      stream_(engine()) {
  for (std::size_t i = 0; i < plan.buffers.size(); ++i) {
    const Buffer& buffer = plan.buffers[i];
    if (buffer.kind == BufferKind::Arena) addresses_[i] = arena_.get() + buffer.offset;
    // Primitives take writable pointers for what they only read.
    if (buffer.kind == BufferKind::Constant) {
      addresses_[i] = const_cast<std::byte*>(buffer.constant);
    }
  }
  arguments_.resize(plan.steps.size());
  for (std::size_t s = 0; s < plan.steps.size(); ++s) {
    for (const Argument& argument : plan.steps[s].arguments) {
      std::byte* base = addresses_[index(argument.buffer)];
      const bool bound = base != nullptr;
      dnnl::memory memory(argument.desc, engine(), bound ? base + argument.offset : nullptr);
      if (!bound) external_.emplace_back(memory, argument);
      arguments_[s].emplace(argument.id, std::move(memory));
    }
  }
}

void Workspace::bind(std::span<const std::byte* const> inputs,
                     std::span<std::byte* const> outputs) {
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    addresses_[index(plan_->inputs[i])] = const_cast<std::byte*>(inputs[i]);  // never written to
  }
  for (std::size_t i = 0; i < outputs.size(); ++i) {
    addresses_[index(plan_->outputs[i])] = outputs[i];
  }
  for (auto& [memory, argument] : external_) {
    memory.set_data_handle(addresses_[index(argument.buffer)] + argument.offset, stream_);
  }
}

Status Workspace::run(std::size_t first, std::size_t last) {
  for (std::size_t s = first; s < last; ++s) {
    const Step& step = plan_->steps[s];
    const auto status = guarded([&]() -> Status {
      if (step.call) return step.call(addresses_);
      if (step.primitive) step.primitive.execute(stream_, arguments_[s]);
      return {};
    });
    if (status) continue;
    Error error = status.error();
    if (step.node == ir::kNoNode) return error;
    const ir::Node& node = plan_->graph[step.node];
    return std::move(error).at(ir::place_of(node));
  }
  return {};
}

const std::byte* Workspace::address(BufferId id) const {
  return addresses_[index(id)];
}

}  // namespace sluice::runtime::onednn
