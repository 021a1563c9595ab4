// SPDX-License-Identifier: Apache-2.0
// From what a pickle says of a tensor to the tensor, checked against the bytes there are.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>

#include "sluice/base/result.hpp"
#include "sluice/import/pytorch/unpickle.hpp"
#include "sluice/numeric/tensor.hpp"

namespace sluice::importer {

// Bytes, and what keeps them alive.
struct OwnedBytes {
  std::shared_ptr<const void> owner;
  std::span<const std::byte> bytes;
};

namespace pytorch {

// The tensor of these sizes and strides in its storage. Bytes are shared where they lie in order
// and are aligned, else copied. Parse where it reaches beyond its storage, or the storage beyond
// its bytes.
[[nodiscard]] Result<Tensor> tensor_of(const TensorRef& ref, const OwnedBytes& storage);

}  // namespace pytorch
}  // namespace sluice::importer
