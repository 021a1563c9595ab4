// SPDX-License-Identifier: Apache-2.0
#include "sluice/exact/compare/segment.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <set>

#include "sluice/base/text.hpp"
#include "sluice/exact/code_ranges.hpp"
#include "sluice/exact/golden/layer.hpp"
#include "sluice/exact/reference/kernel.hpp"
#include "sluice/exact/reference/linear.hpp"

namespace sluice::exact::compare {
namespace {

using numeric::Arithmetic;

// Goes back from one value to the known ones.
class Backward {
 public:
  Backward(const ir::Graph& graph, const std::vector<ir::NodeId>& producers, const Values& known)
      : graph_(graph), producers_(producers), known_(known) {}

  Result<Segment> from(ir::ValueId output) {
    std::vector<ir::ValueId> waiting;
    std::set<ir::NodeId> nodes{producer(output)};
    add_inputs(producer(output), waiting);
    std::set<ir::ValueId> inputs;
    while (!waiting.empty()) {
      const ir::ValueId id = waiting.back();
      waiting.pop_back();
      if (id == ir::kNoValue || graph_[id].constant) continue;
      if (known_.contains(id)) {
        inputs.insert(id);
      } else if (producer(id) == ir::kNoNode) {
        return Error{ErrorCode::InvalidArgument, "its content is not known; give it with --input",
                     fmt::format("input {}", sluice::quoted(graph_[id].name))};
      } else if (nodes.insert(producer(id)).second) {
        add_inputs(producer(id), waiting);
      }
    }
    return Segment{output, {nodes.begin(), nodes.end()}, {inputs.begin(), inputs.end()}};
  }

 private:
  ir::NodeId producer(ir::ValueId id) const { return producers_[static_cast<std::size_t>(id)]; }

  void add_inputs(ir::NodeId node, std::vector<ir::ValueId>& to) const {
    const auto& inputs = graph_[node].inputs;
    to.insert(to.end(), inputs.begin(), inputs.end());
  }

  const ir::Graph& graph_;
  const std::vector<ir::NodeId>& producers_;
  const Values& known_;
};

// Runs a segment's nodes one after another, keeping all they make.
class Runner {
 public:
  Runner(const ir::Graph& graph, const Values& known, std::optional<Arithmetic> instead)
      : graph_(graph), known_(known), instead_(instead) {}

  const Tensor& value(ir::ValueId id) const {
    if (graph_[id].constant) return *graph_[id].constant;
    const auto own = made_.find(id);
    return own == made_.end() ? known_.at(id) : own->second;
  }

  std::optional<Arithmetic> instead() const { return instead_; }

  std::vector<const Tensor*> inputs_of(const ir::Node& node) const {
    std::vector<const Tensor*> inputs;
    inputs.reserve(node.inputs.size());
    for (const ir::ValueId id : node.inputs) {
      inputs.push_back(id == ir::kNoValue ? nullptr : &value(id));
    }
    return inputs;
  }

  reference::NodeView view(const ir::Node& node, std::span<const Tensor* const> inputs) const {
    return {graph_, node, inputs, reference::arithmetic_of(node, instead_)};
  }

  Status run(const ir::Node& node) {
    const auto inputs = inputs_of(node);
    auto outputs = reference::evaluate(view(node, inputs));
    if (!outputs) {
      return std::move(outputs).error().at(ir::place_of(node));
    }
    for (std::size_t i = 0; i < node.outputs.size(); ++i) {
      made_.insert_or_assign(node.outputs[i], std::move((*outputs)[i]));
    }
    return {};
  }

 private:
  const ir::Graph& graph_;
  const Values& known_;
  std::optional<Arithmetic> instead_;
  Values made_;
};

bool is_clamp(const ir::Op& op) {
  return ir::is<ir::Relu>(op) || ir::is<ir::Clip>(op);
}

// The layer with accumulators at the end of the segment, only clamps behind it; null if there is
// none.
const ir::Node* last_linear(const ir::Graph& graph, const Segment& segment,
                            std::vector<const ir::Node*>& clamps) {
  for (auto id = segment.nodes.rbegin(); id != segment.nodes.rend(); ++id) {
    const ir::Node& node = graph[*id];
    const ir::ValueId expected = clamps.empty() ? segment.output : clamps.front()->inputs[0];
    if (node.outputs[0] != expected) return nullptr;
    if (ir::is_linear(node.op)) return &node;
    if (!is_clamp(node.op)) return nullptr;
    clamps.insert(clamps.begin(), &node);
  }
  return nullptr;
}

Result<std::optional<Sums>> sums_of(const ir::Graph& graph, const Segment& segment,
                                    const Runner& runner) {
  std::vector<const ir::Node*> clamps;
  const ir::Node* linear = last_linear(graph, segment, clamps);
  if (linear == nullptr || !graph[linear->outputs[0]].quantization) return std::optional<Sums>();
  const auto inputs = runner.inputs_of(*linear);
  const reference::NodeView view = runner.view(*linear, inputs);
  if (!reference::is_integer_layer(view)) return std::optional<Sums>();
  Sums sums;
  SL_TRY(sums.accumulators, reference::accumulators_of(view));
  SL_TRY(sums.requantizers, reference::requantizers(view));
  sums.axis = reference::requantizer_axis(view);
  for (const ir::Node* clamp : clamps) {
    const auto codes = clamped(graph, *clamp, sums.requantizers[0].codes, runner.instead());
    // Another scale behind it is no clamp of these codes.
    const bool keeps_scale =
        graph[clamp->outputs[0]].quantization == graph[clamp->inputs[0]].quantization;
    if (!codes || !keeps_scale) return std::optional<Sums>();
    for (numeric::Requantizer& by : sums.requantizers) by.codes = *codes;
  }
  return std::optional(std::move(sums));
}

}  // namespace

Result<std::vector<Segment>> segments(const ir::Graph& graph, const Values& known) {
  const auto producers = ir::producers(graph);
  Backward backward(graph, producers, known);
  std::vector<Segment> result;
  for (const ir::Node& node : graph.nodes) {
    for (const ir::ValueId id : node.outputs) {
      if (!known.contains(id)) continue;
      SL_TRY(result.emplace_back(), backward.from(id));
    }
  }
  return result;
}

Result<Evaluation> evaluate(const ir::Graph& graph, const Segment& segment, const Values& known,
                            std::optional<Arithmetic> instead) {
  Runner runner(graph, known, instead);
  for (const ir::NodeId id : segment.nodes) SL_TRY_STATUS(runner.run(graph[id]));
  Evaluation result{runner.value(segment.output), std::nullopt};
  SL_TRY(result.sums, sums_of(graph, segment, runner));
  return result;
}

Evidence evidence_of(const ir::Graph& graph, const Segment& segment, const Values& known,
                     Evaluation evaluation) {
  Evidence evidence{.sums = std::move(evaluation.sums)};
  const auto& quantization = graph[segment.output].quantization;
  if (quantization) evidence.codes = numeric::codes_of(*quantization);
  if (!evidence.sums) {
    for (std::size_t a = 0; a < numeric::kNumArithmetics; ++a) {
      const auto arithmetic = static_cast<Arithmetic>(a);
      // What an arithmetic does not do explains nothing.
      auto other = evaluate(graph, segment, known, arithmetic);
      if (other) evidence.alternatives.push_back({arithmetic, std::move(other->output)});
    }
  }
  const ir::Node* windowed = nullptr;
  for (const ir::NodeId id : segment.nodes) {
    if (golden::window_of(graph, graph[id])) windowed = &graph[id];
  }
  // Of a transposed convolution the window moves over the output.
  if (windowed == nullptr || ir::is<ir::ConvTranspose>(windowed->op)) return evidence;
  const Shape& shape = graph.type(windowed->outputs[0]).shape;
  if (shape == graph.type(segment.output).shape) {
    evidence.border = border_of(*golden::window_of(graph, *windowed),
                                graph.type(windowed->inputs[0]).shape, shape);
  }
  return evidence;
}

const ir::Node* rounding_node(const ir::Graph& graph, const Segment& segment) {
  const ir::Node* found = nullptr;
  for (const ir::NodeId id : segment.nodes) {
    const ir::Node& node = graph[id];
    if (ir::is_linear(node.op)) return &node;
    if (node.arithmetic) found = &node;
  }
  return found;
}

}  // namespace sluice::exact::compare
