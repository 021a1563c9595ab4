// SPDX-License-Identifier: Apache-2.0
// The vector kernels under DepthwiseConv: one table an instruction set and way to multiply.
//
// Channels come in blocks. Quads (VNNI): the codes of four taps of a channel are brought together
// and multiplied and added at once, weights [block][four taps][vector][lane][tap]. Singles: a
// product of 16 bits a lane, weights [block][tap][channel] of int32.
#pragma once

#include <cstddef>
#include <cstdint>

namespace sluice::exact {

struct DepthwiseBlock {
  const std::byte* const* rows;  // tap t of pixel p is at rows[p·taps + t] + offset
  std::int64_t taps;
  std::int64_t offset;  // of the first channel of the block
  const std::byte* weights;
  const std::int32_t* bias;  // [slot]
  std::int32_t* acc;         // [pixel][slot]
};

struct DepthwiseKernels {
  const char* name;
  std::int64_t block_channels;  // slots of a block
  // Quads: slot 16v + 4l + i of a block holds channel 16l + 4v + i, which is the order that bytes
  // are interleaved in; else slots are in the order of the channels.
  bool is_quads;
  // block.acc = bias + the products of num_pixels pixels, for num_channels ≤ block_channels.
  void (*block)(const DepthwiseBlock& block, std::int64_t num_pixels, std::int64_t num_channels,
                bool is_signed);
};

// The kernels of the best instruction set this machine has.
[[nodiscard]] const DepthwiseKernels& depthwise_kernels();
// Those of them that need no instructions for dot products of bytes.
[[nodiscard]] const DepthwiseKernels& single_depthwise_kernels();

}  // namespace sluice::exact
