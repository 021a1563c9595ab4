// SPDX-License-Identifier: Apache-2.0
// What a convolution kernel for codes of up to 16 bits is given: as layer.hpp has it, but
//   acc[p][m] = bias[m] + Σ_t Σ_c weights[m][t][c]·rows[p][t][c]
// in 64 bits, then the code numeric::requantize_wide(acc, requantizer[m]). Zero points of weights
// are taken off them, those of inputs are part of the bias; a tap in the padding points to a row of
// codes that stand for 0.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "sluice/exact/simd/layer.hpp"
#include "sluice/numeric/dtype.hpp"
#include "sluice/numeric/requantize.hpp"

namespace sluice::exact {

// One group of a convolution. The kernels copy what they need of the spans when they are made.
struct WideLayer {
  std::int64_t taps = 1;
  std::int64_t channels = 1;                 // of the input that a tap points to
  std::int64_t out_channels = 1;             // of a depthwise convolution: channels
  DType input_type = DType::Int16;           // Int8, UInt8, Int16 or UInt16
  numeric::CodeRange inputs{-32768, 32767};  // the codes that rows can hold
  std::span<const std::int16_t> weights;     // [out_channels][taps][channels], or [taps][channels]
                                             // of a depthwise one
  std::span<const std::int64_t> bias;        // one an output channel
};

// How accumulators become codes of the output, by shifts.
struct WideOutput {
  DType type = DType::Int16;                           // of at most 32 bits
  std::span<const numeric::Requantizer> requantizers;  // one, or one an output channel
};

[[nodiscard]] inline std::int64_t code_bytes(DType type) {
  return num_bits(type) / 8;
}

// The largest magnitude an accumulator can take.
[[nodiscard]] std::int64_t largest_accumulator(const WideLayer& layer, bool is_depthwise);

// What is added in 32 bits. A step is 2 products, or 1 of a depthwise layer; a segment so many
// steps that no sum of a channel leaves 32 bits, whatever the input's codes: then it is moved to 64
// bits. Each segment is as long as it can be.
using Segments = std::vector<std::int32_t>;
// Those of output channels [first, first + count). Nothing if two products can be too much.
[[nodiscard]] std::optional<Segments> segments_of(const WideLayer& layer, bool is_depthwise,
                                                  std::int64_t first, std::int64_t count);

// Whether the kernels can run the layer: there are segments for every channel, and accumulators
// stay below 2^60.
[[nodiscard]] bool fits_wide_kernels(const WideLayer& layer, bool is_depthwise);

// out[p][c] = acc[p][c] + bias[c].
inline void add_bias(PixelRows<const std::int64_t> acc, const std::int64_t* bias,
                     std::int64_t pixels, std::int64_t channels, PixelRows<std::int64_t> out) {
  for (std::int64_t p = 0; p < pixels; ++p) {
    for (std::int64_t c = 0; c < channels; ++c) {
      out.data[p * out.stride + c] = acc.data[p * acc.stride + c] + bias[c];
    }
  }
}

// The definition of the kernels, as loops one can read.
void plain_wide(const WideLayer& layer, bool is_depthwise, const TapRows& input,
                PixelRows<std::int64_t> out);

}  // namespace sluice::exact
