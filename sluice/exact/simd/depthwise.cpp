// SPDX-License-Identifier: Apache-2.0
#include "sluice/exact/simd/depthwise.hpp"

#include <algorithm>
#include <array>
#include <cstring>

#include "sluice/base/assert.hpp"
#include "sluice/exact/simd/code.hpp"

namespace sluice::exact {
namespace {

// Pixels whose accumulators are requantized in one call: few enough to stay in the first cache, and
// an image of 7 by 7.
constexpr std::int64_t kPixels = 56;
constexpr std::int64_t kQuad = 4;

// Weights as int8 whose zero point is then 0.
bool are_symmetric(const ConvLayer& layer) {
  const std::int32_t zero = layer.weight_type == DType::Int8 ? 0 : 128;
  for (std::int64_t c = 0; c < layer.channels; ++c) {
    if (zero_point_of(layer, c) != zero) return false;
  }
  return true;
}

std::int64_t slot_of(const DepthwiseKernels& kernels, std::int64_t channel) {
  const std::int64_t c = channel % kDepthwiseChannels;
  return kernels.is_quads ? interleaved_slot(c) : c;
}

}  // namespace

DepthwiseConv::DepthwiseConv(const ConvLayer& layer, const std::optional<ConvOutput>& output,
                             const DepthwiseKernels& kernels)
    : kernels_(are_symmetric(layer) ? &kernels : &single_depthwise_kernels()),
      taps_(layer.taps),
      channels_(layer.channels),
      input_type_(layer.input_type) {
  static_assert(kDepthwiseChannels == kInterleavedChannels);
  SL_ASSERT(layer.out_channels == channels_, "an output channel an input channel");
  SL_ASSERT(static_cast<std::int64_t>(layer.weights.size()) == taps_ * channels_,
            "a weight a tap and channel");
  const std::int64_t largest = largest_accumulator(layer, true);
  SL_ASSERT(largest < std::int64_t{1} << 31, "accumulators fit in 32 bits");
  pack(layer);
  if (output) stage_.emplace(*output, channels_, largest, kernels_->is_quads);
}

// With u the input's codes, as uint8 for quads, and zu their zero point,
//   Σ (w − zw)(u − zu) = Σ (w − zw)·u − zu·Σ (w − zw).
void DepthwiseConv::pack(const ConvLayer& layer) {
  const std::int64_t blocks = (channels_ + kDepthwiseChannels - 1) / kDepthwiseChannels;
  const std::int64_t steps = kernels_->is_quads ? (taps_ + kQuad - 1) / kQuad : taps_;
  block_bytes_ = steps * kDepthwiseChannels * 4;
  weights_.resize(static_cast<std::size_t>(blocks * block_bytes_));
  bias_.resize(static_cast<std::size_t>(blocks * kDepthwiseChannels));
  const bool is_flipped = kernels_->is_quads && input_type_ == DType::Int8;
  const std::int64_t zu = layer.input_zero_point + (is_flipped ? 128 : 0);
  for (std::int64_t c = 0; c < channels_; ++c) {
    std::int64_t sum = 0;
    for (std::int64_t t = 0; t < taps_; ++t) {
      sum += code_at(layer.weights.data(), layer.weight_type, t * channels_ + c) -
             zero_point_of(layer, c);
    }
    const std::int64_t block = c / kDepthwiseChannels;
    const std::int64_t slot = slot_of(*kernels_, c);
    bias_[static_cast<std::size_t>(block * kDepthwiseChannels + slot)] =
        wrapped(bias_of(layer, c) - zu * sum);
    pack_channel(layer, c, weights_.data() + block * block_bytes_, slot);
  }
}

void DepthwiseConv::pack_channel(const ConvLayer& layer, std::int64_t channel, std::byte* weights,
                                 std::int64_t slot) const {
  for (std::int64_t t = 0; t < taps_; ++t) {
    const std::int32_t weight =
        code_at(layer.weights.data(), layer.weight_type, t * channels_ + channel) -
        zero_point_of(layer, channel);
    if (kernels_->is_quads) {
      const auto [quad, index] = quad_place(t, taps_);
      weights[(quad * kDepthwiseChannels + slot) * kQuad + index] = static_cast<std::byte>(weight);
    } else {
      const auto lower = static_cast<std::uint32_t>(static_cast<std::uint16_t>(weight));
      std::memcpy(weights + (t * kDepthwiseChannels + slot) * 4, &lower, sizeof(lower));
    }
  }
}

// Calls sink(first channel, channels, first pixel, pixels, accumulators) for each block of channels
// of some pixels.
template <class Sink>
void DepthwiseConv::for_each_block(const TapRows& input, const Sink& sink) const noexcept {
  alignas(64) std::array<std::int32_t, kPixels * kDepthwiseChannels> acc;
  for (std::int64_t pixel = 0; pixel < input.num_pixels; pixel += kPixels) {
    const std::int64_t num_pixels = std::min(kPixels, input.num_pixels - pixel);
    for (std::int64_t c = 0; c < channels_; c += kDepthwiseChannels) {
      const std::int64_t num_channels = std::min(kDepthwiseChannels, channels_ - c);
      kernels_->block({.rows = input.rows + pixel * taps_,
                       .taps = taps_,
                       .offset = input.offset + c,
                       .is_signed = input_type_ == DType::Int8,
                       .weights = weights_.data() + c / kDepthwiseChannels * block_bytes_,
                       .bias = bias_.data() + c,
                       .acc = acc.data()},
                      num_pixels, num_channels);
      sink(c, num_channels, pixel, num_pixels,
           PixelRows<const std::int32_t>{acc.data(), kDepthwiseChannels});
    }
  }
}

void DepthwiseConv::run(const TapRows& input, PixelRows<std::byte> out) const noexcept {
  SL_ASSERT(stage_, "a layer with an output");
  for_each_block(input, [&](std::int64_t channel, std::int64_t channels, std::int64_t pixel,
                            std::int64_t pixels, PixelRows<const std::int32_t> acc) {
    stage_->run(channel, channels, pixels, acc,
                {out.data + pixel * out.stride + channel, out.stride});
  });
}

void DepthwiseConv::accumulate(const TapRows& input, PixelRows<std::int32_t> out) const noexcept {
  for_each_block(input, [&](std::int64_t channel, std::int64_t channels, std::int64_t pixel,
                            std::int64_t pixels, PixelRows<const std::int32_t> acc) {
    for (std::int64_t p = 0; p < pixels; ++p) {
      for (std::int64_t c = 0; c < channels; ++c) {
        out.data[(pixel + p) * out.stride + channel + c] =
            acc.data[p * acc.stride + (kernels_->is_quads ? block_slot(c, channels) : c)];
      }
    }
  });
}

}  // namespace sluice::exact
