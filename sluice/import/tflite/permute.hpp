// SPDX-License-Identifier: Apache-2.0
// Dimensions put into another order, for weights and for lists with one entry a dimension.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "sluice/numeric/tensor.hpp"

namespace sluice::importer::tflite {

using Permutation = std::vector<std::int64_t>;

// Output dimension i is input dimension permutation[i], a permutation of the tensor's dimensions.
[[nodiscard]] Tensor permuted(const Tensor& tensor, const Permutation& permutation);

// The one permutation that does `first`, then `second`.
[[nodiscard]] Permutation compose(const Permutation& first, const Permutation& second);
[[nodiscard]] bool is_identity(const Permutation& permutation);
// Every entry of 0 … rank − 1 once.
[[nodiscard]] bool is_permutation(std::span<const std::int64_t> entries, std::size_t rank);

}  // namespace sluice::importer::tflite
