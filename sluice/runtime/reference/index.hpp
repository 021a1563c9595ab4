// SPDX-License-Identifier: Apache-2.0
// Walks over the positions of shapes of any rank, and how positions become places in memory.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "sluice/base/shape.hpp"

namespace sluice::runtime::reference {

using Index = std::vector<std::int64_t>;

// Σ index·stride; the two have as many entries.
[[nodiscard]] inline std::int64_t offset_of(std::span<const std::int64_t> index,
                                            std::span<const std::int64_t> strides) {
  std::int64_t offset = 0;
  for (std::size_t d = 0; d < index.size(); ++d) offset += index[d] * strides[d];
  return offset;
}

// The position after `index` in row-major order; the first one again after the last.
inline void advance(Index& index, std::span<const std::int64_t> shape) {
  for (std::size_t d = shape.size(); d-- > 0;) {
    if (++index[d] < shape[d]) return;
    index[d] = 0;
  }
}

// The position of element i of a tensor of `shape`, row-major.
[[nodiscard]] inline Index index_of(std::int64_t i, std::span<const std::int64_t> shape) {
  Index index(shape.size());
  for (std::size_t d = shape.size(); d-- > 0; i /= shape[d]) index[d] = i % shape[d];
  return index;
}

// Calls body(index) for every position of `shape`, row-major: once for a scalar, never if a
// dimension is 0.
template <class Body>
void for_each_index(std::span<const std::int64_t> shape, Body&& body) {
  Index index(shape.size(), 0);
  const std::int64_t count = num_elements(shape);
  for (std::int64_t i = 0; i < count; ++i, advance(index, shape)) {
    body(std::span<const std::int64_t>(index));
  }
}

// Strides that read a tensor of `shape` as if it had the shape `target` it broadcasts to: 0 where a
// dimension is repeated or missing.
[[nodiscard]] inline std::vector<std::int64_t> broadcast_strides(
    std::span<const std::int64_t> shape, std::span<const std::int64_t> target) {
  const std::vector<std::int64_t> own = strides_of(shape);
  std::vector<std::int64_t> strides(target.size(), 0);
  const std::size_t missing = target.size() - shape.size();
  for (std::size_t d = 0; d < shape.size(); ++d) {
    if (shape[d] != 1) strides[missing + d] = own[d];
  }
  return strides;
}

// Calls body(i, offsets) for every element i of `target`, row-major; offsets[k] is the element of
// the tensor of shape shapes[k] that broadcasting puts there.
template <std::size_t kCount, class Body>
void for_each_broadcast(std::span<const std::int64_t> target,
                        const std::array<std::span<const std::int64_t>, kCount>& shapes,
                        Body&& body) {
  std::array<std::vector<std::int64_t>, kCount> strides;
  for (std::size_t k = 0; k < kCount; ++k) strides[k] = broadcast_strides(shapes[k], target);
  std::int64_t i = 0;
  for_each_index(target, [&](std::span<const std::int64_t> index) {
    std::array<std::int64_t, kCount> offsets;
    for (std::size_t k = 0; k < kCount; ++k) offsets[k] = offset_of(index, strides[k]);
    body(i++, offsets);
  });
}

}  // namespace sluice::runtime::reference
