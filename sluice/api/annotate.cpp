// SPDX-License-Identifier: Apache-2.0
#include "sluice/api/annotate.hpp"

#include <utility>

#include "sluice/api/model.hpp"
#include "sluice/export/onnx.hpp"
#include "sluice/import/onnx.hpp"

namespace sluice::api {

Status check_annotated_name(const std::filesystem::path& path) {
  if (path.extension() == ".onnx") return {};
  return Error{ErrorCode::InvalidArgument, "is no name of an ONNX file: end it in .onnx",
               path.string()};
}

Status write_annotated(const std::filesystem::path& model,
                       const std::vector<ir::ShapeOverride>& input_shapes,
                       ir::HardwareAttributes added, quant::Compat compat,
                       const std::filesystem::path& output) {
  SL_TRY(const ir::Graph graph, load_model(model, {0, input_shapes}));
  return write_annotated(graph, model, std::move(added), compat, output);
}

Status write_annotated(const ir::Graph& graph, const std::filesystem::path& model,
                       ir::HardwareAttributes added, quant::Compat compat,
                       const std::filesystem::path& output) {
  exporter::OnnxOptions options{.hardware = std::move(added)};
  if (compat == quant::Compat::Fpgaconvnet) {
    options.hardware_form = exporter::HardwareForm::NodeAttributes;
  }
  if (model.extension() == ".onnx") {
    SL_TRY(ir::HardwareAttributes own, importer::read_onnx_hardware(model));
    for (auto& [node, attributes] : own) options.hardware[node].merge(attributes);
  }
  return exporter::write_onnx(graph, output, options);
}

}  // namespace sluice::api
