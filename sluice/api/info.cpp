// SPDX-License-Identifier: Apache-2.0
#include "sluice/api/info.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "sluice/base/text.hpp"
#include "sluice/ir/pixel_shift.hpp"
#include "sluice/report/table.hpp"

namespace sluice::api {
namespace {

std::int64_t product(const Shape& shape, std::size_t from) {
  std::int64_t n = 1;
  for (std::size_t i = from; i < shape.size(); ++i) n *= shape[i];
  return n;
}

// Multiply-accumulates, one overload an operator that has any.
struct MacCount {
  const ir::Graph& graph;
  const ir::Node& node;

  const Shape& in(std::size_t i) const { return graph.type(node.inputs[i]).shape; }
  const Shape& out() const { return graph.type(node.outputs[0]).shape; }

  // Every output element sums over C/group channels and the kernel: w is [M, C/group, kernel…].
  // Those that only move pixels have none.
  std::int64_t operator()(const ir::Conv&) const {
    if (ir::pixel_shift_of(graph, node)) return 0;
    return num_elements(out()) * product(in(1), 1);
  }
  // Every input element is used for M/group channels and the kernel: w is [C, M/group, kernel…].
  std::int64_t operator()(const ir::ConvTranspose&) const {
    return num_elements(in(0)) * product(in(1), 1);
  }
  std::int64_t operator()(const ir::Gemm& gemm) const {
    return num_elements(out()) * in(0)[gemm.trans_a ? 0 : 1];
  }
  std::int64_t operator()(const ir::MatMul&) const { return num_elements(out()) * in(0).back(); }
  template <class Other>
  std::int64_t operator()(const Other&) const {
    return 0;
  }
};

std::vector<TensorInfo> tensors(const ir::Graph& graph, const std::vector<ir::ValueId>& ids) {
  std::vector<TensorInfo> result;
  result.reserve(ids.size());
  for (const ir::ValueId id : ids) {
    result.push_back({graph[id].name, graph.type(id).dtype, graph.type(id).shape});
  }
  return result;
}

std::string line(std::string_view kind, const TensorInfo& tensor) {
  return fmt::format("{} {}: {} {}\n", kind, printable(tensor.name), to_string(tensor.dtype),
                     sluice::to_string(tensor.shape));
}

Json tensors_json(const std::vector<TensorInfo>& tensors) {
  Json list = Json::array();
  for (const TensorInfo& tensor : tensors) {
    list.push_back(
        {{"name", tensor.name}, {"dtype", to_string(tensor.dtype)}, {"shape", tensor.shape}});
  }
  return list;
}

}  // namespace

ModelInfo info(const ir::Graph& graph) {
  ModelInfo model;
  model.name = graph.name;
  std::vector<ir::ValueId> inputs;
  inputs.reserve(graph.inputs.size());
  for (const ir::GraphInput& input : graph.inputs) inputs.push_back(input.value);
  model.inputs = tensors(graph, inputs);
  model.outputs = tensors(graph, graph.outputs);
  std::vector<bool> counted(graph.values.size(), false);
  for (const ir::Node& node : graph.nodes) {
    LayerInfo layer;
    layer.name = node.name;
    layer.op = ir::op_name(node.op);
    layer.output_shape = graph.type(node.outputs[0]).shape;
    layer.macs = std::visit(MacCount{graph, node}, node.op);
    for (const ir::ValueId id : node.inputs) {
      if (id == ir::kNoValue || !graph[id].constant || counted[static_cast<std::size_t>(id)]) {
        continue;
      }
      counted[static_cast<std::size_t>(id)] = true;
      const Tensor& constant = *graph[id].constant;
      // Shapes and axes are not parameters.
      if (!is_float(constant.dtype()) && !graph[id].quantization) continue;
      layer.parameters += constant.num_elements();
      model.weight_bytes += static_cast<std::int64_t>(constant.bytes().size());
    }
    model.parameters += layer.parameters;
    model.macs += layer.macs;
    model.activation_elements += num_elements(layer.output_shape);
    model.layers.push_back(std::move(layer));
  }
  return model;
}

std::string to_text(const ModelInfo& model) {
  using report::with_commas;
  using report::with_prefix;
  report::Table table({{"layer", report::Align::Left},
                       {"op", report::Align::Left},
                       {"output"},
                       {"parameters"},
                       {"MACs"}});
  for (const LayerInfo& layer : model.layers) {
    table.add_row({printable(layer.name), layer.op, sluice::to_string(layer.output_shape),
                   layer.parameters == 0 ? "" : with_commas(layer.parameters),
                   layer.macs == 0 ? "" : with_commas(layer.macs)});
  }
  std::string out;
  for (const TensorInfo& input : model.inputs) out += line("input ", input);
  for (const TensorInfo& output : model.outputs) out += line("output", output);
  out += '\n' + table.text() + '\n';
  out += fmt::format("{} layers, {} parameters ({}B), {} MACs, {} activation values\n",
                     model.layers.size(), with_prefix(static_cast<double>(model.parameters)),
                     with_prefix(static_cast<double>(model.weight_bytes)),
                     with_prefix(static_cast<double>(model.macs)),
                     with_prefix(static_cast<double>(model.activation_elements)));
  return out;
}

Json to_json(const ModelInfo& model) {
  Json layers = Json::array();
  for (const LayerInfo& layer : model.layers) {
    layers.push_back({{"name", layer.name},
                      {"op", layer.op},
                      {"output_shape", layer.output_shape},
                      {"parameters", layer.parameters},
                      {"macs", layer.macs}});
  }
  return {{"format", "sluice.info/1"},
          {"name", model.name},
          {"inputs", tensors_json(model.inputs)},
          {"outputs", tensors_json(model.outputs)},
          {"parameters", model.parameters},
          {"macs", model.macs},
          {"weight_bytes", model.weight_bytes},
          {"activation_elements", model.activation_elements},
          {"layers", std::move(layers)}};
}

}  // namespace sluice::api
