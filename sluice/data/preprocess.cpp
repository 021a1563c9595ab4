// SPDX-License-Identifier: Apache-2.0
#include "sluice/data/preprocess.hpp"

#include <algorithm>
#include <cmath>
#include <fmt/format.h>

#include "sluice/base/assert.hpp"

namespace sluice::data {
namespace {

Image with_channels(const Image& image, std::int64_t channels) {
  Image out(image.height, image.width, channels);
  const std::uint8_t* from = image.pixels.data();
  for (std::int64_t i = 0; i < image.height * image.width; ++i, from += image.channels) {
    std::uint8_t* to = out.pixels.data() + i * channels;
    if (channels == 1) {
      *to = luma(from);
    } else {
      std::fill_n(to, channels, *from);
    }
  }
  return out;
}

// round((size - kept) / 2), halves to even, as Python rounds.
std::int64_t center_offset(std::int64_t size, std::int64_t kept) {
  const std::int64_t half = (size - kept) / 2;
  const bool tie = (size - kept) % 2 != 0;
  return tie && half % 2 != 0 ? half + 1 : half;
}

Image scale_short_side(const Preprocess& p, const Image& image) {
  const bool tall = image.height > image.width;
  const std::int64_t shorter = tall ? image.width : image.height;
  const std::int64_t longer = p.short_side * (tall ? image.height : image.width) / shorter;
  const std::int64_t height = tall ? longer : p.short_side;
  const std::int64_t width = tall ? p.short_side : longer;
  return resize(image, height, width, p.filter,
                {.top = center_offset(height, p.height),
                 .left = center_offset(width, p.width),
                 .height = p.height,
                 .width = p.width});
}

Image letterbox(const Preprocess& p, const Image& image) {
  const auto in_height = static_cast<double>(image.height);
  const auto in_width = static_cast<double>(image.width);
  const double ratio =
      std::min(static_cast<double>(p.height) / in_height, static_cast<double>(p.width) / in_width);
  const bool centered = p.fit == Fit::LetterboxCenter;
  const auto scaled_size = [&](double size, std::int64_t most) {
    const double exact = size * ratio;  // YOLOX cuts it off, YOLOv5 rounds it
    return std::clamp<std::int64_t>(
        static_cast<std::int64_t>(centered ? std::nearbyint(exact) : exact), 1, most);
  };
  const Image scaled =
      resize(image, scaled_size(in_height, p.height), scaled_size(in_width, p.width), p.filter);
  Image out(p.height, p.width, image.channels);
  std::ranges::fill(out.pixels, p.pad_value);
  // An odd row or column of padding goes below or to the right.
  const std::int64_t top = centered ? (p.height - scaled.height) / 2 : 0;
  const std::int64_t left = centered ? (p.width - scaled.width) / 2 : 0;
  for (std::int64_t y = 0; y < scaled.height; ++y) {
    std::copy_n(scaled.row(y), scaled.row_bytes(), out.row(top + y) + left * out.channels);
  }
  return out;
}

// The float of every pixel value of one channel (red is 0).
std::array<float, 256> value_table(const Preprocess& p, std::size_t channel) {
  std::array<float, 256> table{};
  for (std::size_t pixel = 0; pixel < table.size(); ++pixel) {
    const float unit = static_cast<float>(pixel) / p.divisor;
    table[pixel] = (unit - p.mean[channel]) / p.std[channel];
  }
  return table;
}

}  // namespace

Result<Preprocess> for_input(Preprocess p, const Shape& input_shape) {
  const auto is_channels = [](std::int64_t size) { return size == 1 || size == 3; };
  if (input_shape.size() != 4 || !(is_channels(input_shape[1]) || is_channels(input_shape[3]))) {
    return Error{ErrorCode::InvalidArgument,
                 fmt::format("images of 1 or 3 channels do not fit an input of shape {}",
                             sluice::to_string(input_shape))};
  }
  p.layout = is_channels(input_shape[1]) ? Layout::Nchw : Layout::Nhwc;
  const std::size_t spatial = p.layout == Layout::Nchw ? 2 : 1;
  p.channels = input_shape[p.layout == Layout::Nchw ? 1 : 3];
  p.height = input_shape[spatial];
  p.width = input_shape[spatial + 1];
  if (p.height < 1 || p.width < 1 || p.width > kMaxImagePixels / p.height) {
    return Error{ErrorCode::InvalidArgument, fmt::format("no image has {}x{} pixels as the "
                                                         "network's input does",
                                                         p.height, p.width)};
  }
  if (p.fit == Fit::ShortSide && p.short_side < std::max(p.height, p.width)) {
    return Error{ErrorCode::InvalidArgument,
                 fmt::format("the network takes {}x{} pixels, more than images have whose short "
                             "side is scaled to {}; ask for a larger one",
                             p.height, p.width, p.short_side)};
  }
  return p;
}

Shape output_shape(const Preprocess& p, std::int64_t batch) {
  if (p.layout == Layout::Nchw) return {batch, p.channels, p.height, p.width};
  return {batch, p.height, p.width, p.channels};
}

Result<Image> fit_image(const Preprocess& p, const Image& image) {
  if (image.channels != p.channels) return fit_image(p, with_channels(image, p.channels));
  switch (p.fit) {
    case Fit::None:
      if (image.height == p.height && image.width == p.width) return image;
      return Error{ErrorCode::InvalidArgument,
                   fmt::format("image has {}x{} pixels, the network takes {}x{}; choose a "
                               "preprocessing that scales",
                               image.height, image.width, p.height, p.width)};
    case Fit::Exact:
      return resize(image, p.height, p.width, p.filter);
    case Fit::ShortSide:
      return scale_short_side(p, image);
    case Fit::LetterboxTopLeft:
    case Fit::LetterboxCenter:
      return letterbox(p, image);
  }
  return Error{ErrorCode::Internal, "unknown fit"};
}

Status preprocess_image(const Preprocess& p, const Image& image, std::span<float> out) {
  SL_TRY(const Image fitted, fit_image(p, image));
  const auto channels = static_cast<std::size_t>(p.channels);
  const auto pixels = static_cast<std::size_t>(p.height * p.width);
  SL_ASSERT(out.size() == channels * pixels, "output of another size");
  for (std::size_t c = 0; c < channels; ++c) {
    const std::size_t from = p.order == ChannelOrder::Bgr ? channels - 1 - c : c;
    const std::array<float, 256> table = value_table(p, from);
    const std::size_t step = p.layout == Layout::Nchw ? 1 : channels;
    float* to = out.data() + (p.layout == Layout::Nchw ? c * pixels : c);
    for (std::size_t i = 0; i < pixels; ++i) {
      to[i * step] = table[fitted.pixels[i * channels + from]];
    }
  }
  return {};
}

}  // namespace sluice::data
