// SPDX-License-Identifier: Apache-2.0
#include "sluice/api/model.hpp"

#include <algorithm>
#include <fmt/format.h>

#include "sluice/base/file.hpp"
#include "sluice/base/text.hpp"
#include "sluice/import/onnx.hpp"
#include "sluice/import/tflite.hpp"
#include "sluice/runtime/reference/kernel.hpp"

namespace sluice::api {
namespace {

Status check_overrides(const ir::Graph& graph, const LoadOptions& options) {
  std::vector<std::string_view> names;
  for (const ir::GraphInput& input : graph.inputs) names.push_back(graph[input.value].name);
  for (const ir::ShapeOverride& shape : options.input_shapes) {
    if (std::ranges::count(names, shape.input) > 0) continue;
    return Error{ErrorCode::InvalidArgument,
                 fmt::format("the model has no input {}{}", sluice::quoted(shape.input),
                             did_you_mean(shape.input, names))};
  }
  return {};
}

// A TFLite file carries its mark behind the first four bytes; ONNX files carry none, so a broken
// file is told by its name.
Result<bool> is_tflite(const std::filesystem::path& path) {
  constexpr std::string_view kMark = "TFL3";
  SL_TRY(const MappedFile file, MappedFile::open(path));
  const std::string_view text = file.text();
  return (text.size() >= 8 && text.substr(4, kMark.size()) == kMark) ||
         path.extension() == ".tflite";
}

}  // namespace

Status set_types(ir::Graph& graph, const LoadOptions& options) {
  SL_TRY_STATUS(check_overrides(graph, options));
  SL_TRY(const auto shapes, ir::input_shapes(graph, options.batch, options.input_shapes));
  auto status = ir::infer_types(graph, shapes, runtime::reference::evaluate);
  if (!status) {
    Error error = std::move(status).error();
    // What does not fit together is the file's fault, not the caller's.
    if (error.code == ErrorCode::InvalidArgument) error.code = ErrorCode::Verify;
    return error;
  }
  return ir::verify(graph);
}

Result<ir::Graph> read_model(const std::filesystem::path& path) {
  SL_TRY(const bool tflite, is_tflite(path));
  return tflite ? importer::read_tflite(path) : importer::read_onnx(path);
}

Result<ir::Graph> load_model(const std::filesystem::path& path, const LoadOptions& options) {
  SL_TRY(ir::Graph graph, read_model(path));
  if (auto status = set_types(graph, options); !status) {
    return std::move(status).error().at(path.string());
  }
  return graph;
}

}  // namespace sluice::api
