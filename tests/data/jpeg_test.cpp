// SPDX-License-Identifier: Apache-2.0
#include <cstdlib>
#include <gtest/gtest.h>

#include "tests/support/encode_image.hpp"

#include "sluice/data/codec.hpp"

namespace sluice::data {
namespace {

TEST(Jpeg, ColoursComeBackNearly) {
  const Image original = gradient(24, 25);
  const auto image = decode_jpeg(encode_jpeg(original), PixelKind::Rgb);
  ASSERT_TRUE(image) << image.error().text();
  ASSERT_EQ(image->height, 24);
  ASSERT_EQ(image->width, 25);
  for (std::size_t i = 0; i < original.pixels.size(); ++i) {
    EXPECT_NEAR(image->pixels[i], original.pixels[i], 12) << i;
  }
}

TEST(Jpeg, GreyIsRepeatedOnThreeChannels) {
  const auto image = decode_jpeg(encode_jpeg(gradient(16, 16, 1)), PixelKind::Rgb);
  ASSERT_TRUE(image);
  ASSERT_EQ(image->channels, 3);
  for (std::size_t i = 0; i < image->pixels.size(); i += 3) {
    EXPECT_EQ(image->pixels[i], image->pixels[i + 1]);
    EXPECT_EQ(image->pixels[i], image->pixels[i + 2]);
  }
}

TEST(Jpeg, CmykIsInvertedAndMultipliedOut) {
  Image ink(8, 8, 4);  // inverted: 255 is no ink; cyan half, no black
  for (std::size_t i = 0; i < ink.pixels.size(); i += 4) {
    ink.pixels[i] = 128;
    ink.pixels[i + 1] = ink.pixels[i + 2] = ink.pixels[i + 3] = 255;
  }
  const auto image = decode_jpeg(encode_jpeg(ink), PixelKind::Rgb);
  ASSERT_TRUE(image);
  EXPECT_NEAR(image->pixels[0], 128, 2);
  EXPECT_NEAR(image->pixels[1], 255, 2);
}

TEST(Jpeg, EveryTruncationIsAnError) {
  const auto bytes = encode_jpeg(gradient(20, 20));
  for (std::size_t size = 3; size < bytes.size(); ++size) {
    EXPECT_FALSE(decode_jpeg(std::span(bytes).first(size), PixelKind::Rgb)) << size;
  }
}

TEST(Jpeg, DamagedPixelsAreAnErrorNotNoise) {
  auto bytes = encode_jpeg(gradient(64, 64));
  bytes.insert(bytes.begin() + static_cast<std::ptrdiff_t>(bytes.size() / 2),
               {std::byte{0xff}, std::byte{0xd9}});  // an end in the middle
  const auto image = decode_jpeg(bytes, PixelKind::Rgb);
  ASSERT_FALSE(image);
  EXPECT_EQ(image.error().code, ErrorCode::Parse);
}

TEST(Jpeg, NoFlippedByteCrashes) {
  const auto bytes = encode_jpeg(gradient(16, 16));
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    auto flipped = bytes;
    flipped[i] ^= std::byte{0xff};
    const auto image = decode_jpeg(flipped, PixelKind::Rgb);
    if (!image) continue;
    EXPECT_EQ(image->pixels.size() % 3, 0U);
  }
}

TEST(Jpeg, AHugeClaimInASmallFileIsRefused) {
  auto bytes = encode_jpeg(gradient(16, 16));
  for (std::size_t i = 0; i + 9 < bytes.size(); ++i) {
    if (bytes[i] != std::byte{0xff} || bytes[i + 1] != std::byte{0xc0}) continue;
    for (std::size_t k = 5; k < 9; ++k) bytes[i + k] = std::byte{0x2f};  // 12079 x 12079
    break;
  }
  const auto image = decode_jpeg(bytes, PixelKind::Rgb);
  ASSERT_FALSE(image);
  EXPECT_NE(image.error().message.find("12079x12079"), std::string::npos);
}

TEST(Jpeg, AnnotationsAreRefused) {
  EXPECT_EQ(decode_jpeg(encode_jpeg(gradient(8, 8)), PixelKind::Index).error().code,
            ErrorCode::Unsupported);
}

}  // namespace
}  // namespace sluice::data
