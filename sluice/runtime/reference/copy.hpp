// SPDX-License-Identifier: Apache-2.0
// Moving elements of any type by position: the two loops that every layout operator comes to.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "sluice/numeric/tensor.hpp"

namespace sluice::runtime::reference {

// For each position of an output along one dimension the input's position there, or kFill.
// Empty: the same positions.
using AxisMap = std::vector<std::int32_t>;
inline constexpr std::int32_t kFill = -1;

// y[i, j, …] = x[maps[0][i], maps[1][j], …]. Where a map says kFill, y becomes `fill` (one element
// of y's type), or keeps its value if fill is null. Both tensors have one type and one dimension a
// map; positions are within x.
void copy_mapped(const Tensor& x, std::span<const AxisMap> maps, const Tensor* fill, Tensor& y);

// x with its dimensions permuted: output dimension i is input dimension permutation[i].
[[nodiscard]] Tensor transposed(const Tensor& x, std::span<const std::int64_t> permutation);

// Copies `x` into `y` from position `begin` of dimension `axis` on. The shapes agree but there.
void copy_into(const Tensor& x, std::size_t axis, std::int64_t begin, Tensor& y);

}  // namespace sluice::runtime::reference
