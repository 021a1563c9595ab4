// SPDX-License-Identifier: Apache-2.0
// The memories of a layer's weights, and those whose words come from outside the device.
#pragma once

#include "sluice/hw/layers/layer.hpp"

namespace sluice::hw {

// `arrays` memories of `depth` words, together `width_bits` wide. They are made of blocks of
// `unit_width_bits` by `unit_depth`; 0 where they fit in LUTs.
struct WeightMemory {
  double depth = 0;
  std::int64_t width_bits = 0;
  std::int64_t arrays = 1;
  std::int64_t unit_width_bits = 0;
  std::int64_t unit_depth = 0;
  std::int64_t blocks = 0;           // if all is on chip
  std::int64_t blocks_off_chip = 0;  // of these, whose words are streamed in
  std::int64_t blocks_in_luts = 0;   // of those on chip
  bool in_uram = false;

  [[nodiscard]] std::int64_t blocks_on_chip() const { return blocks - blocks_off_chip; }
  // Blocks side by side in all arrays: those that move off chip together.
  [[nodiscard]] std::int64_t blocks_per_unit() const;
  // Blocks that move off chip for a share of the weights.
  [[nodiscard]] std::int64_t blocks_for(double share) const;
  // Words of each array that come from outside.
  [[nodiscard]] double depth_off_chip() const;
  [[nodiscard]] double depth_on_chip() const { return depth - depth_off_chip(); }
  // The same as fpgaConvNet's files have it: none where the words fit in LUTs.
  [[nodiscard]] std::int64_t addresses_on_chip() const {
    return blocks_on_chip() > 0 ? static_cast<std::int64_t>(depth_on_chip()) : 0;
  }
  // Bits that are streamed for every walk through the weights.
  [[nodiscard]] double streamed_bits() const;
  // The cycles that fpgaConvNet's allows for it: while the words on chip and a buffer are read.
  [[nodiscard]] double streamed_cycles() const;
  // While the layer works: a walk reads a word a cycle.
  [[nodiscard]] double streamed_bits_per_cycle(Rules rules = Rules::Sluice) const;
  // Blocks of the buffer that streamed words come through.
  [[nodiscard]] std::int64_t buffer_blocks() const;
  // All on the device: of BRAM18 or of URAM, but those that LUTs take the place of.
  [[nodiscard]] std::int64_t total_blocks() const {
    return blocks_on_chip() - blocks_in_luts + (blocks_off_chip > 0 ? buffer_blocks() : 0);
  }
};

struct ParameterCounts {
  std::int64_t weights = 0, biases = 0;
};

// Of a convolution or inner product; no words, of no bits, for others.
[[nodiscard]] WeightMemory weight_memory(const Layer& layer);
[[nodiscard]] std::int64_t weight_width_bits(const Layer& layer);
[[nodiscard]] ParameterCounts parameters_of(const Layer& layer, Rules rules = Rules::Sluice);

}  // namespace sluice::hw
