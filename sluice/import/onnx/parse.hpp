// SPDX-License-Identifier: Apache-2.0
// From a file's bytes to Model.
#pragma once

#include <cstddef>
#include <span>

#include "sluice/base/result.hpp"
#include "sluice/import/onnx/external.hpp"
#include "sluice/import/onnx/model.hpp"

namespace sluice::importer::onnx {

// Errors: Parse where the bytes are no ONNX model, Unsupported for an opset out of range or content
// of kinds not done here.
[[nodiscard]] Result<Model> parse_model(const MappedFile& file, ExternalFiles& files);
[[nodiscard]] Result<Model> parse_model(std::span<const std::byte> bytes, ExternalFiles& files);

}  // namespace sluice::importer::onnx
