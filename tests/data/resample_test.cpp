// SPDX-License-Identifier: Apache-2.0
// Expected bytes: Pillow 12.3. Equality over many sizes is tests/conformance/pillow_test.cpp.
#include "sluice/data/resample.hpp"

#include <algorithm>
#include <gtest/gtest.h>

#include "tests/support/encode_image.hpp"

namespace sluice::data {
namespace {

using Pixels = std::vector<std::uint8_t>;

Image grey(std::int64_t height, std::int64_t width, Pixels pixels) {
  Image image(height, width, 1);
  image.pixels = std::move(pixels);
  return image;
}

const Image kRamp = grey(2, 5, {0, 40, 255, 10, 100, 90, 3, 7, 200, 50});

struct Golden {
  Filter filter;
  Pixels shrunk;  // to 2 x 3
  Pixels grown;   // to 1 x 8
};

TEST(Resample, EachFilterGivesPillowsBytes) {
  const std::vector<Golden> golden = {
      {Filter::Nearest, {0, 255, 100, 90, 7, 50}, {90, 90, 3, 7, 7, 200, 50, 50}},
      {Filter::Box, {20, 255, 55, 47, 7, 125}, {45, 45, 22, 131, 131, 105, 75, 75}},
      {Filter::Bilinear, {17, 153, 61, 53, 49, 114}, {45, 35, 28, 97, 123, 107, 89, 75}},
      {Filter::Hamming, {15, 189, 66, 57, 34, 107}, {45, 37, 22, 116, 128, 105, 86, 75}},
      {Filter::Bicubic, {18, 157, 62, 48, 49, 118}, {48, 30, 25, 108, 133, 107, 86, 73}},
      {Filter::Lanczos, {20, 156, 61, 41, 51, 124}, {51, 30, 28, 116, 140, 109, 82, 73}}};
  for (const Golden& g : golden) {
    EXPECT_EQ(resize(kRamp, 2, 3, g.filter).pixels, g.shrunk) << to_string(g.filter);
    EXPECT_EQ(resize(kRamp, 1, 8, g.filter).pixels, g.grown) << to_string(g.filter);
  }
}

TEST(Resample, TheSameSizeIsACopy) {
  const Image image = gradient(5, 7);
  EXPECT_EQ(resize(image, 5, 7, Filter::Lanczos), image);
}

TEST(Resample, AConstantStaysConstant) {
  Image image(13, 17, 3);
  std::ranges::fill(image.pixels, std::uint8_t{201});
  for (const Filter filter : {Filter::Nearest, Filter::Box, Filter::Bilinear, Filter::Hamming,
                              Filter::Bicubic, Filter::Lanczos}) {
    for (const auto& [height, width] : {std::pair{1, 1}, {40, 5}, {13, 60}, {7, 17}}) {
      const Image scaled = resize(image, height, width, filter);
      EXPECT_TRUE(std::ranges::all_of(scaled.pixels, [](int p) { return p == 201; }))
          << to_string(filter) << height << "x" << width;
    }
  }
}

TEST(Resample, AWindowIsACropOfTheWhole) {
  const Image image = gradient(31, 43);
  for (const Filter filter : {Filter::Nearest, Filter::Bilinear, Filter::Bicubic}) {
    for (const auto& [height, width] : {std::pair{20, 20}, {31, 60}, {50, 43}, {31, 43}}) {
      const Image whole = resize(image, height, width, filter);
      const Window part{.top = 3, .left = 5, .height = 11, .width = 9};
      const Image cut = resize(image, height, width, filter, part);
      ASSERT_EQ(cut.height, 11);
      ASSERT_EQ(cut.width, 9);
      for (std::int64_t y = 0; y < 11; ++y) {
        EXPECT_TRUE(std::equal(cut.row(y), cut.row(y) + 27, whole.row(y + 3) + 15))
            << to_string(filter) << height << "x" << width << " row " << y;
      }
    }
  }
}

TEST(Resample, FilterNamesReadBack) {
  EXPECT_EQ(filter_from_string("bicubic"), Filter::Bicubic);
  EXPECT_EQ(to_string(Filter::Lanczos), "lanczos");
  EXPECT_FALSE(filter_from_string("cubic"));
}

}  // namespace
}  // namespace sluice::data
