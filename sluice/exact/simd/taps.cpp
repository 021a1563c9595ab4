// SPDX-License-Identifier: Apache-2.0
#include "sluice/exact/simd/taps.hpp"

#include <algorithm>

namespace sluice::exact {
namespace {

// The taps [begin, end) of an axis that lie inside an input of `size`, the first at `start`.
struct Inside {
  std::int64_t begin, end;
};

Inside inside(std::int64_t start, std::int64_t dilation, std::int64_t taps, std::int64_t size) {
  const std::int64_t begin = start >= 0 ? 0 : (-start + dilation - 1) / dilation;
  const std::int64_t end = start >= size ? 0 : (size - start + dilation - 1) / dilation;
  return {std::min(begin, taps), std::clamp<std::int64_t>(end, 0, taps)};
}

}  // namespace

void point_taps(const ConvWindow& window, const std::byte* image, const std::byte* padding,
                std::int64_t first_pixel, std::span<const std::byte*> rows) noexcept {
  const std::int64_t step = window.dilation_width * window.pixel_bytes;
  const std::byte** to = rows.data();
  const std::int64_t num_pixels = static_cast<std::int64_t>(rows.size()) / window.taps();
  for (std::int64_t p = first_pixel; p < first_pixel + num_pixels; ++p) {
    const std::int64_t top = p / window.out_width * window.stride_height - window.pad_top;
    const std::int64_t left = p % window.out_width * window.stride_width - window.pad_left;
    const Inside columns = inside(left, window.dilation_width, window.kernel_width, window.width);
    for (std::int64_t ky = 0; ky < window.kernel_height; ++ky) {
      const std::int64_t y = top + ky * window.dilation_height;
      const bool is_inside = y >= 0 && y < window.height;
      const std::int64_t begin = is_inside ? columns.begin : window.kernel_width;
      const std::int64_t end = is_inside ? std::max(columns.end, begin) : window.kernel_width;
      to = std::fill_n(to, begin, padding);
      // In integers until a tap is inside: a pointer may not leave the image.
      const std::int64_t first = (y * window.width + left) * window.pixel_bytes;
      for (std::int64_t kx = begin; kx < end; ++kx) *to++ = image + (first + kx * step);
      to = std::fill_n(to, window.kernel_width - end, padding);
    }
  }
}

}  // namespace sluice::exact
