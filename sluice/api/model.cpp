// SPDX-License-Identifier: Apache-2.0
#include "sluice/api/model.hpp"

#include <algorithm>
#include <fmt/format.h>

#include "sluice/base/file.hpp"
#include "sluice/base/text.hpp"
#include "sluice/export/onnx.hpp"
#include "sluice/export/sluice.hpp"
#include "sluice/import/onnx.hpp"
#include "sluice/import/sluice.hpp"
#include "sluice/import/tflite.hpp"
#include "sluice/runtime/reference/kernel.hpp"

namespace sluice::api {
namespace {

Status check_overrides(const ir::Graph& graph, const LoadOptions& options) {
  std::vector<std::string_view> names;
  names.reserve(graph.inputs.size());
  for (const ir::GraphInput& input : graph.inputs) names.push_back(graph[input.value].name);
  for (const ir::ShapeOverride& shape : options.input_shapes) {
    if (std::ranges::count(names, shape.input) > 0) continue;
    return Error{ErrorCode::InvalidArgument,
                 fmt::format("the model has no input {}{}", sluice::quoted(shape.input),
                             did_you_mean(shape.input, names))};
  }
  return {};
}

enum class FileForm : unsigned char { Onnx, Sluice, Tflite };

// A TFLite file carries its mark behind the first four bytes, a .sluice file is a text that begins
// with that word; ONNX files carry no mark, so a broken file is told by its name.
Result<FileForm> form_of(const std::filesystem::path& path) {
  constexpr std::string_view kMark = "TFL3";
  SL_TRY(const MappedFile file, MappedFile::open(path));
  const std::string_view text = file.text();
  if (text.size() >= 8 && text.substr(4, kMark.size()) == kMark) return FileForm::Tflite;
  if (importer::is_sluice(text)) return FileForm::Sluice;
  if (path.extension() == ".tflite") return FileForm::Tflite;
  return path.extension() == ".sluice" ? FileForm::Sluice : FileForm::Onnx;
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
  SL_TRY(const FileForm form, form_of(path));
  switch (form) {
    case FileForm::Sluice:
      return importer::read_sluice(path);
    case FileForm::Tflite:
      return importer::read_tflite(path);
    case FileForm::Onnx:
      break;
  }
  return importer::read_onnx(path);
}

Result<ir::Graph> load_model(const std::filesystem::path& path, const LoadOptions& options) {
  SL_TRY(ir::Graph graph, read_model(path));
  if (auto status = set_types(graph, options); !status) {
    return std::move(status).error().at(path.string());
  }
  return graph;
}

Status check_model_name(const std::filesystem::path& path) {
  if (path.extension() == ".onnx" || path.extension() == ".sluice") return {};
  return Error{ErrorCode::InvalidArgument,
               fmt::format("a network is written as .onnx or .sluice, not as {}; name the file so",
                           sluice::quoted(path.filename().string()))};
}

Status write_model(const ir::Graph& graph, const std::filesystem::path& path) {
  SL_TRY_STATUS(check_model_name(path));
  SL_TRY_STATUS(ir::verify(graph));
  return path.extension() == ".onnx" ? exporter::write_onnx(graph, path)
                                     : exporter::write_sluice(graph, path);
}

}  // namespace sluice::api
