// SPDX-License-Identifier: Apache-2.0
#include "sluice/data/preprocess.hpp"

#include <gtest/gtest.h>

#include "tests/support/encode_image.hpp"

namespace sluice::data {
namespace {

Image one_pixel(std::uint8_t r, std::uint8_t g, std::uint8_t b) {
  Image image(1, 1, 3);
  image.pixels = {r, g, b};
  return image;
}

// The first channel of a pixel.
std::uint8_t red(const Image& image, std::int64_t y, std::int64_t x) {
  return image.row(y)[x * image.channels];
}

std::vector<float> apply(const Preprocess& preprocess, const Image& image) {
  std::vector<float> out(static_cast<std::size_t>(num_elements(output_shape(preprocess, 1))));
  const Status status = preprocess_image(preprocess, image, out);
  EXPECT_TRUE(status) << (status ? "" : status.error().text());
  return out;
}

TEST(Preprocess, EachStepIsRoundedToFloat32) {
  const Preprocess p{
      .height = 1, .width = 1, .mean = {0.485F, 0.456F, 0.406F}, .std = {0.229F, 0.224F, 0.225F}};
  const float scaled = 200.0F / 255.0F;
  const float shifted = scaled - 0.485F;
  EXPECT_EQ(apply(p, one_pixel(200, 0, 0))[0], shifted / 0.229F);
}

TEST(Preprocess, ChannelOrderKeepsEachChannelsStatistics) {
  Preprocess p{.height = 1, .width = 1, .divisor = 1, .mean = {1, 2, 3}};
  EXPECT_EQ(apply(p, one_pixel(10, 20, 30)), (std::vector<float>{9, 18, 27}));
  p.order = ChannelOrder::Bgr;
  EXPECT_EQ(apply(p, one_pixel(10, 20, 30)), (std::vector<float>{27, 18, 9}));
}

TEST(Preprocess, LayoutsHoldTheSamePixels) {
  Preprocess p{.height = 2, .width = 3, .divisor = 1};
  const Image image = gradient(2, 3);
  const std::vector<float> planes = apply(p, image);
  p.layout = Layout::Nhwc;
  const std::vector<float> pixels = apply(p, image);
  for (std::size_t i = 0; i < 6; ++i) {
    for (std::size_t c = 0; c < 3; ++c) {
      EXPECT_EQ(planes[c * 6 + i], image.pixels[3 * i + c]);
      EXPECT_EQ(pixels[3 * i + c], image.pixels[3 * i + c]);
    }
  }
}

TEST(Preprocess, NoFitMeansTheSizeMustMatch) {
  const Preprocess p{.height = 32, .width = 32};
  const auto image = fit_image(p, gradient(30, 32));
  ASSERT_FALSE(image);
  EXPECT_NE(image.error().message.find("30x32"), std::string::npos);
}

// 7 - 4 = 3 and 9 - 4 = 5 left over: 1.5 rounds to 2, 2.5 to 2.
TEST(Preprocess, CentreOffsetsRoundHalvesToEven) {
  const Preprocess p{.fit = Fit::ShortSide, .height = 4, .width = 4, .short_side = 7};
  const Image cut = *fit_image(p, gradient(7, 9));
  EXPECT_EQ(cut.row(0)[0], 2 * 9);
  EXPECT_EQ(cut.row(0)[1], 2 * 7);
}

TEST(Preprocess, TheLongSideIsCutOffToAnInteger) {
  // 5 x 8 becomes 7 x 11 (7·8/5 = 11.2), whose middle 7 columns start at 2.
  const Preprocess p{.fit = Fit::ShortSide, .height = 7, .width = 7, .short_side = 7};
  const Image image = gradient(5, 8);
  EXPECT_EQ(*fit_image(p, image),
            resize(image, 7, 11, Filter::Bilinear, {.top = 0, .left = 2, .height = 7, .width = 7}));
  Image tall(8, 5, 3);
  EXPECT_EQ(fit_image(p, tall)->height, 7);
}

TEST(Preprocess, ALetterboxPadsRightAndBelow) {
  const Preprocess p{.fit = Fit::LetterboxTopLeft, .height = 4, .width = 6, .pad_value = 9};
  const Image boxed = *fit_image(p, one_pixel(50, 60, 70));
  EXPECT_EQ(red(boxed, 3, 3), 50);
  EXPECT_EQ(red(boxed, 0, 4), 9);
}

TEST(Preprocess, ACentredLetterboxPadsBothSides) {
  const Preprocess p{.fit = Fit::LetterboxCenter, .height = 2, .width = 5, .pad_value = 9};
  const Image boxed = *fit_image(p, one_pixel(50, 60, 70));
  EXPECT_EQ(red(boxed, 0, 0), 9);
  EXPECT_EQ(red(boxed, 0, 1), 50);
  EXPECT_EQ(red(boxed, 1, 2), 50);
  EXPECT_EQ(red(boxed, 0, 3), 9);
  EXPECT_EQ(red(boxed, 0, 4), 9);
}

TEST(Preprocess, AThinImageKeepsALineInALetterbox) {
  const Preprocess p{.fit = Fit::LetterboxTopLeft, .height = 4, .width = 4};
  EXPECT_TRUE(fit_image(p, gradient(1, 100)));
}

TEST(Preprocess, ColourBecomesGreyAndGreyColour) {
  const Preprocess grey{.height = 1, .width = 1, .channels = 1, .divisor = 1};
  EXPECT_EQ(apply(grey, one_pixel(255, 255, 255)), (std::vector<float>{255}));
  EXPECT_EQ(apply(grey, one_pixel(255, 0, 0)), (std::vector<float>{76}));
  Image dot(1, 1, 1);
  dot.pixels = {5};
  EXPECT_EQ(apply({.height = 1, .width = 1, .divisor = 1}, dot), (std::vector<float>{5, 5, 5}));
}

TEST(PreprocessForInput, ShapeGivesSizeChannelsAndLayout) {
  const auto nchw = for_input({}, {1, 3, 20, 30});
  ASSERT_TRUE(nchw);
  EXPECT_EQ(output_shape(*nchw, 5), (Shape{5, 3, 20, 30}));
  const auto nhwc = for_input({}, {1, 20, 30, 1});
  ASSERT_TRUE(nhwc);
  EXPECT_EQ(output_shape(*nhwc, 2), (Shape{2, 20, 30, 1}));
}

TEST(PreprocessForInput, InputsThatTakeNoImageAreRefused) {
  EXPECT_FALSE(for_input({}, {1, 3, 20}));
  EXPECT_FALSE(for_input({}, {1, 4, 20, 5}));
  EXPECT_FALSE(for_input({}, {1, 3, 0, 5}));
  EXPECT_FALSE(for_input({}, {1, 3, 1 << 20, 1 << 20}));
}

TEST(PreprocessForInput, ACropLargerThanTheScaledImageIsRefused) {
  const Preprocess p{.fit = Fit::ShortSide, .short_side = 256};
  EXPECT_TRUE(for_input(p, {1, 3, 256, 256}));
  const auto larger = for_input(p, {1, 3, 299, 299});
  ASSERT_FALSE(larger);
  EXPECT_NE(larger.error().message.find("299"), std::string::npos);
}

}  // namespace
}  // namespace sluice::data
