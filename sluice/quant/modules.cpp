// SPDX-License-Identifier: Apache-2.0
#include "sluice/quant/modules.hpp"

#include <algorithm>

#include "sluice/passes/rewrite.hpp"

namespace sluice::quant {
namespace {

using passes::constant_of;
using passes::input_of;

// What find_modules knows of a node: not a module, or one with these weights.
struct Found {
  bool is_module = false;
  std::optional<Weight> weight;
};

std::int64_t spatial_rank(const ir::Graph& graph, const ir::Node& node) {
  return static_cast<std::int64_t>(graph.type(node.inputs[0]).shape.size()) - 2;
}

bool is_scalar(const Tensor* tensor, float value) {
  return tensor != nullptr && tensor->dtype() == DType::Float32 && tensor->num_elements() == 1 &&
         tensor->data<float>()[0] == value;
}

bool is_relu6(const ir::Graph& graph, const ir::Node& node) {
  return is_scalar(constant_of(graph, input_of(node, 1)), 0) &&
         is_scalar(constant_of(graph, input_of(node, 2)), 6);
}

bool is_left_out(const ir::Graph& graph, const ir::Node& node, Compat compat) {
  return compat == Compat::Fpgaconvnet && spatial_rank(graph, node) == 1;
}

// The weights of Gemm and MatMul: the second operand, if it is constant.
Found linear(const ir::Graph& graph, const ir::Node& node, bool is_transposed) {
  const Tensor* weight = constant_of(graph, input_of(node, 1));
  if (weight == nullptr || weight->rank() < 2) return {};
  const auto last = static_cast<std::int64_t>(weight->rank()) - 1;
  if (is_transposed) return {true, Weight{1, last - 1, last}};
  return {true, Weight{1, last, last - 1}};
}

Result<Found> convolution(const ir::Graph& graph, const ir::Node& node, const Weight& weight) {
  if (constant_of(graph, input_of(node, 1)) != nullptr) return Found{true, weight};
  return Error{ErrorCode::Unsupported,
               "its weights are computed while running: only constant weights can be quantised",
               ir::place_of(node)};
}

Result<Found> examine(const ir::Graph& graph, const ir::Node& node, Compat compat) {
  const bool is_conv = ir::is<ir::Conv>(node.op);
  if (is_conv || ir::is<ir::ConvTranspose>(node.op)) {
    if (is_left_out(graph, node, compat)) return Found{};
    const bool reads_inputs =
        is_conv || (compat == Compat::Fpgaconvnet && spatial_rank(graph, node) == 3);
    if (is_conv) return convolution(graph, node, {1, 0, 1});
    return convolution(graph, node, {1, reads_inputs ? 0 : 1, 0});
  }
  if (const auto* gemm = std::get_if<ir::Gemm>(&node.op)) {
    return linear(graph, node, gemm->trans_b);
  }
  if (ir::is<ir::MatMul>(node.op)) return linear(graph, node, false);
  if (ir::is<ir::Clip>(node.op)) return Found{is_relu6(graph, node), {}};
  if (ir::is<ir::MaxPool>(node.op) || ir::is<ir::AveragePool>(node.op) ||
      ir::is<ir::GlobalAveragePool>(node.op)) {
    return Found{!is_left_out(graph, node, compat), {}};
  }
  return Found{ir::is<ir::Relu>(node.op) || ir::is<ir::ThresholdedRelu>(node.op) ||
                   ir::is<ir::LeakyRelu>(node.op) || ir::is<ir::HardSwish>(node.op),
               {}};
}

}  // namespace

bool is_float32(const ir::Graph& graph, ir::ValueId id) {
  return id != ir::kNoValue && graph.type(id).dtype == DType::Float32;
}

Result<std::vector<Module>> find_modules(const ir::Graph& graph, Compat compat) {
  std::vector<Module> modules;
  for (std::size_t n = 0; n < graph.nodes.size(); ++n) {
    const ir::Node& node = graph.nodes[n];
    if (!is_float32(graph, input_of(node, 0)) || node.outputs.empty() ||
        !is_float32(graph, node.outputs[0])) {
      continue;
    }
    SL_TRY(const Found found, examine(graph, node, compat));
    if (found.is_module) {
      modules.push_back({ir::NodeId{static_cast<std::int32_t>(n)}, found.weight});
    }
  }
  return modules;
}

std::vector<ir::ValueId> quantized_values(const ir::Graph& graph,
                                          const std::vector<Module>& modules) {
  std::vector<ir::ValueId> values;
  for (const Module& module : modules) {
    values.push_back(graph[module.node].inputs[0]);
    values.push_back(graph[module.node].outputs[0]);
  }
  std::ranges::sort(values);
  values.erase(std::unique(values.begin(), values.end()), values.end());
  return values;
}

}  // namespace sluice::quant
