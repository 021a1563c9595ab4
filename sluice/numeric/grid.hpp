// SPDX-License-Identifier: Apache-2.0
// Grid: the set of values a tensor is snapped to when quantisation is emulated in float32.
#pragma once

#include <cstdint>
#include <span>
#include <variant>
#include <vector>

#include "sluice/base/result.hpp"
#include "sluice/numeric/rounding.hpp"

namespace sluice::numeric {

// The affine grid of the published "fixed16/fixed8/BFP8" tables (fpgaConvNet's emulation):
// code = clamp(rne(fl(scale·x) − zero_point)), value = (code + zero_point)/scale, each step
// rounded to float32 (numeric/affine.hpp). Signed codes of `bits` bits. One scale and zero point a
// tensor, or one a slice along `axis`.
struct AffineGrid {
  int bits = 8;  // 2 … 24
  std::vector<float> scale;
  std::vector<float> zero_point;
  std::int64_t axis = 1;
  friend bool operator==(const AffineGrid&, const AffineGrid&) = default;
};

// True Q-format: value = code·2^−fraction_bits, `bits` wide including the sign if is_signed; first
// `rounding`, then `overflow` (numeric/fixed.hpp). fraction_bits may be negative or exceed bits.
struct FixedGrid {
  int bits = 16;  // 2 … 24
  int fraction_bits = 8;
  bool is_signed = true;
  Rounding rounding = Rounding::HalfToEven;
  Overflow overflow = Overflow::Saturate;
  friend bool operator==(const FixedGrid&, const FixedGrid&) = default;
};

// Which values share one exponent.
enum class BlockShape : unsigned char {
  Tensor,   // all of them
  Channel,  // each slice along `axis`
  Run,      // each run of `block_size` consecutive channels (along axis) at one position
};

// Shared-exponent block floating point. e = floor(log2 max|v|) of the block, at least −127; code =
// round(v·2^(mantissa_bits−1−e)), saturated to two's complement [−2^mantissa_bits,
// 2^mantissa_bits − 1], or symmetric; value = code·2^(e−mantissa_bits+1) (numeric/block.hpp).
// mantissa_bits counts magnitude bits, without the sign: an "8-bit" block format has 7. The
// exponent follows the data. MXINT8 is {7, Run, 32, symmetric}.
struct BlockGrid {
  int mantissa_bits = 7;  // 1 … 23
  BlockShape block = BlockShape::Tensor;
  std::int64_t block_size = 32;
  std::int64_t axis = 1;
  // Dimension 0 is a batch: no block spans two of its items, so that an item's values do not depend
  // on what else is in the batch. Off for weights.
  bool batched = true;
  bool symmetric = true;
  Rounding rounding = Rounding::HalfToEven;
  friend bool operator==(const BlockGrid&, const BlockGrid&) = default;
};

using Grid = std::variant<AffineGrid, FixedGrid, BlockGrid>;

// float32 holds 24-bit codes exactly, so that is what can be emulated in it.
inline constexpr int kMaxGridBits = 24;
// Within these every code of a fixed grid is a normal float32.
inline constexpr int kMinFractionBits = -100;
inline constexpr int kMaxFractionBits = 126;
// The exponents an eight-bit exponent field has room for (OCP MX's E8M0).
inline constexpr int kMinBlockExponent = -127;
inline constexpr int kMaxBlockExponent = 127;

// InvalidArgument unless the grid is well formed and fits a tensor of this shape: widths in range,
// scales positive and finite, as many scales as the axis has entries, the axis in range.
[[nodiscard]] Status check_grid(const Grid& grid, std::span<const std::int64_t> shape);

// Whether each element is snapped by itself with the same constants, so that the tensor's layout
// does not matter: fixed grids, and affine ones with one scale.
[[nodiscard]] bool is_elementwise(const Grid& grid) noexcept;

// Whether snapping twice is proven to equal snapping once, for every input. For an affine grid
// either every intermediate is small enough for its rounding errors to be too small to reach
// another code (see grid.cpp), or every code is tried; above 16 bits without the first the answer
// is "not proven".
[[nodiscard]] bool is_idempotent(const Grid& grid);

}  // namespace sluice::numeric
