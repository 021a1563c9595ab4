// SPDX-License-Identifier: Apache-2.0
// Layers of random codes of up to 16 bits, and what they give by the definition.
#pragma once

#include <algorithm>
#include <cstring>

#include "tests/exact/simd/random_layer.hpp"

#include "sluice/exact/simd/wide_layer.hpp"
#include "sluice/numeric/quantization.hpp"

namespace sluice::exact {

struct WideTypes {
  DType input = DType::Int16;
  int input_bits = 16;   // of the codes that occur
  int weight_bits = 16;  // signed, without the lowest code
};

// From sums that stay in 32 bits to such as leave them with every step.
inline std::vector<WideTypes> every_wide_type() {
  return {{DType::Int16, 16, 16}, {DType::UInt16, 16, 16}, {DType::Int16, 12, 12},
          {DType::Int16, 16, 8},  {DType::Int8, 8, 16},    {DType::UInt8, 8, 10},
          {DType::Int16, 9, 9},   {DType::UInt16, 13, 16}, {DType::Int8, 8, 8}};
}

// The layer of `shape`, whose pixels read overlapping rows of an image and a row of padding.
class RandomWideLayer {
 public:
  RandomWideLayer(const LayerShape& shape, const WideTypes& types, bool is_depthwise, Rng& rng)
      : shape_(shape), is_depthwise_(is_depthwise), bytes_(code_bytes(types.input)) {
    const std::int64_t out_channels = is_depthwise ? shape.channels : shape.out_channels;
    const std::int64_t depth = is_depthwise ? shape.taps : shape.taps * shape.channels;
    const numeric::CodeRange of_weights = numeric::code_range(types.weight_bits, true);
    for (std::int64_t i = 0; i < out_channels * depth; ++i) {
      weights_.push_back(static_cast<std::int16_t>(
          extreme_or_any({-of_weights.highest, of_weights.highest}, rng)));
    }
    for (std::int64_t m = 0; m < out_channels; ++m) {
      bias_.push_back(rng.integer(-(std::int64_t{1} << 40), std::int64_t{1} << 40));
    }
    const bool is_signed = types.input == DType::Int8 || types.input == DType::Int16;
    const numeric::CodeRange codes = numeric::code_range(types.input_bits, is_signed);
    const std::int64_t stride = shape.channels + kOffset;
    image_ = codes_of_image((shape.pixels * shape.step + shape.taps) * stride, codes, rng);
    padding_ = codes_of_image(stride, codes, rng);
    for (std::int64_t p = 0; p < shape.pixels; ++p) {
      for (std::int64_t t = 0; t < shape.taps; ++t) {
        const bool is_padding = rng.below(12) == 0;
        rows_.push_back(is_padding ? padding_.data()
                                   : image_.data() + (p * shape.step + t) * stride * bytes_);
      }
    }
    layer = {.taps = shape.taps,
             .channels = shape.channels,
             .out_channels = out_channels,
             .input_type = types.input,
             .inputs = codes,
             .weights = weights_,
             .bias = bias_};
  }
  RandomWideLayer(const RandomWideLayer&) = delete;
  RandomWideLayer& operator=(const RandomWideLayer&) = delete;

  [[nodiscard]] TapRows input() const { return {rows_.data(), shape_.pixels, kOffset * bytes_}; }

  [[nodiscard]] std::vector<std::int64_t> accumulators() const {
    std::vector<std::int64_t> acc(static_cast<std::size_t>(shape_.pixels * layer.out_channels));
    plain_wide(layer, is_depthwise_, input(), {acc.data(), layer.out_channels});
    return acc;
  }

  WideLayer layer;

 private:
  static std::int64_t extreme_or_any(numeric::CodeRange range, Rng& rng) {
    const std::uint64_t kind = rng.below(6);
    if (kind == 0) return range.lowest;
    return kind == 1 ? range.highest : rng.integer(range.lowest, range.highest);
  }
  [[nodiscard]] std::vector<std::byte> codes_of_image(std::int64_t count, numeric::CodeRange codes,
                                                      Rng& rng) const {
    std::vector<std::byte> result(static_cast<std::size_t>(count * bytes_));
    for (std::int64_t i = 0; i < count; ++i) {
      const std::int64_t code = extreme_or_any(codes, rng);
      std::memcpy(result.data() + i * bytes_, &code, static_cast<std::size_t>(bytes_));
    }
    return result;
  }

  static constexpr std::int64_t kOffset = 3;
  LayerShape shape_;
  bool is_depthwise_;
  std::int64_t bytes_;
  std::vector<std::int16_t> weights_;
  std::vector<std::int64_t> bias_;
  std::vector<std::byte> image_, padding_;
  std::vector<const std::byte*> rows_;
};

// Requantizers of `channels` channels whose codes fill the type for accumulators of about 2^bits.
inline std::vector<numeric::Requantizer> random_shifts(numeric::Arithmetic arithmetic, DType type,
                                                       std::int64_t channels, int bits, Rng& rng) {
  std::vector<numeric::Requantizer> result;
  const numeric::CodeRange codes = numeric::codes_of(type);
  for (std::int64_t m = 0; m < channels; ++m) {
    const int shift = std::max(bits - num_bits(type) + static_cast<int>(rng.integer(-2, 2)), 0);
    result.push_back({.arithmetic = arithmetic,
                      .shift = shift,
                      .zero_point = rng.integer(codes.lowest / 4, codes.highest / 4),
                      .codes = {codes.lowest + 3, codes.highest - 5}});
  }
  return result;
}

inline std::string to_text(const LayerShape& shape, const WideTypes& types) {
  return "pixels " + std::to_string(shape.pixels) + " taps " + std::to_string(shape.taps) +
         " channels " + std::to_string(shape.channels) + " out " +
         std::to_string(shape.out_channels) + " input " + std::string(to_string(types.input)) +
         " of " + std::to_string(types.input_bits) + " weights of " +
         std::to_string(types.weight_bits);
}

}  // namespace sluice::exact
