// SPDX-License-Identifier: Apache-2.0
#include "sluice/sparse/mask_counts.hpp"

#include <bit>
#include <cstddef>

#include "sluice/base/assert.hpp"

namespace sluice::sparse {
namespace {

// counts[m] += (or -=) counts[m | bit], bit after bit: sums over supersets, and back.
template <class Add>
void for_supersets(MaskCounts& counts, Add add) {
  for (std::size_t bit = 1; bit < counts.size(); bit *= 2) {
    for (std::size_t mask = 0; mask < counts.size(); ++mask) {
      if ((mask & bit) == 0) add(counts[mask], counts[mask | bit]);
    }
  }
}

void sum_supersets(MaskCounts& counts) {
  for_supersets(counts, [](std::uint64_t& sum, std::uint64_t other) { sum += other; });
}

}  // namespace

MaskCounts intersect(MaskCounts windows, MaskCounts kernels) {
  SL_ASSERT(std::has_single_bit(windows.size()), "a count for each mask");
  SL_ASSERT(windows.size() == kernels.size(), "masks of as many bits");
  sum_supersets(windows);
  sum_supersets(kernels);
  for (std::size_t mask = 0; mask < windows.size(); ++mask) windows[mask] *= kernels[mask];
  for_supersets(windows, [](std::uint64_t& sum, std::uint64_t other) { sum -= other; });
  return windows;
}

std::vector<std::uint64_t> count_zeros(std::span<const std::uint64_t> masks) {
  SL_ASSERT(std::has_single_bit(masks.size()), "a count for each mask");
  const int bits = std::countr_zero(masks.size());
  std::vector<std::uint64_t> result(static_cast<std::size_t>(bits) + 1);
  for (std::size_t mask = 0; mask < masks.size(); ++mask) {
    result[static_cast<std::size_t>(bits - std::popcount(mask))] += masks[mask];
  }
  return result;
}

}  // namespace sluice::sparse
