// SPDX-License-Identifier: Apache-2.0
// safetensors: a JSON header and the bytes of tensors behind it.
#pragma once

#include <cstddef>
#include <span>

#include "sluice/base/result.hpp"
#include "sluice/import/checkpoint.hpp"
#include "sluice/import/pytorch/storage.hpp"

namespace sluice::importer {

// Whether bytes begin with the size of a header that they hold, and a header.
[[nodiscard]] bool starts_as_safetensors(std::span<const std::byte> file);

// The tensors in the order of their bytes; texts of the header's __metadata__ become scalars.
// Parse, with the place in the header, unless tensors fill the rest of the file one behind the
// other; Unsupported for element types there is no DType for.
[[nodiscard]] Result<Checkpoint> read_safetensors(const OwnedBytes& file);

}  // namespace sluice::importer
