// SPDX-License-Identifier: Apache-2.0
// The vector kernels under RequantizeStage: one function an arithmetic, one table an instruction
// set.
#pragma once

#include <cstddef>
#include <cstdint>

#include "sluice/exact/simd/layer.hpp"

namespace sluice::exact {

// Channels that parameters are padded to a multiple of: the most lanes that any vector has.
inline constexpr std::int64_t kMaxLanes = 64;

// numeric::Requantizer of each channel, taken apart into what lanes need. With n = −exponent ≥ 0
// and |acc| < 2^30 both integer arithmetics are
//   sum = floor((acc·mantissa + first_rounding)/2^31) + rounding
//   code = floor((sum − (sum < negative_below ? 1 : 0))/2^n) + zero_point
// where tflite-double has first_rounding 2^30, rounding 2^(n−1) and, for its second rounding to
// take ties away from zero, negative_below = rounding; tflite-single rounds once, in the second
// line if n > 0 and in the first otherwise. The arithmetics that shift are
//   code = floor((acc + rounding + (floor(acc/2^n) is odd ? to_even : 0))/2^n) + zero_point
// with rounding 2^(n−1) where ties go up, one less and to_even 1 where they go to the even code.
struct LaneParams {
  const std::int32_t* mantissa;
  const std::int32_t* first_rounding;
  const std::int32_t* rounding;
  const std::int32_t* negative_below;
  const std::int32_t* to_even;
  const std::int32_t* shift;  // n
  const float* factor;        // of the arithmetics in floating point
  std::int32_t zero_point;
  std::int32_t lowest;
  std::int32_t highest;
  bool is_signed;  // the codes are int8, not uint8
};

// num_pixels rows of num_channels accumulators to codes. params are those of the rows' first
// channel, readable up to a multiple of kMaxLanes; so are the accumulators of a row, up to a
// multiple of the kernel's lanes.
using RequantizeRows = void (*)(const LaneParams& params, std::int64_t num_pixels,
                                std::int64_t num_channels, PixelRows<const std::int32_t> acc,
                                PixelRows<std::byte> out);

// A function for each of them.
template <class Function>
struct PerArithmetic {
  Function tflite_double;
  Function tflite_single;
  Function float32;  // xnnpack and onnxruntime
  Function float64;  // onnx
  Function shift;    // the three that shift

  // Null for that of fully connected layers, whose outputs are few.
  [[nodiscard]] Function of(numeric::Arithmetic arithmetic) const {
    switch (arithmetic) {
      case numeric::Arithmetic::TfliteDouble:
        return tflite_double;
      case numeric::Arithmetic::TfliteSingle:
        return tflite_single;
      case numeric::Arithmetic::Xnnpack:
      case numeric::Arithmetic::OnnxRuntime:
        return float32;
      case numeric::Arithmetic::Onnx:
        return float64;
      case numeric::Arithmetic::ShiftHalfEven:
      case numeric::Arithmetic::ShiftHalfUp:
      case numeric::Arithmetic::ShiftFloor:
        return shift;
      case numeric::Arithmetic::TfliteFloat64:
        return nullptr;
    }
    return nullptr;
  }
};

using RequantizeKernels = PerArithmetic<RequantizeRows>;

// Where the accumulator of channel c of a block of kInterleavedChannels lies, and its parameters,
// if they are interleaved: as depthwise kernels leave them that bring bytes of four taps together.
// A last block of at most kPlainChannels stays in the order of its channels.
inline constexpr std::int64_t kInterleavedChannels = 64;
inline constexpr std::int64_t kPlainChannels = 32;
[[nodiscard]] constexpr std::int64_t interleaved_slot(std::int64_t c) {
  return c % 16 / 4 * 16 + c / 16 * 4 + c % 4;
}
[[nodiscard]] constexpr std::int64_t block_slot(std::int64_t c, std::int64_t block_channels) {
  return block_channels > kPlainChannels ? interleaved_slot(c) : c;
}

// The kernels of the best instruction set this machine has.
[[nodiscard]] const RequantizeKernels& requantize_kernels();
// Those for one interleaved block of channels. Null where no kernel leaves such.
[[nodiscard]] const RequantizeKernels* interleaved_requantize_kernels();

}  // namespace sluice::exact
