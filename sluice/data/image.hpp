// SPDX-License-Identifier: Apache-2.0
// Image: 8-bit pixels, and their decoding from JPEG and PNG with the values Pillow gives.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include "sluice/base/result.hpp"

namespace sluice::data {

// Rows from the top, pixels from the left, channels innermost.
struct Image {
  std::int64_t height = 0;
  std::int64_t width = 0;
  std::int64_t channels = 3;  // 3: red, green, blue; 1: grey or class index
  std::vector<std::uint8_t> pixels;

  Image() = default;
  // All pixels zero.
  Image(std::int64_t h, std::int64_t w, std::int64_t c)
      : height(h), width(w), channels(c), pixels(static_cast<std::size_t>(h * w * c)) {}

  [[nodiscard]] std::int64_t row_bytes() const noexcept { return width * channels; }
  [[nodiscard]] const std::uint8_t* row(std::int64_t y) const noexcept {
    return pixels.data() + y * row_bytes();
  }
  [[nodiscard]] std::uint8_t* row(std::int64_t y) noexcept {
    return pixels.data() + y * row_bytes();
  }
  friend bool operator==(const Image&, const Image&) = default;
};

// The grey value of a pixel as Pillow's convert("L") makes it: luma of ITU-R BT.601 in 16-bit fixed
// point.
[[nodiscard]] constexpr std::uint8_t luma(const std::uint8_t* rgb) noexcept {
  const unsigned sum = rgb[0] * 19595U + rgb[1] * 38470U + rgb[2] * 7471U + 0x8000U;
  return static_cast<std::uint8_t>(sum >> 16U);
}

// More pixels than this are refused before they are decoded: Pillow's own limit.
inline constexpr std::int64_t kMaxImagePixels = 178956970;

enum class PixelKind : unsigned char {
  // What Pillow's Image.open(…).convert("RGB") gives: grey is repeated, a palette looked up, alpha
  // dropped, CMYK multiplied out, 16-bit colour cut to its high byte, 16-bit grey clipped at 255.
  // EXIF orientation and colour profiles are not applied.
  Rgb,
  // One channel: palette indices of a PNG, or its grey values of up to 8 bits: for annotations.
  Index,
};

// `bytes` is a whole JPEG or PNG file. Parse if it is damaged, cut short or claims more pixels
// than its size can hold; Unsupported for other formats and for kinds it cannot give.
[[nodiscard]] Result<Image> decode_image(std::span<const std::byte> bytes,
                                         PixelKind kind = PixelKind::Rgb);
// The same for a file; errors name it.
[[nodiscard]] Result<Image> read_image(const std::filesystem::path& path,
                                       PixelKind kind = PixelKind::Rgb);

}  // namespace sluice::data
