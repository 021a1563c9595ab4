// SPDX-License-Identifier: Apache-2.0
// Where the taps of a convolution over an image lie: the pointers of TapRows.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace sluice::exact {

// The window over an image whose channels are innermost; sizes and steps in pixels.
struct ConvWindow {
  std::int64_t height = 1, width = 1;  // of the input
  std::int64_t kernel_height = 1, kernel_width = 1;
  std::int64_t stride_height = 1, stride_width = 1;
  std::int64_t dilation_height = 1, dilation_width = 1;
  std::int64_t pad_top = 0, pad_left = 0;
  std::int64_t out_width = 1;
  std::int64_t pixel_bytes = 1;  // from a pixel of the input to the next of its row

  [[nodiscard]] std::int64_t taps() const { return kernel_height * kernel_width; }
};

// rows[(p − first_pixel)·taps + t]: where tap t of output pixel p of the image lies, or `padding`,
// for as many whole pixels as `rows` holds, counted row by row.
void point_taps(const ConvWindow& window, const std::byte* image, const std::byte* padding,
                std::int64_t first_pixel, std::span<const std::byte*> rows) noexcept;

}  // namespace sluice::exact
