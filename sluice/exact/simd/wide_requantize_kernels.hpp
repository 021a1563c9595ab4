// SPDX-License-Identifier: Apache-2.0
// The vector kernels under WideRequantizeStage: one function a type of codes, one table an
// instruction set.
#pragma once

#include <cstddef>
#include <cstdint>

#include "sluice/exact/simd/layer.hpp"
#include "sluice/exact/simd/requantize_kernels.hpp"

namespace sluice::exact {

// numeric::Requantizer of each channel, in an arithmetic that shifts by n ≥ 0, for |acc| < 2^60:
//   sum = acc + bias
//   code = floor((sum + rounding + (floor(sum/2^n) is odd ? to_even : 0))/2^n) + zero_point
// Ties go up with rounding 2^(n−1); to the even code with one less and to_even 1; both are 0 for
// n = 0 and where the rest is cut off.
struct WideLaneParams {
  const std::int64_t* bias;
  const std::int64_t* rounding;
  const std::int64_t* to_even;
  const std::int64_t* shift;  // n ≤ 61
  const std::int32_t* zero_point;
  const std::int32_t* lowest;
  const std::int32_t* highest;
};

// num_pixels rows of num_channels accumulators to codes; out in bytes. params are those of the
// rows' first channel, readable up to a multiple of kMaxLanes; so are the accumulators of a row, up
// to a multiple of the kernel's lanes.
using WideRequantizeRows = void (*)(const WideLaneParams& params, std::int64_t num_pixels,
                                    std::int64_t num_channels, PixelRows<const std::int64_t> acc,
                                    PixelRows<std::byte> out);

struct WideRequantizeKernels {
  WideRequantizeRows to_int8, to_uint8, to_int16, to_uint16;
};

// The kernels of the best instruction set this machine has.
[[nodiscard]] const WideRequantizeKernels& wide_requantize_kernels();

}  // namespace sluice::exact
