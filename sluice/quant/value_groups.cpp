// SPDX-License-Identifier: Apache-2.0
#include "sluice/quant/value_groups.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <numeric>

#include "sluice/base/text.hpp"
#include "sluice/ir/pixel_shift.hpp"
#include "sluice/passes/code_groups.hpp"
#include "sluice/passes/rewrite.hpp"
#include "sluice/quant/grids.hpp"

namespace sluice::quant {
namespace {

using numeric::Range;

void widen(Range& range, const Range& by) {
  range = {std::min(range.min, by.min), std::max(range.max, by.max)};
}

// TFLite's ways of interpolating images.
bool is_integer_resize(const ir::Graph& graph, const ir::Node& node) {
  const auto* op = std::get_if<ir::Resize>(&node.op);
  return op != nullptr && op->mode == ir::ResizeMode::Linear && !op->antialias &&
         (op->coordinate_mode == ir::CoordinateMode::HalfPixel ||
          op->coordinate_mode == ir::CoordinateMode::AlignCorners ||
          op->coordinate_mode == ir::CoordinateMode::Asymmetric) &&
         graph.type(node.inputs[0]).shape.size() == 4;
}

bool is_mean_of_codes(const ir::Node& node) {
  const auto* pool = std::get_if<ir::AveragePool>(&node.op);
  return pool != nullptr && !pool->count_include_pad;
}

bool compares(const ir::Op& op) {
  return ir::is<ir::Max>(op) || ir::is<ir::Min>(op);
}

}  // namespace

std::vector<std::size_t> data_inputs(const ir::Node& node) {
  static const auto kAllInputs = [](const ir::Op& op) {
    return ir::is<ir::Concat>(op) || ir::is<ir::Add>(op) || ir::is<ir::Sub>(op) ||
           ir::is<ir::Mul>(op) || ir::is<ir::Div>(op) || ir::is<ir::PRelu>(op) ||
           ir::is<ir::MatMul>(op) || ir::is<ir::Where>(op) || compares(op);
  };
  const bool has_weights =
      ir::is<ir::Conv>(node.op) || ir::is<ir::ConvTranspose>(node.op) || ir::is<ir::Gemm>(node.op);
  const std::size_t count = has_weights ? 2 : kAllInputs(node.op) ? node.inputs.size() : 1;
  std::vector<std::size_t> result(std::min(count, node.inputs.size()));
  std::iota(result.begin(), result.end(), std::size_t{0});
  return result;
}

bool keeps_grid(const ir::Graph& graph, const ir::Node& node) {
  return !passes::moved_inputs(node).empty() || compares(node.op) || is_mean_of_codes(node) ||
         is_integer_resize(graph, node);
}

bool has_integer_kernel(const ir::Graph& graph, const ir::Node& node) {
  const ir::Op& op = node.op;
  const auto* transposed = std::get_if<ir::ConvTranspose>(&op);
  const auto* leaky = std::get_if<ir::LeakyRelu>(&op);
  return ir::is<ir::Conv>(op) || ir::is<ir::Gemm>(op) || ir::is<ir::MatMul>(op) ||
         (transposed != nullptr && transposed->group == 1) ||
         (leaky != nullptr && leaky->alpha >= 0) || ir::is<ir::Add>(op) || ir::is<ir::Sub>(op) ||
         ir::is<ir::Mul>(op) || ir::is<ir::ReduceMean>(op) || ir::is_rectifier(op) ||
         keeps_grid(graph, node);
}

ValueGroups::ValueGroups(const ir::Graph& graph, std::span<const ir::ValueId> values,
                         const LoweringOptions& options)
    : graph_(graph),
      options_(options),
      consumers_(ir::consumers(graph)),
      is_member_(graph.values.size()),
      is_output_(graph.values.size()),
      is_absorbed_(graph.values.size()),
      parent_(graph.values.size()),
      asked_(graph.values.size()) {
  std::iota(parent_.begin(), parent_.end(), std::size_t{0});
  for (const ir::ValueId id : values) is_member_[index(id)] = true;
  for (const ir::ValueId id : graph.outputs) is_output_[index(id)] = true;
  for (const ir::Node& node : graph.nodes) {
    const auto entry = options.layers.find(node.name);
    if (entry == options.layers.end()) continue;
    for (const ir::ValueId id : node.outputs) {
      if (contains(id)) asked_[index(id)] = &entry->second.activations;
    }
  }
  for (const ir::Node& node : graph.nodes) join_node(node);
  find_absorbed();
}

const IntegerFormat& ValueGroups::format(ir::ValueId id) const {
  const IntegerFormat* asked = asked_[root(id)];
  return asked == nullptr ? options_.format : *asked;
}

std::size_t ValueGroups::root(ir::ValueId id) const {
  std::size_t v = index(id);
  while (parent_[v] != v) v = parent_[v] = parent_[parent_[v]];
  return v;
}

// Layers whose entries ask for different formats keep them.
void ValueGroups::join(ir::ValueId a, ir::ValueId b) {
  const std::size_t to = root(a);
  const std::size_t from = root(b);
  if (to == from) return;
  if (asked_[to] != nullptr && asked_[from] != nullptr && *asked_[to] != *asked_[from]) return;
  parent_[from] = to;
  if (asked_[to] == nullptr) asked_[to] = asked_[from];
}

void ValueGroups::join_node(const ir::Node& node) {
  std::vector<ir::ValueId> same;
  if (ir::is_rectifier(node.op)) {
    const ir::ValueId x = node.inputs[0];
    // What others read keeps its negative numbers.
    if (!contains(x) || consumers_[index(x)].size() != 1 || is_output_[index(x)]) return;
    same = {x};
  } else if (const auto moved = passes::moved_inputs(node); !moved.empty()) {
    if (!keeps_channels(node)) return;
    same.assign(moved.begin(), moved.end());
  } else if (ir::real_pixel_shift_of(graph_, node)) {
    same = {node.inputs[0]};
  } else if (keeps_grid(graph_, node)) {
    if (options_.format.shifts()) return;  // these round once, whatever the scales
    for (const std::size_t i : data_inputs(node)) same.push_back(node.inputs[i]);
  }
  for (const ir::ValueId x : same) {
    for (const ir::ValueId y : node.outputs) {
      if (contains(x) && contains(y)) join(x, y);
    }
  }
}

// Whether entries along dimension 1 stay where they are, if they have scales of their own.
bool ValueGroups::keeps_channels(const ir::Node& node) const {
  if (!options_.format.activations_by_channel) return true;
  const auto* concat = std::get_if<ir::Concat>(&node.op);
  return ir::is<ir::MaxPool>(node.op) || ir::is<ir::Identity>(node.op) ||
         ir::is<ir::Resize>(node.op) || ir::is<ir::Pad>(node.op) ||
         (concat != nullptr && concat->axis > 1);
}

void ValueGroups::find_absorbed() {
  for (auto node = graph_.nodes.rbegin(); node != graph_.nodes.rend(); ++node) {
    for (const ir::ValueId x : node->inputs) {
      if (!contains(x) || is_output_[index(x)]) continue;
      is_absorbed_[index(x)] = std::ranges::all_of(consumers_[index(x)], [&](ir::NodeId reader) {
        const ir::Node& by = graph_[reader];
        const ir::ValueId y = by.outputs[0];
        if (!contains(y) || !are_joined(x, y)) return false;
        return ir::is_rectifier(by.op) || is_absorbed_[index(y)];
      });
    }
  }
}

bool ValueGroups::has_channels(ir::ValueId id) const {
  // Of a matrix's columns each would be a channel.
  return format(id).activations_by_channel && graph_.type(id).shape.size() > 2;
}

ValueGroups::GroupRanges ValueGroups::ranges_by_root(const Ranges& ranges) const {
  GroupRanges groups;
  for (const auto& [id, list] : ranges) {
    if (!contains(id)) continue;
    const auto entry = groups.try_emplace(root(id)).first;
    GroupRange& group = entry->second;
    group.by_channel = group.by_channel && has_channels(id) &&
                       (group.ranges.empty() || group.ranges.size() == list.size());
    if (is_absorbed_[index(id)]) continue;
    group.ranges.resize(std::max(group.ranges.size(), list.size()));
    for (std::size_t c = 0; c < list.size(); ++c) widen(group.ranges[c], list[c]);
  }
  // Constants that are moved or compared with the group's values are in its codes.
  for (const ir::Node& node : graph_.nodes) {
    const bool takes_group = ir::is<ir::Concat>(node.op) || compares(node.op);
    if (!takes_group || !contains(node.outputs[0])) continue;
    for (const ir::ValueId id : node.inputs) {
      const Tensor* constant = passes::constant_of(graph_, id);
      if (constant == nullptr) continue;
      for (Range& range : groups[root(node.outputs[0])].ranges) widen(range, range_of(*constant));
    }
  }
  return groups;
}

Result<std::map<ir::ValueId, numeric::Quantization>> ValueGroups::quantizations(
    const Ranges& ranges) const {
  const GroupRanges groups = ranges_by_root(ranges);
  std::map<ir::ValueId, numeric::Quantization> result;
  for (const auto& entry : ranges) {
    const ir::ValueId id = entry.first;
    if (!contains(id)) continue;
    const GroupRange& group = groups.at(root(id));
    std::vector<Range> list = group.ranges;
    if (!group.by_channel) {
      Range all;
      for (const Range& range : list) widen(all, range);
      list = {all};
    }
    auto quantization = activation_quantization(format(id), list, kChannelAxis);
    if (!quantization) {
      return std::move(quantization)
          .error()
          .at(fmt::format("activation {}", sluice::quoted(graph_[id].name)));
    }
    result.emplace(id, *std::move(quantization));
  }
  return result;
}

}  // namespace sluice::quant
