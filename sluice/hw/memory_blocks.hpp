// SPDX-License-Identifier: Apache-2.0
// How many blocks of a device a memory or a multiplier takes. The rules are those of AMD's 7-series
// and UltraScale+ parts: a block RAM of 18 Kbit can be 16384 words of 1 bit, 8192 of 2, … 512 of
// 36, an UltraRAM 4096 of 72.
#pragma once

#include <cstdint>

namespace sluice::hw {

enum class MemoryKind : unsigned char { Fifo, Memory };

// Block RAMs of 18 Kbit for `depth` words of `width_bits`, side by side and one behind another in
// the shape whose words are the narrowest that hold one (36 bits for wider ones). None for what
// fits in LUTs: nothing, up to 1024 bits in a FIFO, less than 1024 in a memory, and FIFOs of up to
// 32 words. A width may be a part of a bit: that of compressed words. With `in_blocks` small
// memories are put into blocks too, all but FIFOs of up to 32 words.
[[nodiscard]] std::int64_t bram18_blocks(std::int64_t depth, double width_bits, MemoryKind kind,
                                         bool in_blocks = false);

// Words of a block's shape.
struct BlockShape {
  std::int64_t width_bits = 0;
  std::int64_t depth = 0;
};
// The shape of the blocks that a memory of words of `width_bits` is put together of.
[[nodiscard]] BlockShape bram18_shape(double width_bits);
[[nodiscard]] BlockShape uram_shape(double width_bits);

// How UltraRAM is put together.
enum class UramShape : unsigned char {
  Narrow,  // words of a power of two bits, and of 9, 18, 36 and 72, at equal capacity
  Whole,   // 4096 words of 72 bits, as the primitive is
};
[[nodiscard]] std::int64_t uram_blocks(std::int64_t depth, std::int64_t width_bits,
                                       UramShape shape = UramShape::Narrow);

// Arrays of LUTs for a small memory: of 32 words of 16 bits, or of 64 of 8 if it is deeper than 32,
// one bit of whose width is taken. An array is 512 bits: 8 LUTs.
inline constexpr std::int64_t kLutsPerArray = 8;
// LUTs that hold what a block RAM of 18 Kbit does, at 64 bits each.
inline constexpr std::int64_t kLutsPerBram18 = 288;
[[nodiscard]] std::int64_t lutram_arrays(std::int64_t depth, std::int64_t width_bits);

// DSP blocks for a product of numbers of so many bits, by multipliers of 18 by 27.
[[nodiscard]] std::int64_t dsp_blocks(std::int64_t a_bits, std::int64_t b_bits);

}  // namespace sluice::hw
