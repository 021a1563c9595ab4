// SPDX-License-Identifier: Apache-2.0
#include "sluice/exact/simd/taps.hpp"

#include <algorithm>
#include <array>

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

// The pointers of a pixel whose first tap is at (top, left), some of them perhaps in the padding.
void point_at_edge(const ConvWindow& window, const std::byte* image, const std::byte* padding,
                   std::int64_t top, std::int64_t left, const std::byte** to) {
  const std::int64_t step = window.dilation_width * window.pixel_bytes;
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

// How far the taps are from the first: the same for all pixels that are away from the edges.
class Reach {
 public:
  explicit Reach(const ConvWindow& window)
      : last_top_(window.height - (window.kernel_height - 1) * window.dilation_height),
        last_left_(window.width - (window.kernel_width - 1) * window.dilation_width) {
    if (window.taps() > kMostTaps) return;
    const std::int64_t row_bytes = window.dilation_height * window.width * window.pixel_bytes;
    const std::int64_t step = window.dilation_width * window.pixel_bytes;
    for (std::int64_t ky = 0; ky < window.kernel_height; ++ky) {
      for (std::int64_t kx = 0; kx < window.kernel_width; ++kx) {
        bytes_.data()[num_taps_++] = ky * row_bytes + kx * step;
      }
    }
  }

  [[nodiscard]] bool is_inside(std::int64_t top, std::int64_t left) const {
    return num_taps_ > 0 && top >= 0 && left >= 0 && top < last_top_ && left < last_left_;
  }

  void point(const std::byte* first, const std::byte** to) const {
    for (std::int64_t t = 0; t < num_taps_; ++t) to[t] = first + bytes_.data()[t];
  }

 private:
  static constexpr std::int64_t kMostTaps = 64;

  std::int64_t last_top_, last_left_;  // not inside any more
  std::array<std::int64_t, kMostTaps> bytes_;
  std::int64_t num_taps_ = 0;
};

}  // namespace

void point_taps(const ConvWindow& window, const std::byte* image, const std::byte* padding,
                std::int64_t first_pixel, std::span<const std::byte*> rows) noexcept {
  const std::int64_t taps = window.taps();
  const std::int64_t num_pixels = static_cast<std::int64_t>(rows.size()) / taps;
  const Reach reach(window);
  std::int64_t row = first_pixel / window.out_width;
  std::int64_t column = first_pixel % window.out_width;
  const std::byte** to = rows.data();
  for (std::int64_t p = 0; p < num_pixels; ++p, to += taps) {
    const std::int64_t top = row * window.stride_height - window.pad_top;
    const std::int64_t left = column * window.stride_width - window.pad_left;
    if (reach.is_inside(top, left)) {
      reach.point(image + (top * window.width + left) * window.pixel_bytes, to);
    } else {
      point_at_edge(window, image, padding, top, left, to);
    }
    if (++column == window.out_width) {
      column = 0;
      ++row;
    }
  }
}

}  // namespace sluice::exact
