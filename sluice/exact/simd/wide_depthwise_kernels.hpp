// SPDX-License-Identifier: Apache-2.0
// The vector kernel under WideDepthwise: a product of 16 bits a lane, one function an instruction
// set.
#pragma once

#include <cstddef>
#include <cstdint>

#include "sluice/numeric/dtype.hpp"

namespace sluice::exact {

// Channels come in blocks of so many; the last may have fewer.
inline constexpr std::int64_t kWideDepthwiseChannels = 64;

struct WideDepthwiseBlock {
  const std::byte* const* rows;  // tap t of pixel p is at rows[p·taps + t] + offset
  std::int64_t taps;
  std::int64_t offset;           // of the first channel of the block, in bytes
  DType type;                    // of the codes: Int8, UInt8, Int16, or UInt16, taken 2^15 less
  const std::int32_t* weights;   // [tap][kWideDepthwiseChannels], the upper halves 0
  const std::int32_t* segments;  // taps that are added in 32 bits, before 64 bits take the sum
  std::int64_t num_segments;
  std::int64_t* acc;  // [pixel][kWideDepthwiseChannels]: the products
};

using WideDepthwiseKernel = void (*)(const WideDepthwiseBlock& block, std::int64_t num_pixels,
                                     std::int64_t num_channels);

// The kernel of the best instruction set this machine has.
[[nodiscard]] WideDepthwiseKernel wide_depthwise_kernel();

}  // namespace sluice::exact
