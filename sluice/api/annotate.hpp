// SPDX-License-Identifier: Apache-2.0
// Networks written with what was measured of them, which estimate and explore then take.
#pragma once

#include <filesystem>
#include <vector>

#include "sluice/base/result.hpp"
#include "sluice/ir/hardware_attributes.hpp"
#include "sluice/ir/infer.hpp"
#include "sluice/quant/modules.hpp"

namespace sluice::api {

// InvalidArgument unless it is a name for an ONNX file.
[[nodiscard]] Status check_annotated_name(const std::filesystem::path& path);

// The network of `model` as its file has it, written as ONNX with the hardware attributes of its
// file and `added`, which take the place of those of the same name: in the metadata, or under
// Fpgaconvnet as attributes of the nodes (see exporter::HardwareForm).
[[nodiscard]] Status write_annotated(const std::filesystem::path& model,
                                     const std::vector<ir::ShapeOverride>& input_shapes,
                                     ir::HardwareAttributes added, quant::Compat compat,
                                     const std::filesystem::path& output);

// The same of another graph that was made of the model's, whose nodes have its names.
[[nodiscard]] Status write_annotated(const ir::Graph& graph, const std::filesystem::path& model,
                                     ir::HardwareAttributes added, quant::Compat compat,
                                     const std::filesystem::path& output);

}  // namespace sluice::api
