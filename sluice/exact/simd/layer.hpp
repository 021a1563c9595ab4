// SPDX-License-Identifier: Apache-2.0
// What an 8-bit convolution kernel is given. Any dense, grouped, strided or dilated convolution,
// and any fully connected layer, is here a set of output pixels, each with one pointer a kernel
// tap:
//   acc[p][m] = bias[m] + Σ_t Σ_c (weights[m][t][c] − zw[m])·(rows[p][t][c] − zx)
// in 32 bits, then the code numeric::requantize(acc, requantizer[m]). A tap in the padding points
// to a row of codes zx.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "sluice/numeric/dtype.hpp"
#include "sluice/numeric/requantize.hpp"

namespace sluice::exact {

// One group of a convolution. The kernels copy what they need of the spans when they are made.
struct ConvLayer {
  std::int64_t taps = 1;          // kernel height·width
  std::int64_t channels = 1;      // of the input that a tap points to
  std::int64_t out_channels = 1;  // of a depthwise convolution: channels
  DType input_type = DType::Int8;
  DType weight_type = DType::Int8;  // both Int8 or UInt8
  std::int32_t input_zero_point = 0;
  std::span<const std::byte> weights;                // [out_channels][taps][channels], or
                                                     // [taps][channels] of a depthwise one
  std::span<const std::int32_t> weight_zero_points;  // one, or one an output channel; or none: 0
  std::span<const std::int32_t> bias;                // one an output channel; or none: 0
};

// How accumulators become codes of the output: all channels in one arithmetic, with one zero point
// and one range of codes, which `type` holds.
struct ConvOutput {
  DType type = DType::Int8;                            // Int8 or UInt8
  std::span<const numeric::Requantizer> requantizers;  // one, or one an output channel
};

// The input of some output pixels.
struct TapRows {
  const std::byte* const* rows = nullptr;  // [num_pixels][taps], each to `channels` codes
  std::int64_t num_pixels = 0;
  std::int64_t offset = 0;  // added to each pointer: where a group's first channel lies
};

// Where the output goes: element m of pixel p is data[p·stride + m].
template <class T>
struct PixelRows {
  T* data = nullptr;
  std::int64_t stride = 0;
};

// The largest magnitude an accumulator of the layer can take, whatever the input's codes. The
// kernels are right below 2^31, and fast below 2^30.
[[nodiscard]] std::int64_t largest_accumulator(const ConvLayer& layer, bool is_depthwise);

}  // namespace sluice::exact
