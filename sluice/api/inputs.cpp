// SPDX-License-Identifier: Apache-2.0
#include "sluice/api/inputs.hpp"

#include <algorithm>
#include <fmt/format.h>

#include "sluice/api/model.hpp"
#include "sluice/api/network.hpp"
#include "sluice/base/rng.hpp"
#include "sluice/base/text.hpp"
#include "sluice/numeric/element.hpp"
#include "sluice/numeric/npy.hpp"
#include "sluice/passes/real_interface.hpp"

namespace sluice::api {
namespace {

std::string place_of(const std::string& name) {
  return fmt::format("input {}", sluice::quoted(name));
}

// Which given file feeds the graph's input `name`.
Result<std::filesystem::path> file_of(const OpenOptions& options, const ir::Graph& graph,
                                      const std::string& name) {
  for (const RunInput& input : options.inputs) {
    if (input.name == name || (input.name.empty() && graph.inputs.size() == 1)) return input.file;
  }
  return Error{ErrorCode::InvalidArgument,
               graph.inputs.size() == 1
                   ? "needs a file: give --input FILE.npy"
                   : fmt::format("needs a file: give --input {}=FILE.npy", printable(name)),
               place_of(name)};
}

Status check_names(const OpenOptions& options, const ir::Graph& graph) {
  std::vector<std::string_view> names;
  names.reserve(graph.inputs.size());
  for (const ir::GraphInput& input : graph.inputs) names.push_back(graph[input.value].name);
  for (const RunInput& input : options.inputs) {
    if (input.name.empty() || std::ranges::count(names, input.name) > 0) continue;
    return Error{ErrorCode::InvalidArgument,
                 fmt::format("the network has no input {}{}", sluice::quoted(input.name),
                             did_you_mean(input.name, names))};
  }
  return {};
}

Tensor random_codes(const numeric::Quantization& quantization, const Shape& shape, Rng& rng) {
  const numeric::CodeRange range = numeric::codes_of(quantization);
  std::vector<std::int64_t> codes(static_cast<std::size_t>(num_elements(shape)));
  for (std::int64_t& code : codes) code = rng.integer(range.lowest, range.highest);
  return numeric::cast(Tensor::from(shape, codes), quantization.dtype);
}

// An input of real numbers is drawn from those of the grid that its first reader puts it on.
const numeric::Quantization* grid_of_reader(const ir::Graph& graph, ir::ValueId id) {
  for (const ir::Node& node : graph.nodes) {
    const bool reads = !node.inputs.empty() && node.inputs[0] == id;
    const bool quantizes = ir::is<ir::QuantizeLinear>(node.op) || ir::is<ir::Identity>(node.op);
    if (!reads || !quantizes || !graph[node.outputs[0]].quantization) continue;
    return &*graph[node.outputs[0]].quantization;
  }
  return nullptr;
}

Result<Tensor> draw_input(const ir::Graph& graph, ir::ValueId id, Rng& rng) {
  const ir::Value& value = graph[id];
  const Shape& shape = graph.type(id).shape;
  if (value.quantization) return random_codes(*value.quantization, shape, rng);
  const numeric::Quantization* grid = grid_of_reader(graph, id);
  if (grid == nullptr) {
    return Error{ErrorCode::InvalidArgument,
                 "is not quantized, so it is not known what to draw; give --input FILE.npy",
                 place_of(value.name)};
  }
  return numeric::dequantized(random_codes(*grid, shape, rng), *grid);
}

Result<OpenedNetwork> open_with_drawn_inputs(const OpenOptions& options) {
  OpenedNetwork network;
  SL_TRY(network.graph, load_model(options.model, {.input_shapes = options.input_shapes}));
  SL_TRY_STATUS(prepare(network.graph, options.compat));
  SL_TRY(network.inputs, draw_inputs(network.graph, *options.seed));
  return network;
}

}  // namespace

Result<Tensor> read_input(const std::filesystem::path& file, const ir::GraphInput& input,
                          bool is_quantized) {
  SL_TRY(Tensor tensor, numeric::read_npy(file));
  const bool fits =
      tensor.dtype() == input.dtype || (is_quantized && tensor.dtype() == DType::Float32);
  if (!fits || tensor.rank() != input.declared_shape.size()) {
    return Error{ErrorCode::InvalidArgument,
                 fmt::format("holds {} of {} dimensions, the network wants {}{} of {}",
                             sluice::to_string(tensor.dtype()), tensor.rank(),
                             sluice::to_string(input.dtype), is_quantized ? " or float32" : "",
                             input.declared_shape.size()),
                 file.string()};
  }
  return tensor;
}

Result<std::vector<Tensor>> draw_inputs(const ir::Graph& graph, std::uint32_t seed) {
  Rng rng(seed);
  std::vector<Tensor> inputs;
  inputs.reserve(graph.inputs.size());
  for (const ir::GraphInput& input : graph.inputs) {
    SL_TRY(inputs.emplace_back(), draw_input(graph, input.value, rng));
  }
  return inputs;
}

Result<OpenedNetwork> open_network(const OpenOptions& options) {
  if (options.inputs.empty() && options.seed) return open_with_drawn_inputs(options);
  OpenedNetwork network;
  ir::Graph& graph = network.graph;
  SL_TRY(graph, read_model(options.model));
  SL_TRY_STATUS(check_names(options, graph));
  LoadOptions shapes;
  for (const ir::GraphInput& input : graph.inputs) {
    const std::string& name = graph[input.value].name;
    SL_TRY(const auto file, file_of(options, graph, name));
    const bool is_quantized = graph[input.value].quantization.has_value();
    SL_TRY(Tensor tensor, read_input(file, input, is_quantized));
    network.is_real = network.is_real || (is_quantized && tensor.dtype() == DType::Float32);
    shapes.input_shapes.push_back({name, tensor.shape()});
    network.inputs.push_back(std::move(tensor));
  }
  SL_TRY_STATUS(set_types(graph, shapes));
  SL_TRY_STATUS(prepare(graph, options.compat));
  if (network.is_real) SL_TRY_STATUS(passes::real_inputs(graph));
  return network;
}

}  // namespace sluice::api
