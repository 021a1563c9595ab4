// SPDX-License-Identifier: Apache-2.0
#include "sluice/runtime/onednn/planner.hpp"

#include <algorithm>
#include <cstring>

#include "sluice/runtime/arena.hpp"
#include "sluice/runtime/executor.hpp"
#include "sluice/runtime/onednn/ops.hpp"

namespace sluice::runtime::onednn {
Planner::Planner(ir::Graph graph, const PlannerOptions& options,
                 std::shared_ptr<WeightStore> weights)
    : options_(options),
      plan_{.graph = std::move(graph)},
      weights_(std::move(weights)),
      readers_(ir::consumers(plan_.graph)),
      placed_(plan_.graph.values.size()),
      is_planned_(plan_.graph.nodes.size(), false),
      is_kept_(plan_.graph.values.size(), false),
      is_observed_(plan_.graph.values.size(), false) {
  for (const ir::ValueId id : options_.observed) is_observed_[index(id)] = true;
  is_kept_ = is_observed_;
  for (const ir::ValueId id : plan_.graph.outputs) is_kept_[index(id)] = true;
}

Result<Plan> Planner::plan() && {
  return guarded([&]() -> Result<Plan> {
    place_constants();
    place_inputs();
    for (std::size_t n = 0; n < plan_.graph.nodes.size(); ++n) {
      const ir::NodeId id{static_cast<std::int32_t>(n)};
      if (is_planned(id)) continue;
      if (auto status = plan_node(id); !status) {
        return std::move(status).error().at(ir::place_of(node(id)));
      }
    }
    place_outputs();
    finish();
    return std::move(plan_);
  });
}

Status Planner::plan_node(ir::NodeId id) {
  is_planned_[index(id)] = true;
  SL_TRY(const bool done, plan_op(*this, id));
  if (done) return {};
  mark_plain(id);
  return plan_plain(*this, id);
}

void Planner::place_constants() {
  for (std::size_t v = 0; v < plan_.graph.values.size(); ++v) {
    const auto& content = plan_.graph.values[v].constant;
    if (!content) continue;
    define(ir::ValueId{static_cast<std::int32_t>(v)},
           {add_constant(std::make_shared<Tensor>(*content)), {}});
  }
}

void Planner::place_inputs() {
  for (const ir::GraphInput& input : plan_.graph.inputs) {
    const ir::ValueType& type = plan_.graph.type(input.value);
    const BufferId buffer = add_buffer(runtime::size_bytes(type));
    plan_.buffers[index(buffer)].kind = BufferKind::Input;
    plan_.inputs.push_back(buffer);
    define(input.value, {buffer, {}});
  }
}

void Planner::place_outputs() {
  for (const ir::ValueId id : plan_.graph.outputs) {
    const ir::ValueType& type = plan_.graph.type(id);
    const std::size_t size_bytes = runtime::size_bytes(type);
    const BufferId buffer = add_buffer(size_bytes);
    plan_.buffers[index(buffer)].kind = BufferKind::Output;
    plan_.outputs.push_back(buffer);
    const Placed from = placed(id);
    if (is_float(id) && from.desc.data.ndims > 0) {
      const Desc plain = plain_desc(from.desc.dims());
      add_reorder(ir::kNoNode, {0, from.buffer, from.desc}, {0, buffer, plain});
      continue;
    }
    add_call(ir::kNoNode, {from.buffer, buffer},
             [source = from.buffer, buffer, size_bytes](Addresses at) -> Status {
               if (size_bytes > 0) std::memcpy(at[index(buffer)], at[index(source)], size_bytes);
               return {};
             });
  }
}

void Planner::finish() {
  std::vector<Lifetime> lifetimes;
  std::vector<std::size_t> which;  // buffer of each lifetime
  std::vector<Lifetime> by_buffer(plan_.buffers.size(), {0, plan_.steps.size(), 0});
  for (std::size_t s = 0; s < plan_.steps.size(); ++s) {
    for (const BufferId id : plan_.steps[s].uses) {
      Lifetime& lifetime = by_buffer[index(id)];
      lifetime.first = std::min(lifetime.first, s);
      lifetime.last = std::max(lifetime.last, s);
    }
  }
  for (std::size_t b = 0; b < by_buffer.size(); ++b) {
    if (plan_.buffers[b].kind != BufferKind::Arena) continue;
    if (by_buffer[b].first > by_buffer[b].last) continue;  // never used
    by_buffer[b].size_bytes = plan_.buffers[b].size_bytes;
    lifetimes.push_back(by_buffer[b]);
    which.push_back(b);
  }
  const ArenaLayout layout = lay_out(lifetimes);
  for (std::size_t i = 0; i < which.size(); ++i) {
    plan_.buffers[which[i]].offset = layout.offsets[i];
  }
  plan_.arena_bytes = layout.size_bytes;

  for (std::size_t b = 0; b < by_buffer.size(); ++b) {
    if (by_buffer[b].first > by_buffer[b].last) plan_.buffers[b].owner.reset();
  }
}

bool Planner::is_float(ir::ValueId id) const {
  return plan_.graph.type(id).dtype == DType::Float32;
}

bool Planner::all_float(ir::NodeId id) const {
  const auto fits = [&](ir::ValueId value) {
    return value == ir::kNoValue || (is_float(value) && is_describable(shape(value)));
  };
  return std::ranges::all_of(node(id).inputs, fits) && std::ranges::all_of(node(id).outputs, fits);
}

const Tensor* Planner::constant(ir::ValueId id) const {
  if (id == ir::kNoValue) return nullptr;
  const auto& content = plan_.graph[id].constant;
  return content ? &*content : nullptr;
}

ir::ValueId Planner::input(ir::NodeId id, std::size_t i) const {
  const auto& inputs = node(id).inputs;
  return i < inputs.size() ? inputs[i] : ir::kNoValue;
}

bool Planner::is_placed(ir::ValueId id) const {
  return !placed_[index(id)].empty();
}

const Placed& Planner::placed(ir::ValueId id) const {
  SL_ASSERT(is_placed(id), "value read before it is planned");
  return placed_[index(id)].front();
}

Placed Planner::as(ir::ValueId id, const Desc& desc) {
  for (const Placed& copy : placed_[index(id)]) {
    if (copy.desc == desc) return copy;
    if (is_plain(copy.desc) && is_plain(desc)) return {copy.buffer, desc};
  }
  const Placed from = placed(id);
  const Placed to = add_placed(desc);
  add_reorder(ir::kNoNode, {0, from.buffer, from.desc}, {0, to.buffer, desc});
  placed_[index(id)].push_back(to);
  values_in_[index(to.buffer)].push_back(id);
  return to;
}

Placed Planner::as_plain(ir::ValueId id) {
  const Placed& first = placed(id);
  if (first.desc.data.ndims == 0) return first;
  return as(id, plain_desc(first.desc.dims()));
}

bool Planner::has_weights(ir::ValueId id) const {
  return constant(id) != nullptr || weights_->has(id);
}

Placed Planner::packed(ir::ValueId id, const Packing& packing) {
  if (constant(id) != nullptr && packing.stored == packing.wanted) {
    return {placed(id).buffer, packing.wanted};
  }
  auto memory = weights_->pack(id, packing, constant(id));
  if (constant(id) != nullptr) give_up_original(id);
  return {add_constant(std::move(memory)), packing.wanted};
}

// Frees the model's form of weights nobody else will ask for, so that a network is never held
// twice.
void Planner::give_up_original(ir::ValueId id) {
  if (readers_[index(id)].size() != 1 || is_kept(id)) return;
  plan_.buffers[index(placed(id).buffer)].owner.reset();
  plan_.graph[id].constant.reset();
}

BufferId Planner::add_constant(std::shared_ptr<const Tensor> content) {
  const BufferId id = add_buffer(content->bytes().size());
  plan_.buffers[index(id)].kind = BufferKind::Constant;
  plan_.buffers[index(id)].constant = content->bytes().data();
  plan_.buffers[index(id)].owner = std::move(content);
  return id;
}

BufferId Planner::add_buffer(std::size_t size_bytes) {
  plan_.buffers.push_back({.size_bytes = size_bytes});
  values_in_.emplace_back();
  return BufferId{static_cast<std::int32_t>(plan_.buffers.size() - 1)};
}

Placed Planner::add_placed(const Desc& desc) {
  return {add_buffer(desc.get_size()), desc};
}

void Planner::define(ir::ValueId id, Placed placed) {
  if (id == ir::kNoValue) return;
  // Row-major bytes of a float value get a description if oneDNN has one.
  if (placed.desc.data.ndims == 0 && is_float(id) && is_describable(shape(id))) {
    placed.desc = plain_desc(dims_of(shape(id)));
  }
  placed_[index(id)].push_back(placed);
  values_in_[index(placed.buffer)].push_back(id);
  if (is_observed_[index(id)] && !constant(id)) observe(id);
}

void Planner::observe(ir::ValueId id) {
  const Placed plain = as_plain(id);
  add_call(ir::kNoNode, {plain.buffer}, {});
  plan_.steps.back().observed = id;
}

bool Planner::can_overwrite(ir::ValueId id, std::span<const ir::NodeId> readers) const {
  const Placed& where = placed(id);
  if (plan_.buffers[index(where.buffer)].kind != BufferKind::Arena) return false;
  return std::ranges::all_of(values_in_[index(where.buffer)], [&](ir::ValueId other) {
    if (std::ranges::count(plan_.graph.outputs, other) > 0) return false;
    return std::ranges::all_of(readers_[index(other)], [&](ir::NodeId reader) {
      return is_planned(reader) || std::ranges::count(readers, reader) > 0;
    });
  });
}

void Planner::add_primitive(ir::NodeId node, const dnnl::primitive_desc_base& descriptor,
                            const dnnl::primitive& primitive, std::vector<Argument> arguments) {
  const Desc scratch = descriptor.scratchpad_desc();
  if (scratch.get_size() > 0) {
    arguments.push_back({DNNL_ARG_SCRATCHPAD, add_buffer(scratch.get_size()), scratch});
  }
  Step step{.node = node, .primitive = primitive, .arguments = std::move(arguments)};
  for (const Argument& argument : step.arguments) step.uses.push_back(argument.buffer);
  plan_.steps.push_back(std::move(step));
}

void Planner::add_call(ir::NodeId node, std::vector<BufferId> uses,
                       std::function<Status(Addresses)> call) {
  plan_.steps.push_back({.node = node, .call = std::move(call), .uses = std::move(uses)});
}

void Planner::add_reorder(ir::NodeId node, const Argument& from, const Argument& to) {
  dnnl::primitive_attr attributes;
  attributes.set_scratchpad_mode(dnnl::scratchpad_mode::user);
  const dnnl::reorder::primitive_desc descriptor(engine(), from.desc, engine(), to.desc,
                                                 attributes);
  Argument source = from;
  Argument target = to;
  source.id = DNNL_ARG_FROM;
  target.id = DNNL_ARG_TO;
  add_primitive(node, descriptor, dnnl::reorder(descriptor), {source, target});
}

ir::NodeId Planner::only_reader(ir::ValueId id) const {
  if (id == ir::kNoValue || is_kept(id) || readers_[index(id)].size() != 1) return ir::kNoNode;
  return readers_[index(id)].front();
}

std::span<const ir::NodeId> Planner::readers(ir::ValueId id) const {
  return readers_[index(id)];
}

bool Planner::is_kept(ir::ValueId id) const {
  return is_kept_[index(id)];
}

void Planner::absorb(ir::NodeId id) {
  is_planned_[index(id)] = true;
}

bool Planner::is_planned(ir::NodeId id) const {
  return is_planned_[index(id)];
}

}  // namespace sluice::runtime::onednn
