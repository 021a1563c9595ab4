// SPDX-License-Identifier: Apache-2.0
// Layers of random codes, and what they give by the definition.
#pragma once

#include <string>
#include <vector>

#include "sluice/base/rng.hpp"
#include "sluice/exact/simd/layer.hpp"
#include "sluice/exact/simd/plain.hpp"

namespace sluice::exact {

struct LayerShape {
  std::int64_t pixels, taps, channels, out_channels;
  std::int64_t step = 1;  // taps from a pixel to the next
};

struct LayerTypes {
  DType input = DType::Int8;
  DType weight = DType::Int8;
  std::int32_t input_zero_point = -3;
  std::int32_t weight_zero_point = 0;  // of each second channel 2 more, unless 0
};

inline std::vector<std::byte> random_codes(std::int64_t count, Rng& rng) {
  std::vector<std::byte> codes(static_cast<std::size_t>(count));
  for (std::byte& code : codes) {
    // A third are extreme.
    const std::uint64_t extreme = rng.below(6);
    code = extreme == 0   ? std::byte{0x80}
           : extreme == 1 ? std::byte{0x7F}
                          : std::byte(rng.below(256));
  }
  return codes;
}

// The layer of `shape`, whose pixels read overlapping rows of an image and a row of padding.
class RandomLayer {
 public:
  RandomLayer(const LayerShape& shape, const LayerTypes& types, bool is_depthwise, Rng& rng)
      : shape_(shape), is_depthwise_(is_depthwise) {
    const std::int64_t out_channels = is_depthwise ? shape.channels : shape.out_channels;
    const std::int64_t depth = is_depthwise ? shape.taps : shape.taps * shape.channels;
    weights_ = random_codes(out_channels * depth, rng);
    for (std::int64_t m = 0; m < out_channels; ++m) {
      bias_.push_back(static_cast<std::int32_t>(rng.integer(-100000, 100000)));
      zeros_.push_back(types.weight_zero_point == 0
                           ? 0
                           : types.weight_zero_point + static_cast<std::int32_t>(m % 2 * 2));
    }
    const std::int64_t stride = shape.channels + kOffset;
    image_ = random_codes((shape.pixels * shape.step + shape.taps) * stride, rng);
    padding_.assign(static_cast<std::size_t>(stride),
                    static_cast<std::byte>(types.input_zero_point));
    for (std::int64_t p = 0; p < shape.pixels; ++p) {
      for (std::int64_t t = 0; t < shape.taps; ++t) {
        const bool is_padding = rng.below(12) == 0;
        rows_.push_back(is_padding ? padding_.data()
                                   : image_.data() + (p * shape.step + t) * stride);
      }
    }
    layer = {.taps = shape.taps,
             .channels = shape.channels,
             .out_channels = out_channels,
             .input_type = types.input,
             .weight_type = types.weight,
             .input_zero_point = types.input_zero_point,
             .weights = weights_,
             .weight_zero_points = zeros_,
             .bias = bias_};
  }
  RandomLayer(const RandomLayer&) = delete;
  RandomLayer& operator=(const RandomLayer&) = delete;

  [[nodiscard]] TapRows input() const { return {rows_.data(), shape_.pixels, kOffset}; }

  [[nodiscard]] std::vector<std::int32_t> accumulators() const {
    std::vector<std::int32_t> acc(static_cast<std::size_t>(shape_.pixels * layer.out_channels));
    const PixelRows<std::int32_t> out{acc.data(), layer.out_channels};
    is_depthwise_ ? plain_depthwise(layer, input(), out) : plain_dense(layer, input(), out);
    return acc;
  }

  ConvLayer layer;

 private:
  static constexpr std::int64_t kOffset = 3;
  LayerShape shape_;
  bool is_depthwise_;
  std::vector<std::byte> weights_, image_, padding_;
  std::vector<std::int32_t> bias_, zeros_;
  std::vector<const std::byte*> rows_;
};

inline std::vector<LayerTypes> every_type() {
  return {{DType::Int8, DType::Int8, -128, 0},  {DType::Int8, DType::Int8, 127, 0},
          {DType::UInt8, DType::Int8, 0, 0},    {DType::UInt8, DType::Int8, 255, 0},
          {DType::UInt8, DType::UInt8, 7, 130}, {DType::UInt8, DType::UInt8, 200, 128},
          {DType::Int8, DType::Int8, 5, -6}};
}

inline std::string to_text(const LayerShape& shape, const LayerTypes& types) {
  return "pixels " + std::to_string(shape.pixels) + " taps " + std::to_string(shape.taps) +
         " channels " + std::to_string(shape.channels) + " out " +
         std::to_string(shape.out_channels) + " zero " + std::to_string(types.input_zero_point) +
         " weight zero " + std::to_string(types.weight_zero_point);
}

}  // namespace sluice::exact
