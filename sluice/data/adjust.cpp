// SPDX-License-Identifier: Apache-2.0
#include "sluice/data/adjust.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

#include "sluice/base/assert.hpp"

namespace sluice::data {
namespace {

std::uint8_t blend(std::uint8_t from, std::uint8_t pixel, float factor) {
  const auto start = static_cast<float>(from);
  const float value = start + factor * (static_cast<float>(pixel) - start);
  return static_cast<std::uint8_t>(std::clamp(value, 0.0F, 255.0F));
}

// Every value blended from the same one.
Image blend_from(const Image& image, std::uint8_t from, double factor) {
  std::array<std::uint8_t, 256> table{};
  for (std::size_t pixel = 0; pixel < table.size(); ++pixel) {
    table[pixel] = blend(from, static_cast<std::uint8_t>(pixel), static_cast<float>(factor));
  }
  Image out(image.height, image.width, image.channels);
  std::ranges::transform(image.pixels, out.pixels.begin(),
                         [&](std::uint8_t pixel) { return table[pixel]; });
  return out;
}

// int(mean + 0.5) of the luma.
std::uint8_t mean_luma(const Image& image) {
  std::int64_t sum = 0;
  for (std::size_t i = 0; i < image.pixels.size(); i += static_cast<std::size_t>(image.channels)) {
    sum += image.channels == 1 ? image.pixels[i] : luma(&image.pixels[i]);
  }
  const double mean = static_cast<double>(sum) / static_cast<double>(image.height * image.width);
  return static_cast<std::uint8_t>(mean + 0.5);  // NOLINT(bugprone-incorrect-roundings): never < 0
}

// Each in 0 … 255; a hue of 255 is a whole turn.
struct Hsv {
  std::uint8_t hue = 0;
  std::uint8_t saturation = 0;
  std::uint8_t value = 0;
};

// In which of its steps a computation is float32 and in which float64 shows in the result, in both
// directions: the types here are Pillow's.
Hsv to_hsv(const std::uint8_t* rgb) {
  const auto [red, green, blue] = std::array{rgb[0], rgb[1], rgb[2]};
  const auto [low, high] = std::minmax({red, green, blue});
  if (low == high) return {.value = high};
  const auto range = static_cast<float>(high - low);
  // How far a channel lies below the highest, as a share of the range.
  const auto below = [range, top = int{high}](std::uint8_t channel) {
    return static_cast<float>(top - channel) / range;
  };
  float sector = 0;  // -1 … 5: sixths of a turn from red
  if (red == high) {
    sector = below(blue) - below(green);
  } else if (green == high) {
    sector = static_cast<float>(2.0 + double{below(red)} - double{below(blue)});
  } else {
    sector = static_cast<float>(4.0 + double{below(green)} - double{below(red)});
  }
  const double turns = double{sector} / 6.0 + 1.0;
  const auto hue = static_cast<float>(turns >= 1 ? turns - 1 : turns);
  const float saturation = range / static_cast<float>(high);
  return {.hue = static_cast<std::uint8_t>(double{hue} * 255.0),
          .saturation = static_cast<std::uint8_t>(double{saturation} * 255.0),
          .value = high};
}

void to_rgb(const Hsv& hsv, std::uint8_t* rgb) {
  const auto put = [rgb](std::uint8_t red, std::uint8_t green, std::uint8_t blue) {
    rgb[0] = red;
    rgb[1] = green;
    rgb[2] = blue;
  };
  const std::uint8_t high = hsv.value;
  const double position = hsv.hue * 6.0 / 255.0;
  const int sector = static_cast<int>(position);
  const auto rest = static_cast<float>(position - sector);
  const auto saturation = static_cast<float>(hsv.saturation / 255.0);
  const auto scaled = [high](double share) {
    return static_cast<std::uint8_t>(std::lround(high * share));
  };
  const std::uint8_t low = scaled(1.0 - double{saturation});
  const std::uint8_t falling = scaled(1.0 - double{saturation * rest});
  const std::uint8_t rising = scaled(1.0 - double{saturation} * (1.0 - double{rest}));
  switch (sector % 6) {
    case 0:
      return put(high, rising, low);
    case 1:
      return put(falling, high, low);
    case 2:
      return put(low, high, rising);
    case 3:
      return put(low, falling, high);
    case 4:
      return put(rising, low, high);
    default:
      return put(high, low, falling);
  }
}

}  // namespace

Image adjust_brightness(const Image& image, double factor) {
  return blend_from(image, 0, factor);
}

Image adjust_contrast(const Image& image, double factor) {
  return blend_from(image, mean_luma(image), factor);
}

Image adjust_saturation(const Image& image, double factor) {
  if (image.channels == 1) return image;
  Image out = image;
  for (std::size_t i = 0; i < out.pixels.size(); i += 3) {
    std::uint8_t* const rgb = &out.pixels[i];
    const std::uint8_t grey = luma(rgb);
    for (int c = 0; c < 3; ++c) rgb[c] = blend(grey, rgb[c], static_cast<float>(factor));
  }
  return out;
}

Image adjust_hue(const Image& image, double turns) {
  SL_ASSERT(turns >= -0.5 && turns <= 0.5, "hue turned by more than half a turn");
  if (image.channels == 1) return image;
  const auto offset = static_cast<int>(turns * 255);
  Image out = image;
  for (std::size_t i = 0; i < out.pixels.size(); i += 3) {
    Hsv hsv = to_hsv(&out.pixels[i]);
    // Modulo 256, although a turn has 255 steps: torchvision lets its bytes wrap.
    hsv.hue = static_cast<std::uint8_t>(hsv.hue + offset);
    to_rgb(hsv, &out.pixels[i]);
  }
  return out;
}

Image flip_horizontally(const Image& image) {
  Image out(image.height, image.width, image.channels);
  for (std::int64_t y = 0; y < image.height; ++y) {
    std::uint8_t* to = out.row(y);
    for (std::int64_t x = image.width - 1; x >= 0; --x) {
      to = std::copy_n(image.row(y) + x * image.channels, image.channels, to);
    }
  }
  return out;
}

Image shift(const Image& image, std::int64_t top, std::int64_t left) {
  Image out(image.height, image.width, image.channels);
  const std::int64_t first_row = std::max<std::int64_t>(-top, 0);
  const std::int64_t end_row = std::min(image.height - top, image.height);
  const std::int64_t first_column = std::max<std::int64_t>(-left, 0);
  const std::int64_t end_column = std::min(image.width - left, image.width);
  if (first_column >= end_column) return out;
  for (std::int64_t y = first_row; y < end_row; ++y) {
    std::copy_n(image.row(top + y) + (left + first_column) * image.channels,
                (end_column - first_column) * image.channels,
                out.row(y) + first_column * image.channels);
  }
  return out;
}

Image crop_and_resize(const Image& image, const Window& box, std::int64_t height,
                      std::int64_t width) {
  return resize(crop(image, box), height, width, Filter::Bilinear);
}

Image cut_out(Image image, const Window& box, std::uint8_t fill) {
  const std::int64_t end_row = std::min(box.top + box.height, image.height);
  const std::int64_t first_column = std::max<std::int64_t>(box.left, 0);
  const std::int64_t end_column = std::min(box.left + box.width, image.width);
  if (first_column >= end_column) return image;
  for (std::int64_t y = std::max<std::int64_t>(box.top, 0); y < end_row; ++y) {
    std::fill_n(image.row(y) + first_column * image.channels,
                (end_column - first_column) * image.channels, fill);
  }
  return image;
}

}  // namespace sluice::data
