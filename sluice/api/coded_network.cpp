// SPDX-License-Identifier: Apache-2.0
#include "sluice/api/coded_network.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <limits>
#include <map>
#include <numeric>

#include "sluice/base/text.hpp"
#include "sluice/exact/golden/layer.hpp"
#include "sluice/numeric/element.hpp"
#include "sluice/numeric/grid_codes.hpp"
#include "sluice/runtime/reference/copy.hpp"

namespace sluice::api {
namespace {

using Axes = std::vector<std::int64_t>;

Axes network_order(std::size_t rank) {
  Axes axes(rank);
  std::iota(axes.begin(), axes.end(), std::int64_t{0});
  return axes;
}

sparse::Alphabet alphabet_of(const numeric::Grid& grid) {
  const numeric::CodeWidth width = numeric::code_width(grid);
  return {width.bits, width.is_signed};
}

Result<sparse::Alphabet> alphabet_of(const ir::Value& value) {
  const numeric::Quantization& by = *value.quantization;
  const sparse::Alphabet alphabet{by.bits.value_or(num_bits(by.dtype)),
                                  integer_range(by.dtype).least < 0};
  if (alphabet.highest() <= std::numeric_limits<std::int32_t>::max()) return alphabet;
  return Error{ErrorCode::Unsupported,
               fmt::format("its codes are {}, and int32 is the widest that is encoded",
                           sluice::to_string(by.dtype)),
               fmt::format("value {}", sluice::quoted(value.name))};
}

// Makes the layers of a float32 network from its three forms.
class Emulated {
 public:
  Emulated(const ir::Graph& original, const ir::Graph& weighted, const ir::Graph& snapped,
           const quant::ActivationGrids* grids, quant::Compat compat)
      : original_(original),
        weighted_(weighted),
        snapped_(snapped),
        grids_(grids),
        compat_(compat),
        producers_(ir::producers(snapped)) {
    for (const ir::Node& node : snapped_.nodes) nodes_.emplace(node.name, &node);
  }

  Result<CodedLayer> layer(const quant::Module& module, const quant::WeightGrids& weight_grids) {
    const ir::Node& node = weighted_[module.node];
    CodedLayer layer{node.name, std::string(ir::op_name(node.op)), {}};
    if (module.weight) {
      SL_TRY(CodedTensor tensor,
             weights(module.node, *module.weight, weight_grids.at(module.node)));
      layer.tensors.push_back(std::move(tensor));
    }
    if (grids_ == nullptr) return layer;
    // What the layer reads has been snapped just before it, or by the layer that made it.
    const ir::Node& ran = *nodes_.at(node.name);
    const ir::Node& snap = snapped_[producers_[index(ran.inputs[0])]];
    layer.tensors.push_back(
        activation("input", node.inputs[0], snap.inputs[0], std::get<ir::Snap>(snap.op).grid));
    layer.tensors.push_back(
        activation("output", node.outputs[0], ran.outputs[0], grids_->at(node.outputs[0])));
    return layer;
  }

 private:
  Result<CodedTensor> weights(ir::NodeId id, const quant::Weight& weight,
                              const numeric::Grid& grid) const {
    const ir::Node& node = weighted_[id];
    const Tensor& values = *weighted_[node.inputs[weight.input]].constant;
    CodedTensor tensor{.role = "weights",
                       .value = original_[original_[id].inputs[weight.input]].name,
                       .alphabet = alphabet_of(grid),
                       .shape = values.shape()};
    tensor.stream_axes = compat_ == quant::Compat::Fpgaconvnet
                             ? network_order(values.rank())
                             : exact::golden::stream_axes_of_weights(node.op, values.shape());
    auto codes = numeric::grid_codes(grid, values);
    if (!codes) return std::move(codes).error().at(ir::place_of(node));
    tensor.codes = *std::move(codes);
    return tensor;
  }

  CodedTensor activation(std::string role, ir::ValueId id, ir::ValueId source,
                         const numeric::Grid& grid) const {
    const Shape& shape = weighted_.type(id).shape;
    return {.role = std::move(role),
            .value = weighted_[id].name,
            .alphabet = alphabet_of(grid),
            .shape = shape,
            .stream_axes = compat_ == quant::Compat::Fpgaconvnet
                               ? network_order(shape.size())
                               : exact::golden::stream_axes_of_value(weighted_, id),
            .source = source,
            .grid = grid};
  }

  const ir::Graph& original_;
  const ir::Graph& weighted_;
  const ir::Graph& snapped_;
  const quant::ActivationGrids* grids_;
  quant::Compat compat_;
  std::vector<ir::NodeId> producers_;
  std::map<std::string_view, const ir::Node*> nodes_;  // of the snapped network
};

Result<CodedTensor> quantized_activation(const ir::Graph& graph, std::string role, ir::ValueId id) {
  const ir::Value& value = graph[id];
  CodedTensor tensor{.role = std::move(role), .value = value.name, .source = id};
  SL_TRY(tensor.alphabet, alphabet_of(value));
  tensor.shape = graph.type(id).shape;
  tensor.stream_axes = exact::golden::stream_axes_of_value(graph, id);
  return tensor;
}

Result<CodedLayer> quantized_layer(const ir::Graph& graph, const ir::Node& node) {
  CodedLayer layer{node.name, std::string(ir::op_name(node.op)), {}};
  const ir::Value& weights = graph[node.inputs[1]];
  CodedTensor tensor{.role = "weights", .value = weights.name};
  SL_TRY(tensor.alphabet, alphabet_of(weights));
  tensor.shape = weights.constant->shape();
  tensor.stream_axes = exact::golden::stream_axes_of_weights(node.op, tensor.shape);
  tensor.codes = numeric::cast(*weights.constant, DType::Int32);
  layer.tensors.push_back(std::move(tensor));
  if (graph[node.inputs[0]].quantization) {
    SL_TRY(CodedTensor input, quantized_activation(graph, "input", node.inputs[0]));
    layer.tensors.push_back(std::move(input));
  }
  if (graph[node.outputs[0]].quantization) {
    SL_TRY(CodedTensor output, quantized_activation(graph, "output", node.outputs[0]));
    layer.tensors.push_back(std::move(output));
  }
  return layer;
}

bool has_coded_weights(const ir::Graph& graph, const ir::Node& node) {
  if (!ir::is_linear(node.op) || node.inputs[1] == ir::kNoValue) return false;
  const ir::Value& weights = graph[node.inputs[1]];
  return weights.constant.has_value() && weights.quantization.has_value();
}

}  // namespace

Result<CodedNetwork> coded_network(ir::Graph graph, const numeric::Format& format,
                                   const std::optional<quant::ActivationGrids>& grids,
                                   quant::Compat compat) {
  if (std::holds_alternative<numeric::Float32Format>(format)) {
    return Error{ErrorCode::InvalidArgument,
                 "float32 has no codes to be encoded; name formats of integers, such as fixed8"};
  }
  ir::remove_unused(graph);  // so that a node has one number in all forms of the network
  SL_TRY(const quant::WeightGrids weight_grids, quant::weight_grids(graph, format, compat));
  SL_TRY(const ir::Graph weighted, quant::quantize_weights(graph, format, compat));
  SL_TRY(const auto modules, quant::find_modules(weighted, compat));
  CodedNetwork network;
  if (grids) {
    SL_TRY(network.graph, quant::insert_snaps(weighted, *grids, compat));
  }
  Emulated emulated(graph, weighted, network.graph, grids ? &*grids : nullptr, compat);
  const bool takes_all = compat == quant::Compat::Fpgaconvnet;
  for (const quant::Module& module : modules) {
    if (!module.weight && !takes_all) continue;
    SL_TRY(CodedLayer layer, emulated.layer(module, weight_grids));
    if (!layer.tensors.empty()) network.layers.push_back(std::move(layer));
  }
  return network;
}

Result<CodedNetwork> coded_network(const ir::Graph& quantized) {
  CodedNetwork network{quantized, {}};
  for (const ir::Node& node : quantized.nodes) {
    if (!has_coded_weights(quantized, node)) continue;
    SL_TRY(CodedLayer layer, quantized_layer(quantized, node));
    network.layers.push_back(std::move(layer));
  }
  return network;
}

Result<std::vector<std::int32_t>> stream_of(const CodedTensor& tensor, const Tensor& content) {
  Tensor codes = content;
  if (tensor.grid) {
    auto found = numeric::grid_codes(*tensor.grid, content);
    if (!found) {
      return std::move(found).error().at(fmt::format("value {}", sluice::quoted(tensor.value)));
    }
    codes = *std::move(found);
  } else if (codes.dtype() != DType::Int32) {
    codes = numeric::cast(codes, DType::Int32);
  }
  if (!std::ranges::is_sorted(tensor.stream_axes)) {
    codes = runtime::reference::transposed(codes, tensor.stream_axes);
  }
  const auto stream = codes.data<std::int32_t>();
  return std::vector<std::int32_t>(stream.begin(), stream.end());
}

}  // namespace sluice::api
