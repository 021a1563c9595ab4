// SPDX-License-Identifier: Apache-2.0
// True block floating point: values of a block share one exponent and keep an integer each.
#pragma once

#include <cstdint>
#include <span>

#include "sluice/base/shape.hpp"
#include "sluice/numeric/grid.hpp"

namespace sluice::numeric {

// floor(log2 magnitude), at least kMinBlockExponent (which is also the exponent of a block of
// zeros); an infinity counts as the largest float. magnitude is not NaN and not negative.
[[nodiscard]] int block_exponent(float magnitude) noexcept;

// The code of x in a block of this exponent: round(x·2^(mantissa_bits − 1 − exponent)), saturated.
// The two's complement code −2^mantissa_bits is left out with `symmetric`, and at exponent 127,
// where float32 has no such value. x must not be NaN.
[[nodiscard]] std::int64_t block_code(float x, int exponent, const BlockGrid& grid) noexcept;
// code·2^(exponent − mantissa_bits + 1), exactly.
[[nodiscard]] float block_value(std::int64_t code, int exponent, const BlockGrid& grid) noexcept;

// One block: `rows` pieces of `length` consecutive elements, `stride` apart.
struct Block {
  std::int64_t offset;
  std::int64_t rows;
  std::int64_t stride;
  std::int64_t length;
};

// How a tensor falls into blocks. Blocks are numbered from 0 in memory order of their first
// element. The grid fits the shape (check_grid).
class Blocks {
 public:
  Blocks(const BlockGrid& grid, std::span<const std::int64_t> shape);
  [[nodiscard]] std::int64_t count() const noexcept;
  [[nodiscard]] Block operator[](std::int64_t index) const noexcept;

 private:
  BlockShape kind_;
  std::int64_t items_;  // of the batch, each with blocks of its own
  std::int64_t outer_;  // elements of an item: outer × channels × inner
  std::int64_t channels_;
  std::int64_t inner_;
  std::int64_t run_;
};

}  // namespace sluice::numeric
