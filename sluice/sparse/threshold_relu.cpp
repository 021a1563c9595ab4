// SPDX-License-Identifier: Apache-2.0
#include "sluice/sparse/threshold_relu.hpp"

#include <cmath>
#include <fmt/format.h>

#include "sluice/ir/names.hpp"
#include "sluice/sparse/weight_layers.hpp"

namespace sluice::sparse {
namespace {

const Tensor* constant_input(const ir::Graph& graph, const ir::Node& node, std::size_t i) {
  if (i >= node.inputs.size() || node.inputs[i] == ir::kNoValue) return nullptr;
  const auto& constant = graph[node.inputs[i]].constant;
  return constant ? &*constant : nullptr;
}

bool is_given(const ir::Node& node, std::size_t i) {
  return i < node.inputs.size() && node.inputs[i] != ir::kNoValue;
}

// Whether the node lets nothing negative through and changes nothing else below its cap.
bool cuts_at_zero(const ir::Graph& graph, const ir::Node& node) {
  if (node.inputs.empty() || graph.type(node.inputs[0]).dtype != DType::Float32) return false;
  if (ir::is<ir::Relu>(node.op)) return true;
  if (const auto* op = std::get_if<ir::ThresholdedRelu>(&node.op)) return op->alpha >= 0;
  if (!ir::is<ir::Clip>(node.op)) return false;
  const Tensor* low = constant_input(graph, node, 1);
  return low != nullptr && low->num_elements() == 1 && low->data<float>()[0] == 0;
}

Status check_threshold(const std::optional<float>& threshold) {
  if (!threshold || (std::isfinite(*threshold) && *threshold >= 0)) return {};
  return invalid_argument(
      fmt::format("a threshold of ReLUs is a finite number of 0 or more, got {}", *threshold));
}

}  // namespace

Result<std::vector<ThresholdedLayer>> threshold_relus(
    ir::Graph& graph, const PerLayer<std::optional<float>>& thresholds, Cap cap) {
  SL_TRY_STATUS(check_values(thresholds, check_threshold));
  SL_TRY_STATUS(refuse_quantized(graph));
  std::vector<std::string_view> relus;
  for (const ir::Node& node : graph.nodes) {
    if (cuts_at_zero(graph, node)) relus.push_back(node.name);
  }
  SL_TRY_STATUS(check_names(thresholds, "ReLU", relus));

  ir::Names value_names = ir::Names::of(graph.values);
  ir::Names node_names = ir::Names::of(graph.nodes);
  std::vector<ThresholdedLayer> done;
  std::vector<ir::Node> nodes;
  nodes.reserve(graph.nodes.size());
  for (ir::Node& node : graph.nodes) {
    const std::optional<float> threshold = thresholds.of(node.name);
    if (!threshold || !cuts_at_zero(graph, node)) {
      nodes.push_back(std::move(node));
      continue;
    }
    done.push_back({node.name, *threshold});
    const ir::ThresholdedRelu op{.alpha = *threshold};
    if (ir::is<ir::Clip>(node.op) && is_given(node, 2) && cap == Cap::Keep) {
      const std::string name = node.name + ".threshold";
      const ir::ValueId cut{static_cast<std::int32_t>(graph.values.size())};
      graph.values.push_back({.name = value_names.take(name), .type = graph[node.inputs[0]].type});
      nodes.push_back({node_names.take(name), op, {node.inputs[0]}, {cut}});
      node.inputs[0] = cut;
    } else {
      node.op = op;
      node.inputs.resize(1);
    }
    nodes.push_back(std::move(node));
  }
  graph.nodes = std::move(nodes);
  ir::remove_unused(graph);
  return done;
}

}  // namespace sluice::sparse
