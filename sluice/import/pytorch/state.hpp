// SPDX-License-Identifier: Apache-2.0
// From the value a pickle makes to the named tensors in it; checkpoint.hpp says which.
#pragma once

#include <cstdint>
#include <functional>

#include "sluice/base/result.hpp"
#include "sluice/import/checkpoint.hpp"
#include "sluice/import/pytorch/unpickle.hpp"

namespace sluice::importer::pytorch {

// The tensor that a reference stands for.
using TensorSource = std::function<Result<Tensor>(const TensorRef&)>;

// All tensors together may take `max_bytes`: many references to one storage must not fill the
// memory. Parse where there are no tensors, Unsupported for dictionaries nested too deeply (or in
// themselves) and for more names than a network can have.
[[nodiscard]] Result<Checkpoint> flatten(const Pickle& pickle, const TensorSource& source,
                                         std::uint64_t max_bytes);

// What of a file this large tensors may take: tied weights stand under several names.
[[nodiscard]] std::uint64_t max_tensor_bytes(std::uint64_t file_bytes);

}  // namespace sluice::importer::pytorch
