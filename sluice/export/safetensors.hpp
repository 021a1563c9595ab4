// SPDX-License-Identifier: Apache-2.0
// Writing safetensors: a JSON header and the bytes of tensors behind it, which PyTorch's users read
// and importer::read_checkpoint does.
#pragma once

#include <filesystem>
#include <map>
#include <span>
#include <string>

#include "sluice/base/result.hpp"
#include "sluice/numeric/named_tensor.hpp"

namespace sluice::exporter {

// Tensors in their order, names unique (asserted); `metadata` are texts. The same content gives the
// same bytes. Unsupported, naming the tensor, for an element type that the form has not; Io.
[[nodiscard]] Status write_safetensors(std::span<const NamedTensor> tensors,
                                       const std::map<std::string, std::string>& metadata,
                                       const std::filesystem::path& path);

}  // namespace sluice::exporter
