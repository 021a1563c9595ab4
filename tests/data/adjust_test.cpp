// SPDX-License-Identifier: Apache-2.0
// Expected bytes: Pillow 12.3. Equality over many images is tests/conformance/pillow_test.cpp.
#include "sluice/data/adjust.hpp"

#include <algorithm>
#include <gtest/gtest.h>

#include "tests/support/encode_image.hpp"

namespace sluice::data {
namespace {

using Bytes = std::vector<std::uint8_t>;

Image of_bytes(std::int64_t height, std::int64_t width, std::int64_t channels, Bytes bytes) {
  Image image(height, width, channels);
  image.pixels = std::move(bytes);
  return image;
}

// One pixel whose highest channel is red, one green, one blue; grey, yellow, and almost black.
const Image kColors =
    of_bytes(1, 6, 3, {200, 30, 90, 12, 240, 77, 5, 100, 251, 128, 128, 128, 255, 255, 0, 1, 0, 0});
const Image kGreys = of_bytes(1, 5, 1, {0, 40, 255, 10, 100});

TEST(Adjust, BrightnessIsPillows) {
  EXPECT_EQ(adjust_brightness(kColors, 0.55).pixels,
            (Bytes{110, 16, 49, 6, 132, 42, 2, 55, 138, 70, 70, 70, 140, 140, 0, 0, 0, 0}));
  EXPECT_EQ(adjust_brightness(kColors, 1.7).pixels,
            (Bytes{255, 51, 153, 20, 255, 130, 8, 170, 255, 217, 217, 217, 255, 255, 0, 1, 0, 0}));
  EXPECT_EQ(adjust_brightness(kGreys, 1.5).pixels, (Bytes{0, 60, 255, 15, 150}));
}

TEST(Adjust, ContrastIsPillows) {
  EXPECT_EQ(
      adjust_contrast(kColors, 0.55).pixels,
      (Bytes{161, 67, 100, 57, 183, 93, 54, 106, 189, 121, 121, 121, 191, 191, 51, 51, 51, 51}));
  EXPECT_EQ(adjust_contrast(kColors, 1.7).pixels,
            (Bytes{255, 0, 73, 0, 255, 51, 0, 90, 255, 137, 137, 137, 255, 255, 0, 0, 0, 0}));
  EXPECT_EQ(adjust_contrast(kGreys, 1.5).pixels, (Bytes{0, 19, 255, 0, 109}));
}

TEST(Adjust, SaturationIsPillows) {
  EXPECT_EQ(adjust_saturation(kColors, 0.55).pixels,
            (Bytes{149, 56, 89, 75, 200, 111, 42, 95, 178, 128, 128, 128, 241, 241, 101, 0, 0, 0}));
  EXPECT_EQ(adjust_saturation(kColors, 1.7).pixels,
            (Bytes{255, 0, 91, 0, 255, 23, 0, 107, 255, 128, 128, 128, 255, 255, 0, 1, 0, 0}));
}

TEST(Adjust, HueIsTorchvisionsOnPillowImages) {
  EXPECT_EQ(adjust_hue(kColors, 0.2).pixels,
            (Bytes{200, 170, 31, 12, 130, 240, 202, 6, 251, 128, 128, 128, 0, 255, 48, 1, 1, 0}));
  EXPECT_EQ(adjust_hue(kColors, -0.4).pixels,
            (Bytes{31, 158, 200, 240, 12, 34, 202, 251, 6, 128, 128, 128, 156, 0, 255, 0, 0, 1}));
  EXPECT_EQ(adjust_hue(kColors, 0.5).pixels,
            (Bytes{31, 200, 134, 240, 12, 178, 251, 144, 6, 128, 128, 128, 0, 6, 255, 0, 1, 1}));
}

TEST(Adjust, NoTurnOfTheHueStillGoesThroughEightBits) {
  EXPECT_EQ(adjust_hue(kColors, 0).pixels,
            (Bytes{200, 31, 90, 12, 240, 77, 6, 104, 251, 128, 128, 128, 255, 252, 0, 1, 0, 0}));
}

TEST(Adjust, AFactorOfOneChangesNothing) {
  const Image image = gradient(11, 13);
  EXPECT_EQ(adjust_brightness(image, 1), image);
  EXPECT_EQ(adjust_contrast(image, 1), image);
  EXPECT_EQ(adjust_saturation(image, 1), image);
}

TEST(Adjust, AFactorOfZeroIsWhatIsBlendedFrom) {
  EXPECT_EQ(adjust_brightness(kColors, 0), Image(1, 6, 3));
  EXPECT_EQ(adjust_contrast(kColors, 0).pixels, Bytes(18, 114));
  const Image grey = adjust_saturation(kColors, 0);
  for (std::size_t i = 0; i < 18; ++i) {
    EXPECT_EQ(grey.pixels[i], luma(&kColors.pixels[i / 3 * 3])) << i;
  }
}

TEST(Adjust, GreyImagesHaveNoSaturationAndNoHue) {
  EXPECT_EQ(adjust_saturation(kGreys, 0.3), kGreys);
  EXPECT_EQ(adjust_hue(kGreys, 0.4), kGreys);
}

TEST(Adjust, AFlipExchangesLeftAndRight) {
  const Image image = of_bytes(2, 3, 3,
                               {1, 2, 3, 4, 5, 6, 7, 8, 9,  //
                                11, 12, 13, 14, 15, 16, 17, 18, 19});
  EXPECT_EQ(flip_horizontally(image).pixels, (Bytes{7, 8, 9, 4, 5, 6, 1, 2, 3,  //
                                                    17, 18, 19, 14, 15, 16, 11, 12, 13}));
}

TEST(Adjust, TwoFlipsAreNone) {
  for (const std::int64_t width : {1, 2, 17}) {
    for (const std::int64_t channels : {1, 3}) {
      const Image image = gradient(5, width, channels);
      EXPECT_EQ(flip_horizontally(flip_horizontally(image)), image);
    }
  }
}

TEST(Adjust, AShiftBringsInZeros) {
  const Image image = of_bytes(2, 3, 1, {1, 2, 3, 4, 5, 6});
  EXPECT_EQ(shift(image, 0, 0), image);
  EXPECT_EQ(shift(image, 1, 0).pixels, (Bytes{4, 5, 6, 0, 0, 0}));
  EXPECT_EQ(shift(image, 0, -1).pixels, (Bytes{0, 1, 2, 0, 4, 5}));
  EXPECT_EQ(shift(image, -1, 2).pixels, (Bytes{0, 0, 0, 3, 0, 0}));
}

TEST(Adjust, AShiftPastTheImageLeavesZerosOnly) {
  const Image image = of_bytes(2, 3, 1, {1, 2, 3, 4, 5, 6});
  for (const auto& [top, left] : {std::pair{2, 0}, {-2, 0}, {0, 3}, {0, -3}, {-900, 900}}) {
    EXPECT_EQ(shift(image, top, left), Image(2, 3, 1)) << top << " " << left;
  }
}

TEST(Adjust, AShiftMovesWholePixels) {
  const Image image = gradient(6, 7);
  const Image moved = shift(image, -2, 3);  // four columns are left, three bytes a pixel
  for (std::int64_t y = 2; y < 6; ++y) {
    EXPECT_TRUE(std::equal(moved.row(y), moved.row(y) + 12, image.row(y - 2) + 9));
  }
}

TEST(Adjust, OnlyTheBoxPlaysAPartInItsResize) {
  const Image image = of_bytes(2, 5, 1, {0, 40, 255, 10, 100, 90, 3, 7, 200, 50});
  const Window box{.top = 0, .left = 1, .height = 2, .width = 3};
  EXPECT_EQ(crop_and_resize(image, box, 3, 2).pixels, (Bytes{121, 102, 63, 115, 5, 128}));
  Image other = image;
  for (const std::size_t outside : {0U, 4U, 5U, 9U}) other.pixels[outside] = 255;
  EXPECT_EQ(crop_and_resize(other, box, 3, 2), crop_and_resize(image, box, 3, 2));
}

TEST(Adjust, ACutOutFillsItsBox) {
  const Image image = of_bytes(3, 3, 1, {1, 2, 3, 4, 5, 6, 7, 8, 9});
  EXPECT_EQ(cut_out(image, {.top = 1, .left = 0, .height = 1, .width = 2}, 99).pixels,
            (Bytes{1, 2, 3, 99, 99, 6, 7, 8, 9}));
}

TEST(Adjust, ACutOutIsClippedAtTheBorder) {
  const Image image = of_bytes(2, 3, 1, {1, 2, 3, 4, 5, 6});
  EXPECT_EQ(cut_out(image, {.top = -1, .left = -1, .height = 2, .width = 2}, 9).pixels,
            (Bytes{9, 2, 3, 4, 5, 6}));
  EXPECT_EQ(cut_out(image, {.top = 1, .left = 2, .height = 5, .width = 5}, 9).pixels,
            (Bytes{1, 2, 3, 4, 5, 9}));
  EXPECT_EQ(cut_out(image, {.top = 0, .left = 3, .height = 2, .width = 2}, 9), image);
  EXPECT_EQ(cut_out(image, {.top = 2, .left = 0, .height = 2, .width = 2}, 9), image);
  EXPECT_EQ(cut_out(image, {.top = -5, .left = -5, .height = 5, .width = 9}, 9), image);
}

TEST(Adjust, ACutOutFillsEveryChannel) {
  const Image image = gradient(4, 4);
  const Image cut = cut_out(image, {.top = 1, .left = 1, .height = 2, .width = 2}, 200);
  EXPECT_EQ(std::ranges::count(cut.pixels, 200), 12);
}

}  // namespace
}  // namespace sluice::data
