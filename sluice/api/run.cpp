// SPDX-License-Identifier: Apache-2.0
#include "sluice/api/run.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <functional>
#include <nlohmann/json.hpp>
#include <numeric>

#include "sluice/api/model.hpp"
#include "sluice/base/text.hpp"
#include "sluice/numeric/element.hpp"
#include "sluice/numeric/npy.hpp"
#include "sluice/passes/real_interface.hpp"

namespace sluice::api {
namespace {

// Which given file feeds the graph's input `name`.
Result<std::filesystem::path> file_of(const RunOptions& options, const ir::Graph& graph,
                                      const std::string& name) {
  for (const RunInput& input : options.inputs) {
    if (input.name == name || (input.name.empty() && graph.inputs.size() == 1)) return input.file;
  }
  return Error{ErrorCode::InvalidArgument,
               graph.inputs.size() == 1
                   ? "needs a file: give --input FILE.npy"
                   : fmt::format("needs a file: give --input {}=FILE.npy", printable(name)),
               fmt::format("input {}", sluice::quoted(name))};
}

Status check_names(const RunOptions& options, const ir::Graph& graph) {
  std::vector<std::string_view> names;
  for (const ir::GraphInput& input : graph.inputs) names.push_back(graph[input.value].name);
  for (const RunInput& input : options.inputs) {
    if (input.name.empty() || std::ranges::count(names, input.name) > 0) continue;
    return Error{ErrorCode::InvalidArgument,
                 fmt::format("the network has no input {}{}", sluice::quoted(input.name),
                             did_you_mean(input.name, names))};
  }
  return {};
}

// The tensor for one graph input; its type and rank must be the declared ones, but a quantized
// input may be given as real numbers.
Result<Tensor> read_input(const std::filesystem::path& file, const ir::GraphInput& input,
                          bool is_quantized = false) {
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

quant::BatchSource npy_batches(const std::vector<std::filesystem::path>& files,
                               const ir::GraphInput& input) {
  return [&files, &input, next = std::size_t{0}]() mutable -> Result<std::vector<Tensor>> {
    if (next == files.size()) return std::vector<Tensor>{};
    SL_TRY(Tensor tensor, read_input(files[next++], input));
    return std::vector<Tensor>{std::move(tensor)};
  };
}

// What is printed of an output.
struct Summary {
  double min = 0;
  double max = 0;
  double mean = 0;
  // The five highest scores of a [1, classes] tensor, the lower index first among equals.
  std::vector<std::size_t> best_classes;
};

Summary summarize(const Tensor& tensor, const std::vector<double>& values) {
  Summary summary;
  if (values.empty()) return summary;
  summary.min = *std::ranges::min_element(values);
  summary.max = *std::ranges::max_element(values);
  summary.mean =
      std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
  if (tensor.rank() != 2 || tensor.shape()[0] != 1) return summary;
  summary.best_classes.resize(values.size());
  std::iota(summary.best_classes.begin(), summary.best_classes.end(), std::size_t{0});
  std::ranges::stable_sort(summary.best_classes, std::ranges::greater{},
                           [&](std::size_t index) { return values[index]; });
  summary.best_classes.resize(std::min<std::size_t>(values.size(), 5));
  return summary;
}

}  // namespace

Result<std::vector<NamedTensor>> run(const RunOptions& options) {
  SL_TRY(ir::Graph graph, read_model(options.model));
  SL_TRY_STATUS(check_names(options, graph));
  if (!options.calibration.empty() && graph.inputs.size() != 1) {
    return Error{ErrorCode::InvalidArgument,
                 "--calibration takes networks of one input; give float32 or a format that needs "
                 "no calibration"};
  }
  LoadOptions shapes;
  std::vector<Tensor> inputs;
  bool is_real = false;  // real numbers go into a quantized network, and come out of it
  for (const ir::GraphInput& input : graph.inputs) {
    const std::string& name = graph[input.value].name;
    SL_TRY(const auto file, file_of(options, graph, name));
    const bool is_quantized = graph[input.value].quantization.has_value();
    SL_TRY(Tensor tensor, read_input(file, input, is_quantized));
    is_real = is_real || (is_quantized && tensor.dtype() == DType::Float32);
    shapes.input_shapes.push_back({name, tensor.shape()});
    inputs.push_back(std::move(tensor));
  }
  SL_TRY_STATUS(set_types(graph, shapes));
  SL_TRY_STATUS(prepare(graph, options.network.calibration.compat));
  if (is_real) {
    SL_TRY_STATUS(passes::real_inputs(graph));
    SL_TRY_STATUS(passes::real_outputs(graph));
  }
  const ir::GraphInput first = graph.inputs.empty() ? ir::GraphInput{} : graph.inputs[0];
  std::vector<NamedTensor> outputs;
  for (const ir::ValueId id : graph.outputs) outputs.push_back({graph[id].name, {}});
  SL_TRY(auto executor, make_executor(std::move(graph), options.format,
                                      npy_batches(options.calibration, first), options.network));
  SL_TRY(auto results, executor->run(inputs));
  for (std::size_t i = 0; i < results.size(); ++i) outputs[i].content = std::move(results[i]);
  return outputs;
}

Status write_outputs(const std::vector<NamedTensor>& outputs, const std::filesystem::path& path) {
  if (outputs.size() == 1) return numeric::write_npy(path, outputs[0].content);
  std::error_code error;
  std::filesystem::create_directories(path, error);
  if (error) return Error{ErrorCode::Io, "cannot make the folder: " + error.message(), path};
  for (std::size_t i = 0; i < outputs.size(); ++i) {
    SL_TRY_STATUS(numeric::write_npy(path / fmt::format("output_{}.npy", i), outputs[i].content));
  }
  return {};
}

std::string to_text(const std::vector<NamedTensor>& outputs) {
  std::string out;
  for (const NamedTensor& output : outputs) {
    const std::vector<double> values = numeric::to_doubles(output.content);
    const Summary summary = summarize(output.content, values);
    out += fmt::format("{}: {} {}, min {:.6g}, max {:.6g}, mean {:.6g}\n", printable(output.name),
                       sluice::to_string(output.content.dtype()),
                       sluice::to_string(output.content.shape()), summary.min, summary.max,
                       summary.mean);
    for (const std::size_t index : summary.best_classes) {
      out += fmt::format("  class {:>4}  {:.6g}\n", index, values[index]);
    }
  }
  return out;
}

Json to_json(const std::vector<NamedTensor>& outputs) {
  Json list = Json::array();
  for (const NamedTensor& output : outputs) {
    const Summary summary = summarize(output.content, numeric::to_doubles(output.content));
    list.push_back({{"name", output.name},
                    {"dtype", sluice::to_string(output.content.dtype())},
                    {"shape", output.content.shape()},
                    {"min", summary.min},
                    {"max", summary.max},
                    {"mean", summary.mean},
                    {"best_classes", summary.best_classes}});
  }
  return {{"format", "sluice.run/1"}, {"outputs", std::move(list)}};
}

}  // namespace sluice::api
