// SPDX-License-Identifier: Apache-2.0
#include "sluice/sparse/channel_shrink.hpp"

#include <algorithm>
#include <cstring>
#include <map>
#include <span>
#include <tuple>

#include "sluice/ir/infer.hpp"
#include "sluice/runtime/reference/kernel.hpp"
#include "sluice/sparse/weight_layers.hpp"

namespace sluice::sparse {
namespace {

using Indices = std::vector<std::int64_t>;

// The slices of the tensor at these places of an axis.
Tensor gathered(const Tensor& from, std::size_t axis, const Indices& places) {
  Shape shape = from.shape();
  const std::int64_t size = shape[axis];
  shape[axis] = static_cast<std::int64_t>(places.size());
  const auto inner = static_cast<std::size_t>(num_elements(std::span(shape).subspan(axis + 1))) *
                     storage_bytes(from.dtype());
  const std::int64_t outer = num_elements(std::span(shape).first(axis));
  Tensor result(from.dtype(), shape);
  std::byte* to = result.mutable_bytes().data();
  for (std::int64_t o = 0; o < outer; ++o) {
    for (const std::int64_t place : places) {
      std::memcpy(to, from.bytes().data() + static_cast<std::size_t>(o * size + place) * inner,
                  inner);
      to += inner;
    }
  }
  return result;
}

class Shrinker {
 public:
  Shrinker(ir::Graph& graph, const ChannelMap& map, const std::vector<bool>& removed)
      : graph_(graph),
        map_(map),
        removed_(removed),
        producers_(ir::producers(graph)),
        consumers_(ir::consumers(graph)) {}

  void run() {
    for (const Cut& cut : map_.cuts) apply(cut);
    for (const Edit& edit : map_.edits) apply(edit);
  }

 private:
  // The first of the positions of the value, how many of them stay.
  std::int64_t kept(ir::ValueId id, std::size_t first) const {
    const auto positions = std::span(map_.positions[index(id)]).first(first);
    return std::ranges::count_if(positions, [&](std::size_t unit) { return !removed_[unit]; });
  }
  std::int64_t kept(ir::ValueId id) const { return kept(id, map_.positions[index(id)].size()); }

  void apply(const Cut& cut) {
    Indices places;
    const auto& positions = map_.positions[index(cut.by)];
    for (std::size_t p = 0; p < positions.size(); ++p) {
      if (!removed_[positions[p]]) places.push_back(static_cast<std::int64_t>(p));
    }
    if (places.size() == positions.size()) return;
    ir::ValueId& input = graph_[cut.node].inputs[cut.input];
    const ir::ValueId from = stored(input);
    Tensor content = gathered(*graph_[from].constant, cut.axis, places);
    if (is_read_once(from)) return set(from, std::move(content));
    const auto [found, is_new] = cuts_.try_emplace({from, cut.axis, std::move(places)});
    if (is_new) found->second = add(from, std::move(content));
    input = found->second;
  }

  void apply(const Edit& edit) {
    ir::Node& node = graph_[edit.node];
    switch (edit.kind) {
      case EditKind::Group:
        return set_group(node, kept(node.inputs[0]));
      case EditKind::SplitSizes:
        return set_split_sizes(node);
      case EditKind::SliceBounds:
        set_number(node, 1, edit.entry, kept(node.inputs[0], static_cast<std::size_t>(edit.begin)));
        return set_number(node, 2, edit.entry,
                          kept(node.inputs[0], static_cast<std::size_t>(edit.end)));
      case EditKind::PadSizes: {
        const ir::ValueId out = node.outputs[0];
        const std::size_t inner =
            map_.positions[index(out)].size() - static_cast<std::size_t>(edit.end);
        set_number(node, 1, 1, kept(out, static_cast<std::size_t>(edit.begin)));
        return set_number(node, 1, edit.entry, kept(out) - kept(out, inner));
      }
      case EditKind::ReshapeSize:
        return set_number(node, 1, 1, kept(node.outputs[0]));
    }
  }

  static void set_group(ir::Node& node, std::int64_t group) {
    if (auto* conv = std::get_if<ir::Conv>(&node.op)) conv->group = group;
    if (auto* conv = std::get_if<ir::ConvTranspose>(&node.op)) conv->group = group;
  }

  void set_split_sizes(ir::Node& node) {
    Indices sizes;
    for (const ir::ValueId part : node.outputs) sizes.push_back(kept(part));
    const auto count = static_cast<std::int64_t>(sizes.size());
    node.inputs.resize(2, ir::kNoValue);
    node.inputs[1] =
        graph_.add_constant(node.name + ".sizes", Tensor::from<std::int64_t>({count}, sizes));
  }

  // Entry `entry` of the integers that input `i` lists.
  void set_number(ir::Node& node, std::size_t i, std::size_t entry, std::int64_t number) {
    const ir::ValueId from = stored(node.inputs[i]);
    Tensor numbers = *graph_[from].constant;
    if (numbers.dtype() == DType::Int32) {
      numbers.mutable_data<std::int32_t>()[entry] = static_cast<std::int32_t>(number);
    } else {
      numbers.mutable_data<std::int64_t>()[entry] = number;
    }
    if (numbers == *graph_[from].constant) return;
    if (is_read_once(from)) return set(from, std::move(numbers));
    node.inputs[i] = add(from, std::move(numbers));
  }

  // Nobody else needs the constant as it is. Those added here are of the cuts that are alike.
  bool is_read_once(ir::ValueId id) const {
    return index(id) < consumers_.size() && consumers_[index(id)].size() == 1 &&
           std::ranges::count(graph_.outputs, id) == 0;
  }

  void set(ir::ValueId id, Tensor content) {
    graph_[id].type = ir::ValueType{content.dtype(), content.shape()};
    graph_[id].constant = std::move(content);
  }

  ir::ValueId add(ir::ValueId from, Tensor content) {
    const std::string name = graph_[from].name;
    return graph_.add_constant(name, std::move(content));
  }

  ir::ValueId stored(ir::ValueId id) const { return stored_constant(graph_, producers_, id); }

  ir::Graph& graph_;
  const ChannelMap& map_;
  const std::vector<bool>& removed_;
  std::vector<ir::NodeId> producers_;
  std::vector<std::vector<ir::NodeId>> consumers_;
  std::map<std::tuple<ir::ValueId, std::size_t, Indices>, ir::ValueId> cuts_;
};

}  // namespace

Status shrink(ir::Graph& graph, const ChannelMap& map, const std::vector<bool>& removed) {
  if (std::ranges::count(removed, true) == 0) return {};
  std::vector<Shape> input_shapes;
  input_shapes.reserve(graph.inputs.size());
  for (const ir::GraphInput& input : graph.inputs) {
    input_shapes.push_back(graph.type(input.value).shape);
  }
  ir::Graph smaller = graph;
  Shrinker(smaller, map, removed).run();
  ir::remove_unused(smaller);
  SL_TRY_STATUS(ir::infer_types(smaller, input_shapes, runtime::reference::evaluate));
  SL_TRY_STATUS(ir::verify(smaller));
  graph = std::move(smaller);
  return {};
}

}  // namespace sluice::sparse
