// SPDX-License-Identifier: Apache-2.0
#include "sluice/exact/simd/wide_depthwise.hpp"

#include <algorithm>
#include <array>

#include "sluice/base/assert.hpp"

namespace sluice::exact {
namespace {

// Pixels whose sums are requantized in one call: few enough to stay in the first cache.
constexpr std::int64_t kWidePixels = 28;

}  // namespace

WideDepthwise::WideDepthwise(const WideLayer& layer, const std::optional<WideOutput>& output)
    : kernel_(wide_depthwise_kernel()),
      taps_(layer.taps),
      channels_(layer.channels),
      input_type_(layer.input_type) {
  SL_ASSERT(layer.out_channels == channels_, "an output channel an input channel");
  SL_ASSERT(static_cast<std::int64_t>(layer.weights.size()) == taps_ * channels_ &&
                static_cast<std::int64_t>(layer.bias.size()) == channels_,
            "a weight a tap and channel, and a bias a channel");
  SL_ASSERT(fits_wide_kernels(layer, true), "a product fits in 32 bits");
  pack(layer);
  if (output) stage_.emplace(*output, bias_);
}

void WideDepthwise::pack(const WideLayer& layer) {
  constexpr std::int64_t kBlock = kWideDepthwiseChannels;
  const std::int64_t blocks = (channels_ + kBlock - 1) / kBlock;
  const std::int64_t offset = input_type_ == DType::UInt16 ? 1 << 15 : 0;
  weights_.resize(static_cast<std::size_t>(blocks * taps_ * kBlock));
  bias_.assign(layer.bias.begin(), layer.bias.end());
  for (std::int64_t c = 0; c < channels_; ++c) {
    std::int32_t* to = weights_.data() + c / kBlock * taps_ * kBlock + c % kBlock;
    for (std::int64_t t = 0; t < taps_; ++t) {
      const std::int16_t weight = layer.weights.data()[t * channels_ + c];
      to[t * kBlock] = static_cast<std::uint16_t>(weight);
      bias_.data()[c] += offset * std::int64_t{weight};
    }
  }
  segments_.reserve(static_cast<std::size_t>(blocks));
  for (std::int64_t first = 0; first < channels_; first += kBlock) {
    segments_.push_back(*segments_of(layer, true, first, std::min(kBlock, channels_ - first)));
  }
}

// Calls sink(first channel, channels, first pixel, pixels, sums) for each block of channels of some
// pixels.
template <class Sink>
void WideDepthwise::for_each_block(const TapRows& input, const Sink& sink) const noexcept {
  constexpr std::int64_t kBlock = kWideDepthwiseChannels;
  alignas(64) std::array<std::int64_t, kWidePixels * kBlock> acc;
  for (std::int64_t pixel = 0; pixel < input.num_pixels; pixel += kWidePixels) {
    const std::int64_t num_pixels = std::min(kWidePixels, input.num_pixels - pixel);
    for (std::int64_t c = 0; c < channels_; c += kBlock) {
      const std::int64_t num_channels = std::min(kBlock, channels_ - c);
      const Segments& segments = segments_[static_cast<std::size_t>(c / kBlock)];
      kernel_({.rows = input.rows + pixel * taps_,
               .taps = taps_,
               .offset = input.offset + c * code_bytes(input_type_),
               .type = input_type_,
               .weights = weights_.data() + c * taps_,
               .segments = segments.data(),
               .num_segments = static_cast<std::int64_t>(segments.size()),
               .acc = acc.data()},
              num_pixels, num_channels);
      sink(c, num_channels, pixel, num_pixels, PixelRows<const std::int64_t>{acc.data(), kBlock});
    }
  }
}

void WideDepthwise::run(const TapRows& input, PixelRows<std::byte> out) const noexcept {
  SL_ASSERT(stage_, "a layer with an output");
  for_each_block(input, [&](std::int64_t channel, std::int64_t channels, std::int64_t pixel,
                            std::int64_t pixels, PixelRows<const std::int64_t> acc) {
    std::byte* const to = out.data + pixel * out.stride;
    stage_->run(channel, channels, pixels, acc, {to + channel * stage_->code_bytes(), out.stride});
  });
}

void WideDepthwise::accumulate(const TapRows& input, PixelRows<std::int64_t> out) const noexcept {
  for_each_block(input, [&](std::int64_t channel, std::int64_t channels, std::int64_t pixel,
                            std::int64_t pixels, PixelRows<const std::int64_t> acc) {
    add_bias(acc, bias_.data() + channel, pixels, channels,
             {out.data + pixel * out.stride + channel, out.stride});
  });
}

}  // namespace sluice::exact
