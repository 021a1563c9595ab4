// SPDX-License-Identifier: Apache-2.0
// Attributes that say how a node is to become hardware, and nothing of what it computes.
#pragma once

#include <string_view>

namespace sluice::importer::onnx {

[[nodiscard]] bool is_hardware_attribute(std::string_view name);

}  // namespace sluice::importer::onnx
