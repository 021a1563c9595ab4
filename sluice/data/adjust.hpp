// SPDX-License-Identifier: Apache-2.0
// What augmentation does to 8-bit images, without the chance: colours as Pillow's ImageEnhance and
// torchvision's functions on Pillow images change them, byte for byte, and cuts. Images have at
// least one pixel, and one channel (grey) or three.
#pragma once

#include <cstdint>

#include "sluice/data/image.hpp"
#include "sluice/data/resample.hpp"

namespace sluice::data {

// The four colour adjustments start from
//   blend(from, pixel, factor) = clamp(from + factor · (pixel - from)), cut to an integer,
// in float32: factor 0 gives `from`, 1 the image itself, more than 1 exaggerates. factor >= 0.

// From black.
[[nodiscard]] Image adjust_brightness(const Image& image, double factor);
// From the mean of the image's luma, rounded.
[[nodiscard]] Image adjust_contrast(const Image& image, double factor);
// From each pixel's luma; a grey image stays as it is.
[[nodiscard]] Image adjust_saturation(const Image& image, double factor);
// The hue turned by `turns` of a whole turn, in [-0.5, 0.5]. Hue and saturation have 8 bits on the
// way (Pillow's "HSV"), so even no turn may change a pixel a little. A grey image stays as it is.
[[nodiscard]] Image adjust_hue(const Image& image, double turns);

// Left and right exchanged.
[[nodiscard]] Image flip_horizontally(const Image& image);
// Of the same size, its upper left pixel at row `top` and column `left` of `image`, which zeros
// surround: a crop of the padded image.
[[nodiscard]] Image shift(const Image& image, std::int64_t top, std::int64_t left);
// `box`, which lies inside the image, scaled to height x width: bilinear, antialiased. No pixel
// outside the box plays a part.
[[nodiscard]] Image crop_and_resize(const Image& image, const Window& box, std::int64_t height,
                                    std::int64_t width);
// All pixels of `box`, of which any part may lie outside the image, set to `fill`.
[[nodiscard]] Image cut_out(Image image, const Window& box, std::uint8_t fill);

}  // namespace sluice::data
