// SPDX-License-Identifier: Apache-2.0
// Augmentation: how images are changed by chance while a network is trained, as torchvision's
// transforms define it, on 8-bit pixels before preprocessing. The same seed gives the same bytes on
// every machine (but not torchvision's own draws).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "sluice/base/result.hpp"
#include "sluice/base/rng.hpp"
#include "sluice/data/image.hpp"
#include "sluice/data/preprocess.hpp"
#include "sluice/data/resample.hpp"

namespace sluice::data {

// Steps in the order they are taken in; one whose number is zero is left out.
struct Augmentation {
  // RandomCrop: zeros on every side, of which a cut of the image's own size takes a part.
  std::int64_t crop_padding = 0;
  // RandomResizedCrop: a part of at least this share of the image's pixels, in (0, 1], and of
  // proportions between 3:4 and 4:3, scaled to height x width (zero: to the image's own).
  double crop_scale = 0;
  std::int64_t height = 0;
  std::int64_t width = 0;
  // RandomHorizontalFlip, in [0, 1].
  double flip_probability = 0;
  // ColorJitter: factors uniform in [max(0, 1 - x), 1 + x], the hue turned by [-hue, hue] of a
  // turn, in an order of chance. x >= 0, 0 <= hue <= 0.5.
  double brightness = 0;
  double contrast = 0;
  double saturation = 0;
  double hue = 0;
  // Cut-out: a square around any pixel, clipped at the border.
  std::int64_t cutout_side = 0;
  std::uint8_t cutout_fill = 128;

  friend bool operator==(const Augmentation&, const Augmentation&) = default;
};

// `image` has at least one pixel, and one channel or three.
[[nodiscard]] Image augment(Image image, const Augmentation& augmentation, Rng& rng);

// The same with draws that depend on `seed` and `position` only, however many threads share the
// work: what a Loader's transform needs. Another seed each epoch.
[[nodiscard]] Image augment(Image image, const Augmentation& augmentation, std::uint64_t seed,
                            std::int64_t position);

// The part of an image of height x width that a resized crop takes: ten attempts, then the largest
// part in the centre whose proportions are allowed.
[[nodiscard]] Window random_crop_box(std::int64_t height, std::int64_t width, double crop_scale,
                                     Rng& rng);

// An augmentation and the preprocessing behind it, made for each other: a resized crop gives the
// size the network takes, so the preprocessing no longer scales; what is cut out becomes about
// zero.
struct TrainingInput {
  Augmentation augmentation;
  Preprocess preprocess;
};
[[nodiscard]] TrainingInput training_input(Augmentation augmentation, Preprocess preprocess);

// "crop=4,flip,jitter=0.4:0.4:0.4:0.1,cutout=8", "resized-crop=0.2,flip=0.3" or "none"; the order
// of the text does not count. Bare, flip means 0.5 and resized-crop 0.08. InvalidArgument says what
// is known and in which range.
[[nodiscard]] Result<Augmentation> parse_augmentation(std::string_view text);
// The text that parse_augmentation reads. It says nothing of height, width and cutout_fill, which
// are the network's.
[[nodiscard]] std::string to_string(const Augmentation& augmentation);

}  // namespace sluice::data
