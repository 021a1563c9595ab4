// SPDX-License-Identifier: Apache-2.0
#include "sluice/api/run.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <functional>
#include <nlohmann/json.hpp>
#include <numeric>

#include "sluice/base/text.hpp"
#include "sluice/numeric/element.hpp"
#include "sluice/numeric/npy.hpp"
#include "sluice/passes/real_interface.hpp"

namespace sluice::api {
namespace {

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
  SL_TRY(OpenedNetwork network, open_network({.model = options.model,
                                              .inputs = options.inputs,
                                              .compat = options.network.calibration.compat}));
  ir::Graph& graph = network.graph;
  if (!options.calibration.empty() && graph.inputs.size() != 1) {
    return Error{ErrorCode::InvalidArgument,
                 "--calibration takes networks of one input; give float32 or a format that needs "
                 "no calibration"};
  }
  if (network.is_real) SL_TRY_STATUS(passes::real_outputs(graph));
  const ir::GraphInput first = graph.inputs.empty() ? ir::GraphInput{} : graph.inputs[0];
  std::vector<NamedTensor> outputs;
  outputs.reserve(graph.outputs.size());
  for (const ir::ValueId id : graph.outputs) outputs.push_back({graph[id].name, {}});
  SL_TRY(auto executor, make_executor(std::move(graph), options.format,
                                      npy_batches(options.calibration, first), options.network));
  SL_TRY(auto results, executor->run(network.inputs));
  for (std::size_t i = 0; i < results.size(); ++i) outputs[i].tensor = std::move(results[i]);
  return outputs;
}

Status write_outputs(const std::vector<NamedTensor>& outputs, const std::filesystem::path& path) {
  if (outputs.size() == 1) return numeric::write_npy(path, outputs[0].tensor);
  std::error_code error;
  std::filesystem::create_directories(path, error);
  if (error) return Error{ErrorCode::Io, "cannot make the folder: " + error.message(), path};
  for (std::size_t i = 0; i < outputs.size(); ++i) {
    SL_TRY_STATUS(numeric::write_npy(path / fmt::format("output_{}.npy", i), outputs[i].tensor));
  }
  return {};
}

std::string to_text(const std::vector<NamedTensor>& outputs) {
  std::string out;
  for (const NamedTensor& output : outputs) {
    const std::vector<double> values = numeric::to_doubles(output.tensor);
    const Summary summary = summarize(output.tensor, values);
    out += fmt::format("{}: {} {}, min {:.6g}, max {:.6g}, mean {:.6g}\n", printable(output.name),
                       sluice::to_string(output.tensor.dtype()),
                       sluice::to_string(output.tensor.shape()), summary.min, summary.max,
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
    const Summary summary = summarize(output.tensor, numeric::to_doubles(output.tensor));
    list.push_back({{"name", output.name},
                    {"dtype", sluice::to_string(output.tensor.dtype())},
                    {"shape", output.tensor.shape()},
                    {"min", summary.min},
                    {"max", summary.max},
                    {"mean", summary.mean},
                    {"best_classes", summary.best_classes}});
  }
  return {{"format", "sluice.run/1"}, {"outputs", std::move(list)}};
}

}  // namespace sluice::api
