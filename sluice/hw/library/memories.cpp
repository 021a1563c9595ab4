// SPDX-License-Identifier: Apache-2.0
#include "sluice/hw/library/memories.hpp"

#include <algorithm>
#include <array>
#include <cmath>

#include "sluice/base/divide.hpp"
#include "sluice/hw/memory_blocks.hpp"

namespace sluice::hw::library {
namespace {

constexpr std::int64_t kLutDepth = 32, kLutBits = 1024;

// Of the blocks that take the fewest.
BlockShape shape_of(std::int64_t width_bits, std::int64_t depth) {
  constexpr std::array<BlockShape, 6> kShapes{
      {{36, 512}, {18, 1024}, {9, 2048}, {4, 4096}, {2, 8192}, {1, 16384}}};
  return *std::ranges::min_element(kShapes, {}, [&](const BlockShape& shape) {
    return divide_up(width_bits, shape.width_bits) * divide_up(depth, shape.depth);
  });
}

}  // namespace

bool is_in_luts(std::int64_t width_bits, std::int64_t depth) {
  return depth <= kLutDepth || width_bits * depth <= kLutBits;
}

std::int64_t memory_bram18(std::int64_t width_bits, std::int64_t depth) {
  return memory_bram18_of_bits(width_bits, depth, 0, width_bits);
}

std::int64_t memory_bram18_of_bits(std::int64_t width_bits, std::int64_t depth, std::int64_t first,
                                   std::int64_t read) {
  if (is_in_luts(width_bits, depth)) return 0;
  const BlockShape shape = shape_of(width_bits, depth);
  const std::int64_t begin = first / shape.width_bits;
  const std::int64_t end = divide_up(first + read, shape.width_bits);
  return (end - begin) * divide_up(depth, shape.depth);
}

double ram_luts(std::int64_t width_bits, std::int64_t depth) {
  if (!is_in_luts(width_bits, depth)) return 0;
  const std::int64_t arrays =
      depth <= 32 ? divide_up(width_bits, 6) : divide_up(width_bits, 3) * divide_up(depth, 64);
  return 4 * static_cast<double>(arrays);
}

double distinct_bits(std::int64_t width_bits, std::int64_t depth) {
  // Functions of the address; more than a few thousand are never alike.
  constexpr std::int64_t kDeep = 12;
  const auto bits = static_cast<double>(width_bits);
  if (depth > kDeep) return bits;
  const double functions = std::exp2(static_cast<double>(depth));
  // The two constants take nothing.
  return (functions - 2) * (1 - std::pow(1 - 1 / functions, bits));
}

double rom_luts(std::int64_t width_bits, std::int64_t depth) {
  if (!is_in_luts(width_bits, depth) || depth <= 2) return 0;
  const std::int64_t arrays = divide_up(depth, 64);
  return distinct_bits(width_bits, depth) * static_cast<double>(arrays);
}

}  // namespace sluice::hw::library
