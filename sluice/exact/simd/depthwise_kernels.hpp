// SPDX-License-Identifier: Apache-2.0
// The vector kernels under DepthwiseConv: one table an instruction set and way to multiply.
#pragma once

#include <cstddef>
#include <cstdint>

namespace sluice::exact {

// Channels come in blocks of so many; the last may have fewer. A slot is the place of a channel in
// a block.
inline constexpr std::int64_t kDepthwiseChannels = 64;

// The quad of a tap and the place in it: four consecutive taps are a quad, but of nine, taken to be
// 3 by 3, each column is one.
struct QuadPlace {
  std::int64_t quad;
  std::int64_t index;
};
[[nodiscard]] constexpr QuadPlace quad_place(std::int64_t tap, std::int64_t taps) {
  if (taps == 9) return {tap % 3, tap / 3};
  return {tap / 4, tap % 4};
}

struct DepthwiseBlock {
  const std::byte* const* rows;  // tap t of pixel p is at rows[p·taps + t] + offset
  std::int64_t taps;
  std::int64_t offset;  // of the first channel of the block
  bool is_signed;       // the rows hold int8, not uint8
  const std::byte* weights;
  const std::int32_t* bias;  // [slot]
  // [pixel][slot]: bias + the products. Quads leave a block of at most kPlainChannels (see
  // requantize_kernels.hpp) in the order of its channels.
  std::int32_t* acc;
};

struct DepthwiseKernels {
  const char* name;
  // Quads: four taps of a channel are multiplied and added at once, uint8 by int8 (VNNI); slots are
  // interleaved (interleaved_slot), weights [quad][slot][tap of the quad]. Else a product of 16
  // bits a lane; slots are in the order of the channels, weights [tap][slot] of int32 whose upper
  // half is 0.
  bool is_quads;
  void (*block)(const DepthwiseBlock& block, std::int64_t num_pixels, std::int64_t num_channels);
};

// The kernels of the best instruction set this machine has.
[[nodiscard]] const DepthwiseKernels& depthwise_kernels();
// Those of them that need no instructions for dot products of bytes.
[[nodiscard]] const DepthwiseKernels& single_depthwise_kernels();

}  // namespace sluice::exact
