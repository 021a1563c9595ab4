// SPDX-License-Identifier: Apache-2.0
// Resizing of 8-bit images, byte for byte as Pillow's Image.resize does it up to version 12.
// (Version 13 takes the vertical pass first for some shapes; published accuracies are older.)
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "sluice/data/image.hpp"

namespace sluice::data {

// When an image shrinks, every filter but Nearest is widened by the scale (antialiasing).
enum class Filter : unsigned char { Nearest, Box, Bilinear, Hamming, Bicubic, Lanczos };

// "bilinear", …: the names on the command line and in JSON.
[[nodiscard]] std::string_view to_string(Filter filter) noexcept;
[[nodiscard]] std::optional<Filter> filter_from_string(std::string_view name) noexcept;

// A rectangle of an image, in pixels.
struct Window {
  std::int64_t top = 0;
  std::int64_t left = 0;
  std::int64_t height = 0;
  std::int64_t width = 0;
};

// The pixels of `part`, which lies inside the image.
[[nodiscard]] Image crop(const Image& image, const Window& part);

// `image` (at least one pixel) scaled to height x width, both positive.
[[nodiscard]] Image resize(const Image& image, std::int64_t height, std::int64_t width,
                           Filter filter);

// Only the pixels of `part`, which lies inside the scaled image: a resize and a crop that costs no
// more than what it keeps.
[[nodiscard]] Image resize(const Image& image, std::int64_t height, std::int64_t width,
                           Filter filter, const Window& part);

}  // namespace sluice::data
