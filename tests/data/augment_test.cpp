// SPDX-License-Identifier: Apache-2.0
// Chance is tested by counting over many draws of fixed seeds; the bounds are five standard
// deviations wide or more.
#include "sluice/data/augment.hpp"

#include <algorithm>
#include <array>
#include <gtest/gtest.h>
#include <map>
#include <set>

#include "tests/support/encode_image.hpp"

#include "sluice/data/adjust.hpp"
#include "sluice/data/loader.hpp"

namespace sluice::data {
namespace {

const Augmentation kEverything{.crop_padding = 4,
                               .crop_scale = 0.2,
                               .flip_probability = 0.5,
                               .brightness = 0.4,
                               .contrast = 0.4,
                               .saturation = 0.4,
                               .hue = 0.1,
                               .cutout_side = 5};

Image filled(std::int64_t height, std::int64_t width, std::int64_t channels, std::uint8_t value) {
  Image image(height, width, channels);
  std::ranges::fill(image.pixels, value);
  return image;
}

// FNV-1a: bytes to pin down in one number.
std::uint64_t hash(const Image& image) {
  std::uint64_t value = 0xcbf29ce484222325U;
  for (const std::uint8_t pixel : image.pixels) value = (value ^ pixel) * 0x100000001b3U;
  return value;
}

TEST(Augment, NothingIsTheDefault) {
  const Image image = gradient(9, 7);
  Rng rng(1);
  EXPECT_EQ(augment(image, {}, rng), image);
  EXPECT_EQ(rng.next(), Rng(1).next()) << "draws without need";
}

TEST(Augment, TheSizeIsKept) {
  using Size = std::pair<std::int64_t, std::int64_t>;
  for (const auto& [height, width] : {Size{1, 1}, {1, 40}, {40, 1}, {32, 32}, {17, 50}}) {
    for (const std::int64_t channels : {1, 3}) {
      Rng rng(7);
      for (int draw = 0; draw < 50; ++draw) {
        const Image out = augment(gradient(height, width, channels), kEverything, rng);
        EXPECT_EQ(out.height, height);
        EXPECT_EQ(out.width, width);
        EXPECT_EQ(out.channels, channels);
        EXPECT_EQ(std::ssize(out.pixels), height * width * channels);
      }
    }
  }
}

TEST(Augment, TheSameSeedGivesTheSameBytes) {
  const Image image = gradient(32, 32);
  Rng a(5);
  Rng b(5);
  std::set<std::uint64_t> different;
  for (int draw = 0; draw < 20; ++draw) {
    const Image out = augment(image, kEverything, a);
    EXPECT_EQ(out, augment(image, kEverything, b));
    different.insert(hash(out));
  }
  EXPECT_EQ(different.size(), 20U);
}

// The numbers may change only where the steps or their draws do, and then on purpose.
TEST(Augment, TheBytesArePinnedDown) {
  const Image image = gradient(32, 48);
  EXPECT_EQ(hash(augment(image, kEverything, 1, 0)), 16454954175055805370U);
  EXPECT_EQ(hash(augment(image, kEverything, 1, 1)), 11226448662355642421U);
}

TEST(Augment, SeedAndPositionDrawEachTheirOwn) {
  const Image image = gradient(32, 32);
  std::set<std::uint64_t> different;
  for (std::uint64_t seed = 0; seed < 10; ++seed) {
    for (std::int64_t position = 0; position < 10; ++position) {
      different.insert(hash(augment(image, kEverything, seed, position)));
    }
  }
  EXPECT_EQ(different.size(), 100U);
}

TEST(Augment, ACropIsAnyShiftWithinThePaddingEquallyOften) {
  Image dot = filled(7, 7, 1, 0);
  dot.row(3)[3] = 255;
  std::map<std::int64_t, int> places;
  Rng rng(11);
  for (int draw = 0; draw < 5000; ++draw) {
    const Image out = augment(dot, {.crop_padding = 2}, rng);
    ++places[std::ranges::find(out.pixels, 255) - out.pixels.begin()];
  }
  EXPECT_EQ(places.size(), 25U);
  for (const auto& [place, count] : places) {
    EXPECT_TRUE(place / 7 >= 1 && place / 7 <= 5 && place % 7 >= 1 && place % 7 <= 5) << place;
    EXPECT_NEAR(count, 200, 70);
  }
}

TEST(Augment, FlipsComeAsOftenAsAsked) {
  const Image image = gradient(2, 5);
  const Image mirrored = flip_horizontally(image);
  for (const double probability : {0.1, 0.5, 1.0}) {
    int flips = 0;
    Rng rng(3);
    for (int draw = 0; draw < 4000; ++draw) {
      const Image out = augment(image, {.flip_probability = probability}, rng);
      if (out == mirrored) ++flips;
      EXPECT_TRUE(out == image || out == mirrored);
    }
    EXPECT_NEAR(flips, 4000 * probability, 160 * (1 - probability) + 0.5) << probability;
  }
}

TEST(Augment, BrightnessFactorsFillTheirRange) {
  const Image image = filled(1, 1, 3, 100);
  std::array<int, 256> counts{};
  Rng rng(4);
  for (int draw = 0; draw < 8000; ++draw) {
    ++counts[augment(image, {.brightness = 0.4}, rng).pixels[0]];
  }
  for (std::size_t value = 0; value < counts.size(); ++value) {
    if (value < 60 || value >= 140) {
      EXPECT_EQ(counts[value], 0) << value;
    } else {
      EXPECT_NEAR(counts[value], 100, 50) << value;
    }
  }
}

TEST(Augment, FactorsAreNeverNegative) {
  const Image image = filled(1, 1, 3, 2);
  std::array<int, 256> counts{};
  Rng rng(6);
  for (int draw = 0; draw < 8000; ++draw) {
    ++counts[augment(image, {.brightness = 3}, rng).pixels[0]];
  }
  for (std::size_t value = 0; value < 8; ++value) EXPECT_NEAR(counts[value], 1000, 160) << value;
}

TEST(Augment, TheHueTurnsBothWaysWithinItsRange) {
  Image red = filled(1, 1, 3, 0);
  red.pixels[0] = 255;
  int towards_green = 0;
  int towards_blue = 0;
  Rng rng(8);
  for (int draw = 0; draw < 2000; ++draw) {
    const Image out = augment(red, {.hue = 0.1}, rng);
    EXPECT_EQ(out.pixels[0], 255);
    EXPECT_LE(std::max(out.pixels[1], out.pixels[2]), 0.1 * 6 * 255);
    if (out.pixels[1] > 0) ++towards_green;
    if (out.pixels[2] > 0) ++towards_blue;
  }
  EXPECT_NEAR(towards_green, towards_blue, 250);
  EXPECT_GT(towards_green, 800);
}

// A factor just below one takes one off each value, one just above changes nothing; a hue hardly
// turned is rounded on its way. So of two steps only their order is left to chance.
TEST(Augment, TheOrderOfTheColorsIsEitherEquallyOften) {
  const Image image = gradient(8, 8);
  constexpr double kBelowOne = 1 - 5e-7;
  const Image brightness_first = adjust_hue(adjust_brightness(image, kBelowOne), 0);
  const Image hue_first = adjust_brightness(adjust_hue(image, 0), kBelowOne);
  ASSERT_NE(brightness_first, hue_first);
  int brightness_came_first = 0;
  int hue_came_first = 0;
  Rng rng(37);
  for (int draw = 0; draw < 4000; ++draw) {
    const Image out = augment(image, {.brightness = 1e-6, .hue = 1e-9}, rng);
    if (out == brightness_first) ++brightness_came_first;
    if (out == hue_first) ++hue_came_first;
  }
  EXPECT_NEAR(brightness_came_first, 1000, 200);
  EXPECT_NEAR(hue_came_first, 1000, 200);
}

TEST(Augment, GreyImagesKeepTheirColor) {
  const Image image = gradient(6, 6, 1);
  Rng rng(2);
  EXPECT_EQ(augment(image, {.saturation = 0.9, .hue = 0.5}, rng), image);
}

TEST(Augment, ACutOutIsASquareClippedAtTheBorder) {
  const Image image = filled(12, 20, 3, 0);
  constexpr std::int64_t kSide = 6;
  Rng rng(13);
  std::set<std::int64_t> areas;
  for (int draw = 0; draw < 3000; ++draw) {
    const Image out = augment(image, {.cutout_side = kSide, .cutout_fill = 200}, rng);
    const std::int64_t filled_values = std::ranges::count(out.pixels, 200);
    EXPECT_EQ(filled_values % 3, 0);
    areas.insert(filled_values / 3);
  }
  // Its centre is in the image: at least half a side shows each way.
  EXPECT_EQ(*areas.begin(), 3 * 3);
  EXPECT_EQ(*areas.rbegin(), kSide * kSide);
}

TEST(Augment, TheCentreOfACutOutIsAnyPixelEquallyOften) {
  const Image image = filled(4, 5, 1, 0);
  std::map<std::int64_t, int> places;
  Rng rng(17);
  for (int draw = 0; draw < 4000; ++draw) {
    const Image out = augment(image, {.cutout_side = 1}, rng);
    EXPECT_EQ(std::ranges::count(out.pixels, 128), 1);
    ++places[std::ranges::find(out.pixels, 128) - out.pixels.begin()];
  }
  EXPECT_EQ(places.size(), 20U);
  for (const auto& [place, count] : places) EXPECT_NEAR(count, 200, 70) << place;
}

TEST(Augment, ACutOutLargerThanTheImageCoversIt) {
  Rng rng(1);
  EXPECT_EQ(augment(filled(1, 1, 3, 7), {.cutout_side = 9, .cutout_fill = 50}, rng),
            filled(1, 1, 3, 50));
}

TEST(Augment, ACutOutComesAfterTheColors) {
  Rng rng(1);
  const Image out =
      augment(filled(4, 4, 3, 7), {.brightness = 0.5, .cutout_side = 8, .cutout_fill = 50}, rng);
  EXPECT_GE(std::ranges::count(out.pixels, 50), 4 * 3);
}

TEST(RandomCropBox, PartsHaveTheSharesAndProportionsAsked) {
  Rng rng(19);
  double least = 1;
  double most = 0;
  for (int draw = 0; draw < 5000; ++draw) {
    const Window box = random_crop_box(300, 400, 0.25, rng);
    ASSERT_TRUE(box.top >= 0 && box.left >= 0 && box.height >= 1 && box.width >= 1);
    ASSERT_TRUE(box.top + box.height <= 300 && box.left + box.width <= 400);
    const double share = static_cast<double>(box.height * box.width) / (300.0 * 400.0);
    least = std::min(least, share);
    most = std::max(most, share);
    const double shape = static_cast<double>(box.width) / static_cast<double>(box.height);
    EXPECT_GT(shape, 0.74);
    EXPECT_LT(shape, 1.35);
  }
  EXPECT_NEAR(least, 0.25, 0.01);
  EXPECT_GT(most, 0.95);
}

TEST(RandomCropBox, WideAndTallPartsComeEquallyOften) {
  Rng rng(23);
  int wide = 0;
  for (int draw = 0; draw < 4000; ++draw) {
    const Window box = random_crop_box(1000, 1000, 0.0001, rng);
    if (box.width > box.height) ++wide;
  }
  EXPECT_NEAR(wide, 2000, 160);
}

TEST(RandomCropBox, WhatFitsNowhereIsTheCentreOfTheLongImage) {
  Rng rng(29);
  for (int draw = 0; draw < 100; ++draw) {
    const Window wide = random_crop_box(30, 1000, 1, rng);
    EXPECT_EQ(std::tuple(wide.top, wide.left, wide.height, wide.width), std::tuple(0, 480, 30, 40));
    const Window tall = random_crop_box(1000, 30, 1, rng);
    EXPECT_EQ(std::tuple(tall.top, tall.left, tall.height, tall.width), std::tuple(480, 0, 40, 30));
  }
}

TEST(RandomCropBox, OnePixelIsItsOwnPart) {
  Rng rng(31);
  for (int draw = 0; draw < 100; ++draw) {
    const Window box = random_crop_box(1, 1, 0.08, rng);
    EXPECT_EQ(std::tuple(box.top, box.left, box.height, box.width), std::tuple(0, 0, 1, 1));
  }
}

TEST(TrainingInput, AResizedCropGivesWhatTheNetworkTakes) {
  const Preprocess p{.fit = Fit::ShortSide, .height = 24, .width = 20, .short_side = 28};
  const auto [augmentation, preprocess] = training_input({.crop_scale = 0.08}, p);
  Rng rng(1);
  const Image image = augment(gradient(50, 70), augmentation, rng);
  EXPECT_EQ(image.height, 24);
  EXPECT_EQ(image.width, 20);
  const auto fitted = fit_image(preprocess, image);
  ASSERT_TRUE(fitted);
  EXPECT_EQ(*fitted, image) << "scaled twice";
}

TEST(TrainingInput, WithoutAResizedCropThePreprocessingScalesAsEver) {
  const Preprocess p{.fit = Fit::ShortSide, .height = 24, .width = 20, .short_side = 28};
  EXPECT_EQ(training_input({.crop_padding = 4}, p).preprocess, p);
}

TEST(TrainingInput, WhatIsCutOutBecomesAboutZero) {
  const std::vector<Preprocess> all = {
      {.height = 1, .width = 1, .mean = {0.485F, 0.456F, 0.406F}, .std = {0.229F, 0.224F, 0.225F}},
      {.height = 1,
       .width = 1,
       .divisor = 1,
       .mean = {127.5F, 127.5F, 127.5F},
       .std = {128, 128, 128}},
      {.height = 1, .width = 1, .channels = 1}};
  for (const Preprocess& p : all) {
    const auto [augmentation, preprocess] = training_input({.cutout_side = 4}, p);
    Rng rng(1);
    std::vector<float> values(static_cast<std::size_t>(p.channels));
    ASSERT_TRUE(
        preprocess_image(preprocess, augment(Image(1, 1, p.channels), augmentation, rng), values));
    for (const float value : values) EXPECT_NEAR(value, 0, 0.25);
  }
}

TEST(TrainingInput, EveryImageOfALoaderFitsWhateverItsSize) {
  std::vector<Dataset::Entry> entries(9, {"x", 0});
  const Dataset dataset("sizes", std::move(entries), {},
                        [](std::int64_t index, const Dataset::Entry&) -> Result<Image> {
                          return gradient(20 + 7 * index, 60 - 5 * index);
                        });
  for (const Fit fit : {Fit::None, Fit::Exact, Fit::ShortSide, Fit::LetterboxCenter}) {
    const auto input = training_input({.crop_scale = 0.2},
                                      {.fit = fit, .height = 16, .width = 16, .short_side = 20});
    const auto transform = [&](Image image, std::int64_t position) -> Result<Image> {
      return augment(std::move(image), input.augmentation, 1, position);
    };
    Loader loader(dataset, input.preprocess, {.batch_size = 9, .transform = transform});
    const auto batch = loader.next();
    ASSERT_TRUE(batch) << batch.error().text();
    EXPECT_EQ((*batch)->images.shape(), (Shape{9, 3, 16, 16}));
  }
}

}  // namespace
}  // namespace sluice::data
