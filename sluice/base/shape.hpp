// SPDX-License-Identifier: Apache-2.0
// Shapes: dimension sizes, outermost first, row-major ("C") order everywhere outside executors.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "sluice/base/result.hpp"

namespace sluice {

using Shape = std::vector<std::int64_t>;

// More elements than this in one tensor are refused at load: no network here needs them, and a
// hostile file must not make us allocate.
inline constexpr std::int64_t kMaxTensorElements = std::int64_t{1} << 31;

// More dimensions than this are refused likewise; what recurses over dimensions relies on it.
inline constexpr std::size_t kMaxRank = 32;

// Number of elements; 1 for a scalar (empty shape). The shape must be valid (see check_shape).
[[nodiscard]] std::int64_t num_elements(std::span<const std::int64_t> shape) noexcept;

// Refuses negative dimensions and more than kMaxTensorElements elements or kMaxRank dimensions.
[[nodiscard]] Status check_shape(std::span<const std::int64_t> shape);

// Row-major strides in elements.
[[nodiscard]] std::vector<std::int64_t> strides_of(std::span<const std::int64_t> shape);

// NumPy/ONNX multidirectional broadcasting of two shapes.
[[nodiscard]] Result<Shape> broadcast(std::span<const std::int64_t> a,
                                      std::span<const std::int64_t> b);

// `axis` in [-rank, rank) to [0, rank); InvalidArgument otherwise.
[[nodiscard]] Result<std::int64_t> normalize_axis(std::int64_t axis, std::size_t rank);

// "1x3x224x224"; "scalar" for rank 0.
[[nodiscard]] std::string to_string(std::span<const std::int64_t> shape);

}  // namespace sluice
