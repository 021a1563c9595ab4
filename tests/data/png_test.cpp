// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "tests/support/encode_image.hpp"

#include "sluice/data/codec.hpp"

namespace sluice::data {
namespace {

using Pixels = std::vector<std::uint8_t>;

Pixels decoded(std::vector<png_byte> row, std::int64_t width, const PngOptions& options,
               PixelKind kind = PixelKind::Rgb) {
  const auto image = decode_png(encode_png({std::move(row)}, width, options), kind);
  EXPECT_TRUE(image) << image.error().text();
  return image ? image->pixels : Pixels{};
}

const std::vector<png_color> kPalette = {{1, 2, 3}, {4, 5, 6}, {7, 8, 9}};

TEST(Png, ColoursComeBackExactly) {
  EXPECT_EQ(*decode_png(encode_png(gradient(9, 7)), PixelKind::Rgb), gradient(9, 7));
}

TEST(Png, NarrowGreyIsStretched) {
  EXPECT_EQ(decoded({0b00'01'10'11}, 4, {.bit_depth = 2, .color_type = PNG_COLOR_TYPE_GRAY}),
            (Pixels{0, 0, 0, 85, 85, 85, 170, 170, 170, 255, 255, 255}));
}

TEST(Png, AlphaIsDropped) {
  EXPECT_EQ(decoded({1, 2, 3, 0}, 1, {.color_type = PNG_COLOR_TYPE_RGB_ALPHA}), (Pixels{1, 2, 3}));
  EXPECT_EQ(decoded({9, 0}, 1, {.color_type = PNG_COLOR_TYPE_GRAY_ALPHA}), (Pixels{9, 9, 9}));
}

TEST(Png, PalettesAreLookedUp) {
  EXPECT_EQ(decoded({0x21}, 2,
                    {.bit_depth = 4, .color_type = PNG_COLOR_TYPE_PALETTE, .palette = kPalette}),
            (Pixels{7, 8, 9, 4, 5, 6}));
}

TEST(Png, AnIndexBeyondThePaletteIsAnError) {
  const auto image =
      decode_png(encode_png({{7}}, 1, {.color_type = PNG_COLOR_TYPE_PALETTE, .palette = kPalette}),
                 PixelKind::Rgb);
  ASSERT_FALSE(image);
  EXPECT_NE(image.error().message.find("index 7 in a palette of 3"), std::string::npos);
}

TEST(Png, SixteenBitColourKeepsItsHighByte) {
  EXPECT_EQ(decoded({1, 200, 2, 200, 3, 200}, 1, {.bit_depth = 16}), (Pixels{1, 2, 3}));
}

TEST(Png, SixteenBitGreyIsClippedAsByPillow) {
  EXPECT_EQ(decoded({0, 200, 1, 0}, 2, {.bit_depth = 16, .color_type = PNG_COLOR_TYPE_GRAY}),
            (Pixels{200, 200, 200, 255, 255, 255}));
}

TEST(Png, AnnotationsKeepTheirIndices) {
  EXPECT_EQ(decoded({0, 2}, 2, {.color_type = PNG_COLOR_TYPE_PALETTE, .palette = kPalette},
                    PixelKind::Index),
            (Pixels{0, 2}));
  EXPECT_EQ(decoded({0b00'01'10'11}, 4, {.bit_depth = 2, .color_type = PNG_COLOR_TYPE_GRAY},
                    PixelKind::Index),
            (Pixels{0, 1, 2, 3}));
}

TEST(Png, AColourPictureIsNoAnnotation) {
  EXPECT_EQ(decode_png(encode_png(gradient(2, 2)), PixelKind::Index).error().code,
            ErrorCode::Unsupported);
}

TEST(Png, ATruncatedPictureIsAnError) {
  const auto bytes = encode_png(gradient(20, 20));
  // Without its last chunk (12 bytes) and the checksum before it, all the pixels are still there.
  for (std::size_t size = 8; size + 20 < bytes.size(); ++size) {
    EXPECT_FALSE(decode_png(std::span(bytes).first(size), PixelKind::Rgb)) << size;
  }
}

TEST(Png, NoFlippedByteCrashes) {
  const auto bytes = encode_png(gradient(16, 16));
  for (std::size_t i = 8; i < bytes.size(); ++i) {
    auto flipped = bytes;
    flipped[i] ^= std::byte{0xff};
    const auto image = decode_png(flipped, PixelKind::Rgb);
    if (!image) continue;
    EXPECT_EQ(*image, gradient(16, 16)) << i;  // checksums catch the rest
  }
}

}  // namespace
}  // namespace sluice::data
