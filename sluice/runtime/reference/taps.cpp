// SPDX-License-Identifier: Apache-2.0
#include "sluice/runtime/reference/taps.hpp"

#include <algorithm>

#include "sluice/base/shape.hpp"

namespace sluice::runtime::reference {
namespace {

using Extents = std::span<const std::int64_t>;

std::int64_t ceil_div(std::int64_t a, std::int64_t b) {
  return a > 0 ? (a + b - 1) / b : -(-a / b);
}

// Taps of several dimensions from the taps of each: every combination, the last dimension fastest.
std::vector<Tap> combine(const std::vector<std::vector<Tap>>& dims, Extents input, Extents kernel) {
  std::vector<Tap> taps{{0, 0}};
  for (std::size_t d = 0; d < dims.size(); ++d) {
    std::vector<Tap> longer;
    longer.reserve(taps.size() * dims[d].size());
    for (const Tap& tap : taps) {
      for (const Tap& inner : dims[d]) {
        longer.push_back(
            {tap.input * input[d] + inner.input, tap.kernel * kernel[d] + inner.kernel});
      }
    }
    taps = std::move(longer);
  }
  return taps;
}

}  // namespace

std::vector<Tap> window_taps(const ir::ResolvedWindow& window, Extents spatial_input, Extents at) {
  std::vector<std::vector<Tap>> dims(at.size());
  for (std::size_t d = 0; d < at.size(); ++d) {
    const std::int64_t dilation = window.dilations[d];
    const std::int64_t begin = at[d] * window.strides[d] - window.pad_begin[d];
    const std::int64_t end = spatial_input[d] + std::min<std::int64_t>(window.pad_end[d], 0);
    // Straight to the first element inside: a kernel may be far larger than the input.
    const std::int64_t first = std::max<std::int64_t>(0, ceil_div(-begin, dilation));
    for (std::int64_t k = first; k < window.kernel[d] && begin + k * dilation < end; ++k) {
      dims[d].push_back({begin + k * dilation, k});
    }
  }
  return combine(dims, spatial_input, window.kernel);
}

std::vector<Tap> transposed_taps(const ir::ResolvedWindow& window, Extents spatial_input,
                                 Extents at) {
  std::vector<std::vector<Tap>> dims(at.size());
  for (std::size_t d = 0; d < at.size(); ++d) {
    for (std::int64_t k = 0; k < window.kernel[d]; ++k) {
      const std::int64_t spread = at[d] + window.pad_begin[d] - k * window.dilations[d];
      const std::int64_t i = spread / window.strides[d];
      if (spread >= 0 && spread % window.strides[d] == 0 && i < spatial_input[d]) {
        dims[d].push_back({i, k});
      }
    }
  }
  return combine(dims, spatial_input, window.kernel);
}

std::int64_t padded_taps(const ir::ResolvedWindow& window, Extents spatial_input, Extents at) {
  std::int64_t count = 1;
  for (std::size_t d = 0; d < at.size(); ++d) {
    const std::int64_t begin = at[d] * window.strides[d] - window.pad_begin[d];
    const std::int64_t end = spatial_input[d] + window.pad_end[d];
    count *= std::min(window.kernel[d], ceil_div(end - begin, window.dilations[d]));
  }
  return count;
}

}  // namespace sluice::runtime::reference
