// SPDX-License-Identifier: Apache-2.0
#include "sluice/import/tflite/permute.hpp"

#include <algorithm>
#include <cstring>

namespace sluice::importer::tflite {

Tensor permuted(const Tensor& tensor, const Permutation& permutation) {
  const std::size_t rank = tensor.rank();
  SL_ASSERT(is_permutation(permutation, rank), "not a permutation of the dimensions");
  const auto strides = strides_of(tensor.shape());
  Shape shape(rank);
  std::vector<std::int64_t> step(rank);  // in the input, for each output dimension
  for (std::size_t i = 0; i < rank; ++i) {
    shape[i] = tensor.shape()[static_cast<std::size_t>(permutation[i])];
    step[i] = strides[static_cast<std::size_t>(permutation[i])];
  }
  Tensor result(tensor.dtype(), shape);
  const std::size_t size = storage_bytes(tensor.dtype());
  const std::byte* from = tensor.bytes().data();
  std::byte* to = result.mutable_bytes().data();
  std::vector<std::int64_t> position(rank, 0);
  std::int64_t offset = 0;
  for (std::int64_t n = tensor.num_elements(); n > 0; --n) {
    std::memcpy(to, from + static_cast<std::size_t>(offset) * size, size);
    to += size;
    for (std::size_t i = rank; i-- > 0;) {
      offset += step[i];
      if (++position[i] < shape[i]) break;
      offset -= step[i] * shape[i];
      position[i] = 0;
    }
  }
  return result;
}

Permutation compose(const Permutation& first, const Permutation& second) {
  Permutation result;
  for (const std::int64_t i : second) result.push_back(first[static_cast<std::size_t>(i)]);
  return result;
}

bool is_identity(const Permutation& permutation) {
  return std::ranges::is_sorted(permutation);
}

bool is_permutation(std::span<const std::int64_t> entries, std::size_t rank) {
  if (entries.size() != rank) return false;
  std::vector<bool> seen(rank, false);
  for (const std::int64_t entry : entries) {
    if (entry < 0 || entry >= static_cast<std::int64_t>(rank)) return false;
    if (seen[static_cast<std::size_t>(entry)]) return false;
    seen[static_cast<std::size_t>(entry)] = true;
  }
  return true;
}

}  // namespace sluice::importer::tflite
