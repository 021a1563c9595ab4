// SPDX-License-Identifier: Apache-2.0
// The inner loops of resize: weighted sums of bytes in fixed point, vectorised.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace sluice::data {

// Fraction bits of a weight: 32 less 8 for the pixel and 2 for overshoot and sign.
inline constexpr int kWeightBits = 22;

// Which input lines (rows or columns) each output line is made from, and with which weights.
struct TapTable {
  struct Line {
    std::int64_t first = 0;  // input line of the first weight; the others follow it
    std::size_t offset = 0;  // of the first weight in `weights`
    std::size_t count = 0;
  };
  std::vector<Line> lines;
  std::vector<std::int32_t> weights;

  [[nodiscard]] std::span<const std::int32_t> weights_of(const Line& line) const noexcept {
    return std::span(weights).subspan(line.offset, line.count);
  }
};

// Both compute out = clamp((Σ weight·input + 2^(kWeightBits-1)) >> kWeightBits, 0, 255).

// One output row from the rows at first_row, first_row + stride, …, every byte on its own.
void sum_rows(const std::uint8_t* first_row, std::ptrdiff_t stride,
              std::span<const std::int32_t> weights, std::span<std::uint8_t> out) noexcept;

// One output row from one row of three-channel pixels, 3·columns.lines.size() bytes. Reads, but
// does not use, the byte behind the last pixel of `row`.
void sum_rgb_pixels(const std::uint8_t* row, const TapTable& columns, std::uint8_t* out) noexcept;

}  // namespace sluice::data
