// SPDX-License-Identifier: Apache-2.0
// Preprocess: from a decoded image to a network's float32 input, as one value.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string_view>

#include "sluice/base/result.hpp"
#include "sluice/base/shape.hpp"
#include "sluice/data/image.hpp"
#include "sluice/data/resample.hpp"

namespace sluice::data {

// How an image of any size becomes one of height x width.
enum class Fit : unsigned char {
  None,              // it must have that size already
  Exact,             // scaled to it, whatever becomes of the proportions
  ShortSide,         // the shorter side scaled to short_side, then the centre cut out
  LetterboxTopLeft,  // scaled to fit inside, padded on the right and below (YOLOX)
  LetterboxCenter,   // scaled to fit inside, padded on all sides (YOLOv5 and later)
};

enum class ChannelOrder : unsigned char { Rgb, Bgr };
enum class Layout : unsigned char { Nchw, Nhwc };

struct Preprocess {
  Fit fit = Fit::None;
  std::int64_t height = 0;  // of the network's input
  std::int64_t width = 0;
  std::int64_t channels = 3;  // 3, or 1: grey as Pillow's convert("L") makes it
  std::int64_t short_side = 0;
  Filter filter = Filter::Bilinear;
  // value = (pixel / divisor - mean) / std, each step rounded to float32. mean and std are of the
  // red, green and blue channel, in this order even if the network wants them as Bgr; of the first
  // only where channels is 1.
  float divisor = 255;
  std::array<float, 3> mean = {0, 0, 0};
  std::array<float, 3> std = {1, 1, 1};
  ChannelOrder order = ChannelOrder::Rgb;
  Layout layout = Layout::Nchw;
  std::uint8_t pad_value = 114;  // of letterboxes, before scaling to floats

  friend bool operator==(const Preprocess&, const Preprocess&) = default;
};

// The same preprocessing for a network whose input has this shape (batch first, either layout, one
// or three channels): takes over size, channels and layout. InvalidArgument if it cannot serve.
[[nodiscard]] Result<Preprocess> for_input(Preprocess preprocess, const Shape& input_shape);

// 1 x channels x height x width, or its Nhwc order, with `batch` in front.
[[nodiscard]] Shape output_shape(const Preprocess& preprocess, std::int64_t batch);

// The 8-bit part: channels, scaling, cutting or padding. InvalidArgument if the image does not
// have the size that Fit::None asks for.
[[nodiscard]] Result<Image> fit_image(const Preprocess& preprocess, const Image& image);

// The whole, into `out`, which has as many elements as output_shape(preprocess, 1).
[[nodiscard]] Status preprocess_image(const Preprocess& preprocess, const Image& image,
                                      std::span<float> out);

}  // namespace sluice::data
