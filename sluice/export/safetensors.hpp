// SPDX-License-Identifier: Apache-2.0
// Writing safetensors files, which importer::read_checkpoint and PyTorch's users read.
#pragma once

#include <filesystem>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "sluice/base/result.hpp"
#include "sluice/numeric/named_tensor.hpp"

namespace sluice::exporter {

// Texts kept with the tensors: {"format", "pt"}.
using SafetensorsMetadata = std::vector<std::pair<std::string, std::string>>;

// Writes the tensors in their order, the file replaced whole. Unsupported, with the tensor as the
// place, for element types the format has no name for. Names must differ from each other.
[[nodiscard]] Status write_safetensors(std::span<const NamedTensor> tensors,
                                       const SafetensorsMetadata& metadata,
                                       const std::filesystem::path& path);

}  // namespace sluice::exporter
