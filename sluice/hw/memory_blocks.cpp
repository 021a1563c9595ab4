// SPDX-License-Identifier: Apache-2.0
#include "sluice/hw/memory_blocks.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <span>

#include "sluice/base/divide.hpp"

namespace sluice::hw {
namespace {

constexpr std::array<BlockShape, 6> kBram18{
    {{1, 16384}, {2, 8192}, {4, 4096}, {9, 2048}, {18, 1024}, {36, 512}}};
constexpr std::array<BlockShape, 7> kUram{
    {{1, 262144}, {2, 131072}, {4, 65536}, {9, 32768}, {18, 16384}, {36, 8192}, {72, 4096}}};

// The narrowest shape that holds a word, else the widest.
BlockShape shape_for(std::span<const BlockShape> shapes, double width_bits) {
  const auto holds = [&](const BlockShape& shape) {
    return static_cast<double>(shape.width_bits) >= width_bits;
  };
  const auto found = std::ranges::find_if(shapes, holds);
  return found == shapes.end() ? shapes.back() : *found;
}

std::int64_t blocks(const BlockShape& shape, std::int64_t depth, double width_bits) {
  const double beside = std::ceil(width_bits / static_cast<double>(shape.width_bits));
  return static_cast<std::int64_t>(beside) * divide_up(depth, shape.depth);
}

}  // namespace

BlockShape bram18_shape(double width_bits) {
  return shape_for(kBram18, width_bits);
}

BlockShape uram_shape(double width_bits) {
  return shape_for(kUram, width_bits);
}

std::int64_t bram18_blocks(std::int64_t depth, double width_bits, MemoryKind kind, bool in_blocks) {
  constexpr double kLutBits = 1024;
  constexpr std::int64_t kLutDepth = 32;
  const double bits = width_bits * static_cast<double>(depth);
  const bool is_fifo = kind == MemoryKind::Fifo;
  const bool is_small = is_fifo ? bits <= kLutBits : bits < kLutBits;
  const bool fits_luts = (is_small && !in_blocks) || (is_fifo && depth <= kLutDepth);
  return bits == 0 || fits_luts ? 0 : blocks(bram18_shape(width_bits), depth, width_bits);
}

std::int64_t uram_blocks(std::int64_t depth, std::int64_t width_bits, UramShape shape) {
  if (depth == 0 || width_bits == 0) return 0;
  const auto width = static_cast<double>(width_bits);
  return blocks(shape == UramShape::Narrow ? uram_shape(width) : kUram.back(), depth, width);
}

std::int64_t lutram_arrays(std::int64_t depth, std::int64_t width_bits) {
  if (depth == 0 || width_bits == 0) return 0;
  const BlockShape shape = depth <= 32 ? BlockShape{16, 32} : BlockShape{8, 64};
  return divide_up(width_bits + 1, shape.width_bits) * divide_up(depth, shape.depth);
}

std::int64_t dsp_blocks(std::int64_t a_bits, std::int64_t b_bits) {
  return divide_up(a_bits, 18) * divide_up(b_bits, 27);
}

}  // namespace sluice::hw
