// SPDX-License-Identifier: Apache-2.0
#include "sluice/data/augment.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <span>
#include <utility>

#include "sluice/base/assert.hpp"
#include "sluice/data/adjust.hpp"

namespace sluice::data {
namespace {

constexpr double kMostWide = 4.0 / 3;  // width : height of a resized crop; its inverse the least
constexpr double kLogMostWide = 0.28768207245178085;

// e^x for |x| < 0.3 from additions, multiplications and divisions only, which every machine rounds
// alike: 0.3^13 / 13! is below 2^-53.
double small_exp(double x) {
  double sum = 1;
  for (int term = 12; term >= 1; --term) sum = 1 + sum * x / term;
  return sum;
}

std::int64_t rounded(double value) {
  return static_cast<std::int64_t>(std::nearbyint(value));
}

Window center_box(std::int64_t height, std::int64_t width) {
  const double shape = static_cast<double>(width) / static_cast<double>(height);
  Window box{.height = height, .width = width};
  if (shape > kMostWide) {
    box.width = rounded(static_cast<double>(height) * kMostWide);
  } else if (shape < 1 / kMostWide) {
    box.height = rounded(static_cast<double>(width) * kMostWide);
  }
  box.top = (height - box.height) / 2;
  box.left = (width - box.width) / 2;
  return box;
}

enum class Jitter : unsigned char { Brightness, Contrast, Saturation, Hue };

Image jitter(Image image, const Augmentation& a, Rng& rng) {
  const auto blended = [&](Image (*adjust)(const Image&, double), double strength) {
    if (strength > 0) image = adjust(image, rng.real(std::max(0.0, 1 - strength), 1 + strength));
  };
  std::array order = {Jitter::Brightness, Jitter::Contrast, Jitter::Saturation, Jitter::Hue};
  rng.shuffle(std::span<Jitter>(order));
  for (const Jitter kind : order) {
    switch (kind) {
      case Jitter::Brightness:
        blended(adjust_brightness, a.brightness);
        break;
      case Jitter::Contrast:
        blended(adjust_contrast, a.contrast);
        break;
      case Jitter::Saturation:
        blended(adjust_saturation, a.saturation);
        break;
      case Jitter::Hue:
        if (a.hue > 0) image = adjust_hue(image, rng.real(-a.hue, a.hue));
        break;
    }
  }
  return image;
}

}  // namespace

Window random_crop_box(std::int64_t height, std::int64_t width, double crop_scale, Rng& rng) {
  constexpr int kAttempts = 10;
  const double area = static_cast<double>(height) * static_cast<double>(width);
  for (int attempt = 0; attempt < kAttempts; ++attempt) {
    const double kept = area * rng.real(crop_scale, 1);
    const double shape = small_exp(rng.real(-kLogMostWide, kLogMostWide));
    Window box{.height = rounded(std::sqrt(kept / shape)),
               .width = rounded(std::sqrt(kept * shape))};
    if (box.height < 1 || box.height > height || box.width < 1 || box.width > width) continue;
    box.top = rng.integer(0, height - box.height);
    box.left = rng.integer(0, width - box.width);
    return box;
  }
  return center_box(height, width);
}

Image augment(Image image, const Augmentation& a, Rng& rng) {
  SL_ASSERT(image.height > 0 && image.width > 0, "empty image");
  SL_ASSERT(a.crop_scale >= 0 && a.crop_scale <= 1 && a.hue >= 0 && a.hue <= 0.5,
            "augmentation out of range");
  if (a.crop_padding > 0) {
    const std::int64_t top = rng.integer(-a.crop_padding, a.crop_padding);
    const std::int64_t left = rng.integer(-a.crop_padding, a.crop_padding);
    image = shift(image, top, left);
  }
  if (a.crop_scale > 0) {
    const Window box = random_crop_box(image.height, image.width, a.crop_scale, rng);
    image = crop_and_resize(image, box, a.height > 0 ? a.height : image.height,
                            a.width > 0 ? a.width : image.width);
  }
  if (a.flip_probability > 0 && rng.real() < a.flip_probability) image = flip_horizontally(image);
  if (a.brightness > 0 || a.contrast > 0 || a.saturation > 0 || a.hue > 0) {
    image = jitter(std::move(image), a, rng);
  }
  if (a.cutout_side > 0) {
    const std::int64_t top = rng.integer(0, image.height - 1) - a.cutout_side / 2;
    const std::int64_t left = rng.integer(0, image.width - 1) - a.cutout_side / 2;
    const Window square{.top = top, .left = left, .height = a.cutout_side, .width = a.cutout_side};
    image = cut_out(std::move(image), square, a.cutout_fill);
  }
  return image;
}

Image augment(Image image, const Augmentation& augmentation, std::uint64_t seed,
              std::int64_t position) {
  // Seeds and positions are small numbers: one of them is scattered first, so that seed 1 at
  // position 2 does not draw what seed 2 draws at position 1.
  Rng rng(Rng(seed).next() + static_cast<std::uint64_t>(position));
  return augment(std::move(image), augmentation, rng);
}

TrainingInput training_input(Augmentation augmentation, Preprocess preprocess) {
  if (augmentation.crop_scale > 0) {
    augmentation.height = preprocess.height;
    augmentation.width = preprocess.width;
    preprocess.fit = Fit::None;
  }
  float sum = 0;
  for (std::int64_t c = 0; c < preprocess.channels; ++c) {
    sum += preprocess.mean[static_cast<std::size_t>(c)] * preprocess.divisor;
  }
  const float mean = sum / static_cast<float>(preprocess.channels);
  augmentation.cutout_fill =
      static_cast<std::uint8_t>(std::clamp(std::nearbyint(mean), 0.0F, 255.0F));
  return {augmentation, preprocess};
}

}  // namespace sluice::data
