// SPDX-License-Identifier: Apache-2.0
#include "sluice/exact/fast/planner.hpp"

#include <algorithm>
#include <concepts>
#include <cstring>

#include "sluice/base/assert.hpp"
#include "sluice/exact/fast/code_order.hpp"
#include "sluice/exact/fast/ops.hpp"
#include "sluice/exact/reference/kernel.hpp"
#include "sluice/numeric/element.hpp"
#include "sluice/runtime/arena.hpp"
#include "sluice/runtime/executor.hpp"

namespace sluice::exact::fast {
namespace {

template <class Op>
concept IsPlanned = requires(const Op& op, const ir::Node& node, Planner& planner) {
  { plan_op(op, node, planner) } -> std::same_as<Result<bool>>;
};

ImageShape image_shape(const ir::ValueType& type) {
  const Shape& shape = type.shape;
  return {shape[0], shape[1], shape[2] * shape[3],
          static_cast<std::int64_t>(storage_bytes(type.dtype))};
}

}  // namespace

Planner::Planner(ir::Graph graph, PlannerOptions options) : options_(std::move(options)) {
  kept_.resize(graph.values.size(), false);
  for (const ir::ValueId id : graph.outputs) kept_[index(id)] = true;
  for (const ir::ValueId id : options_.observed) kept_[index(id)] = true;
  taken_.resize(graph.nodes.size(), false);
  first_order_.resize(graph.values.size());
  consumers_ = ir::consumers(graph);
  plan_.graph = std::make_shared<const ir::Graph>(std::move(graph));
}

numeric::Arithmetic Planner::arithmetic(const ir::Node& node) const {
  return reference::arithmetic_of(node, options_.arithmetic);
}

reference::NodeView Planner::view(const ir::Node& node) const {
  return {graph(), node, {}, arithmetic(node)};
}

bool Planner::is_codes(ir::ValueId id) const {
  if (id == ir::kNoValue) return false;
  const auto& quantization = graph()[id].quantization;
  return quantization && !quantization->is_per_channel() &&
         (quantization->dtype == DType::Int8 || quantization->dtype == DType::UInt8);
}

bool Planner::is_image(ir::ValueId id) const {
  return is_codes(id) && shape(id).size() == 4;
}

bool Planner::is_wide_codes(ir::ValueId id) const {
  if (id == ir::kNoValue || !graph()[id].quantization) return false;
  const numeric::Quantization& quantization = *graph()[id].quantization;
  return num_bits(quantization.dtype) >= 8 && num_bits(quantization.dtype) <= 16;
}

bool Planner::is_wide_image(ir::ValueId id) const {
  return is_wide_codes(id) && shape(id).size() == 4;
}

bool Planner::has_codes_for_numbers(const ir::Node& node) const {
  if (!is_wide_image(node.inputs[0])) return false;
  const numeric::Quantization& quantization = *graph()[node.inputs[0]].quantization;
  return !quantization.is_per_channel() ||
         (quantization.axis == 1 && numeric::is_shift(arithmetic(node)));
}

numeric::CodeRange Planner::codes(ir::ValueId id) const {
  if (const auto found = narrowed_.find(id); found != narrowed_.end()) return found->second;
  return numeric::codes_of(*graph()[id].quantization);
}

const Tensor* Planner::constant(ir::ValueId id) const {
  if (id == ir::kNoValue || !graph()[id].constant) return nullptr;
  return &*graph()[id].constant;
}

BufferId Planner::add_buffer(Buffer buffer) {
  plan_.buffers.push_back(std::move(buffer));
  return BufferId{static_cast<std::int32_t>(plan_.buffers.size() - 1)};
}

Order Planner::order_of(ir::ValueId id) const {
  return first_order_[index(id)].value_or(Order::RowMajor);
}

// One channel, or one position a channel.
bool Planner::same_bytes_in_both_orders(ir::ValueId id) const {
  const ImageShape image = image_shape(graph().type(id));
  return image.channels == 1 || image.positions == 1;
}

BufferId Planner::read(ir::ValueId id, Order order) {
  if (const auto found = buffers_.find({id, order}); found != buffers_.end()) return found->second;
  if (const Tensor* tensor = constant(id); tensor != nullptr && order == Order::RowMajor) {
    const auto owner = std::make_shared<const Tensor>(*tensor);
    const BufferId buffer = add_buffer({.constant = owner->bytes().data(), .owner = owner});
    buffers_[{id, order}] = buffer;
    return buffer;
  }
  const Order other = order == Order::RowMajor ? Order::ChannelsLast : Order::RowMajor;
  const BufferId from = read(id, other);
  if (same_bytes_in_both_orders(id)) {
    buffers_[{id, order}] = from;
    return from;
  }
  const BufferId to = make(id, order);
  const ImageShape image = image_shape(graph().type(id));
  const auto move = order == Order::ChannelsLast ? channels_to_last : channels_to_first;
  add_step({from, to}, [=](Addresses addresses) -> Status {
    move(image, at(addresses, from), at(addresses, to));
    return {};
  });
  return to;
}

BufferId Planner::make(ir::ValueId id, Order order) {
  const BufferId buffer = add_buffer({.size_bytes = runtime::size_bytes(graph().type(id))});
  set(id, order, buffer);
  return buffer;
}

void Planner::set(ir::ValueId id, Order order, BufferId buffer) {
  buffers_[{id, order}] = buffer;
  if (!first_order_[index(id)]) first_order_[index(id)] = order;
}

BufferId Planner::scratch(std::size_t size_bytes) {
  return add_buffer({.size_bytes = size_bytes});
}

void Planner::add_step(std::vector<BufferId> uses, std::function<Status(Addresses)> run) {
  plan_.steps.push_back({.node = node_, .uses = std::move(uses), .run = std::move(run)});
}

const ir::Node* Planner::only_reader(ir::ValueId id) const {
  if (kept_[index(id)] || consumers_[index(id)].size() != 1) return nullptr;
  return &graph()[consumers_[index(id)].front()];
}

void Planner::take(const ir::Node& node) {
  taken_[static_cast<std::size_t>(&node - graph().nodes.data())] = true;
}

bool Planner::has_known_operands(const ir::Node& node) const {
  return std::all_of(node.inputs.begin() + 1, node.inputs.end(), [&](ir::ValueId id) {
    const Tensor* content = constant(id);
    return id == ir::kNoValue || (content != nullptr && content->num_elements() == 1);
  });
}

// The codes that an activation leaves: one range, or one a channel; none where it is none.
std::vector<numeric::CodeRange> Planner::clamps_of_node(const ir::Node& node) const {
  const ir::ValueId x = node.inputs[0];
  if ((!ir::is<ir::Relu>(node.op) && !ir::is<ir::Clip>(node.op)) || !has_known_operands(node) ||
      graph()[node.outputs[0]].quantization != graph()[x].quantization) {
    return {};
  }
  const DType dtype = graph().type(x).dtype;
  if (is_codes(x)) {
    const auto table = table_of(node);
    const auto clamp = table ? clamp_of(*table, dtype) : std::nullopt;
    return clamp ? std::vector{*clamp} : std::vector<numeric::CodeRange>();
  }
  if (!is_wide_codes(x) || !numeric::is_shift(arithmetic(node))) return {};
  const numeric::Quantization& quantization = *graph()[x].quantization;
  if (quantization.is_per_channel() && quantization.axis != 1) return {};
  // A bound that is rounded keeps its place among the codes, so that the ends say all.
  const numeric::CodeRange all = numeric::codes_of(quantization);
  const std::size_t channels = quantization.scales.size();
  std::vector<std::int64_t> ends(channels, all.lowest);
  ends.resize(2 * channels, all.highest);
  const Shape shape{2, static_cast<std::int64_t>(channels)};
  std::vector<Tensor> inputs = known_operands(node);
  inputs[0] = numeric::cast(Tensor::from(shape, ends), dtype);
  const auto bounds = evaluate_on(node, inputs, shape);
  if (!bounds) return {};
  const std::vector<std::int64_t> codes = numeric::to_integers(*bounds);
  std::vector<numeric::CodeRange> clamps;
  clamps.reserve(channels);
  for (std::size_t c = 0; c < channels; ++c) clamps.push_back({codes[c], codes[channels + c]});
  return clamps;
}

std::optional<numeric::CodeRange> Planner::clamp_of_node(const ir::Node& node) const {
  const auto clamps = clamps_of_node(node);
  return clamps.size() == 1 ? std::optional(clamps[0]) : std::nullopt;
}

ChannelClamp Planner::take_channel_clamp(ir::ValueId id) {
  const auto& quantization = graph()[id].quantization;
  ChannelClamp clamp{id,
                     {quantization ? numeric::codes_of(*quantization)
                                   : numeric::codes_of(graph().type(id).dtype)}};
  while (const ir::Node* reader = only_reader(clamp.result)) {
    const ir::Node& node = *reader;
    if (node.inputs[0] != clamp.result) break;
    const auto bounds = clamps_of_node(node);
    if (bounds.empty()) break;
    clamp.codes.resize(bounds.size(), clamp.codes[0]);
    for (std::size_t c = 0; c < bounds.size(); ++c) {
      const auto [lowest, highest] = bounds[c];
      clamp.codes[c] = {std::clamp(clamp.codes[c].lowest, lowest, highest),
                        std::clamp(clamp.codes[c].highest, lowest, highest)};
    }
    take(node);
    clamp.result = node.outputs[0];
  }
  numeric::CodeRange all = clamp.codes[0];
  for (const auto& [lowest, highest] : clamp.codes) {
    all = {std::min(all.lowest, lowest), std::max(all.highest, highest)};
  }
  narrow(clamp.result, all);
  return clamp;
}

Clamp Planner::take_clamp(ir::ValueId id) {
  const auto& quantization = graph()[id].quantization;
  SL_ASSERT(!quantization || !quantization->is_per_channel(), "channels of one scale");
  const ChannelClamp clamp = take_channel_clamp(id);
  return {clamp.result, clamp.codes[0]};
}

// The node in a graph of its own.
Result<Tensor> Planner::evaluate_on(const ir::Node& node, std::span<const Tensor> inputs,
                                    Shape shape,
                                    const std::optional<numeric::Quantization>& codes) const {
  const auto quantization_of = [&](ir::ValueId id) {
    const auto& own = graph()[id].quantization;
    return own && codes ? codes : own;
  };
  ir::Graph one;
  ir::Node copy = node;
  std::vector<const Tensor*> present(inputs.size(), nullptr);
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    if (node.inputs[i] == ir::kNoValue) continue;
    present[i] = &inputs[i];
    copy.inputs[i] = one.add_value("", ir::ValueType{inputs[i].dtype(), inputs[i].shape()});
    one[copy.inputs[i]].quantization = quantization_of(node.inputs[i]);
  }
  const DType dtype = codes ? codes->dtype : graph().type(node.outputs[0]).dtype;
  copy.outputs[0] = one.add_value("", ir::ValueType{dtype, std::move(shape)});
  one[copy.outputs[0]].quantization = quantization_of(node.outputs[0]);
  SL_TRY(auto results, reference::evaluate({one, copy, present, arithmetic(node)}));
  return std::move(results[0]);
}

std::vector<Tensor> Planner::known_operands(const ir::Node& node) const {
  std::vector<Tensor> inputs(node.inputs.size());
  for (std::size_t i = 1; i < inputs.size(); ++i) {
    if (node.inputs[i] != ir::kNoValue) inputs[i] = constant(node.inputs[i])->reshaped({});
  }
  return inputs;
}

Result<CodeTable> Planner::table_of(const ir::Node& node) const {
  std::vector<Tensor> inputs = known_operands(node);
  inputs[0] = all_codes(graph().type(node.inputs[0]).dtype);
  SL_TRY(const Tensor codes, evaluate_on(node, inputs, {kNumCodes}));
  CodeTable table{};
  std::memcpy(table.data(), codes.bytes().data(), table.size());
  return table;
}

Result<PairTable> Planner::table_of_pairs(const ir::Node& node) const {
  const std::vector<Tensor> inputs = {
      all_codes(graph().type(node.inputs[0]).dtype).reshaped({kNumCodes, 1}),
      all_codes(graph().type(node.inputs[1]).dtype).reshaped({1, kNumCodes})};
  SL_TRY(const Tensor codes, evaluate_on(node, inputs, {kNumCodes, kNumCodes}));
  PairTable table(kNumCodes * kNumCodes);
  std::memcpy(table.data(), codes.bytes().data(), table.size());
  return table;
}

Status Planner::plan_plain(const ir::Node& node) {
  plan_.plain_nodes.push_back(node_);
  std::vector<BufferId> from;
  std::vector<BufferId> uses;
  for (const ir::ValueId id : node.inputs) {
    from.push_back(id == ir::kNoValue ? BufferId{} : read(id, Order::RowMajor));
    if (id != ir::kNoValue) uses.push_back(from.back());
  }
  std::vector<BufferId> to;
  for (const ir::ValueId id : node.outputs) {
    to.push_back(make(id, Order::RowMajor));
    uses.push_back(to.back());
  }
  add_step(
      std::move(uses),
      [graph = plan_.graph, &node, from, to, by = arithmetic(node)](Addresses addresses) -> Status {
        std::vector<Tensor> tensors;
        tensors.reserve(from.size());
        std::vector<const Tensor*> inputs;
        for (std::size_t i = 0; i < from.size(); ++i) {
          const ir::ValueId id = node.inputs[i];
          tensors.emplace_back();
          if (id != ir::kNoValue) {
            tensors.back() = runtime::view(graph->type(id), at(addresses, from[i]));
          }
          inputs.push_back(id == ir::kNoValue ? nullptr : &tensors[i]);
        }
        SL_TRY(const auto results, reference::evaluate({*graph, node, inputs, by}));
        for (std::size_t i = 0; i < to.size(); ++i) {
          const auto bytes = results[i].bytes();
          if (!bytes.empty()) std::memcpy(at(addresses, to[i]), bytes.data(), bytes.size());
        }
        return {};
      });
  return {};
}

Status Planner::plan_node(ir::NodeId id) {
  node_ = id;
  const ir::Node& node = graph()[id];
  if (taken_[static_cast<std::size_t>(id)]) {  // an earlier step has made its output
    observe(node);
    return {};
  }
  SL_TRY_STATUS(reference::check_scales(view(node)));
  SL_TRY(bool planned, std::visit(
                           [&](const auto& op) -> Result<bool> {
                             if constexpr (IsPlanned<std::decay_t<decltype(op)>>) {
                               return plan_op(op, node, *this);
                             } else {
                               return false;
                             }
                           },
                           node.op));
  if (!planned) {
    SL_TRY(planned, plan_elementwise(node, *this));
  }
  if (!planned) SL_TRY_STATUS(plan_plain(node));
  observe(node);
  return {};
}

// What is observed of the values that the node has made.
void Planner::observe(const ir::Node& node) {
  for (const ir::ValueId id : options_.observed) {
    if (std::ranges::count(node.outputs, id) == 0) continue;
    const BufferId buffer = read(id, Order::RowMajor);
    plan_.steps.push_back({.node = node_, .uses = {buffer}, .observed = id});
  }
}

// A buffer lives from the first to the last step that uses it; inputs from the start, outputs to
// the end.
void Planner::lay_out_workspace() {
  std::vector<runtime::Lifetime> lifetimes(plan_.buffers.size());
  std::vector<bool> seen(plan_.buffers.size(), false);
  const auto use = [&](BufferId id, std::size_t step) {
    const auto i = static_cast<std::size_t>(id);
    if (!seen[i]) lifetimes[i].first = step;
    seen[i] = true;
    lifetimes[i].last = std::max(lifetimes[i].last, step);
  };
  for (const BufferId id : plan_.inputs) use(id, 0);
  for (std::size_t s = 0; s < plan_.steps.size(); ++s) {
    for (const BufferId id : plan_.steps[s].uses) use(id, s);
  }
  for (const BufferId id : plan_.outputs) use(id, plan_.steps.size());
  for (std::size_t i = 0; i < lifetimes.size(); ++i) {
    if (plan_.buffers[i].constant == nullptr) lifetimes[i].size_bytes = plan_.buffers[i].size_bytes;
  }
  const runtime::ArenaLayout layout = runtime::lay_out(lifetimes);
  for (std::size_t i = 0; i < lifetimes.size(); ++i) plan_.buffers[i].offset = layout.offsets[i];
  plan_.workspace_bytes = layout.size_bytes;
}

Result<Plan> Planner::plan() && {
  for (const ir::GraphInput& input : graph().inputs) {
    plan_.inputs.push_back(make(input.value, Order::RowMajor));
    if (std::ranges::count(options_.observed, input.value) > 0) {
      plan_.steps.push_back({.uses = {plan_.inputs.back()}, .observed = input.value});
    }
  }
  for (std::size_t n = 0; n < graph().nodes.size(); ++n) {
    const ir::Node& node = graph().nodes[n];
    if (auto status = plan_node(ir::NodeId{static_cast<std::int32_t>(n)}); !status) {
      return std::move(status).error().at(ir::place_of(node));
    }
  }
  node_ = ir::kNoNode;
  for (const ir::ValueId id : graph().outputs) {
    plan_.outputs.push_back(read(id, Order::RowMajor));
  }
  lay_out_workspace();
  return std::move(plan_);
}

}  // namespace sluice::exact::fast
