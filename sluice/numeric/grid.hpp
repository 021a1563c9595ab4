// SPDX-License-Identifier: Apache-2.0
// Grid: the set of values a tensor is snapped to when quantisation is emulated in float32.
#pragma once

#include <cstdint>
#include <variant>
#include <vector>

#include "sluice/numeric/rounding.hpp"

namespace sluice::numeric {

// The affine grid of the published "fixed16/fixed8/BFP8" tables (fpgaConvNet's emulation):
// code = clamp(rne(fl(scale·x) − zero_point)), value = (code + zero_point)/scale, each step
// rounded to float32. Signed codes of `bits` bits. One scale and zero point a tensor, or one a
// slice along `axis`.
struct AffineGrid {
  int bits = 8;
  std::vector<float> scale;
  std::vector<float> zero_point;
  std::int64_t axis = 1;
  friend bool operator==(const AffineGrid&, const AffineGrid&) = default;
};

// True Q-format: value = raw·2^−fraction_bits, `bits` wide including the sign if is_signed; first
// `rounding`, then `overflow`. fraction_bits may be negative or exceed bits.
struct FixedGrid {
  int bits = 16;
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

// Shared-exponent block floating point. e = floor(log2 max|v|) of the block; code =
// round(v·2^(mantissa_bits−1−e)), saturated to two's complement [−2^mantissa_bits,
// 2^mantissa_bits − 1], or symmetric; value = code·2^(e−mantissa_bits+1). mantissa_bits counts
// magnitude bits, without the sign: an "8-bit" block format has 7. The exponent follows the data.
// MXINT8 is {7, Run, 32, symmetric} with the exponent limited to [−127, 127].
struct BlockGrid {
  int mantissa_bits = 7;
  BlockShape block = BlockShape::Tensor;
  std::int64_t block_size = 32;
  std::int64_t axis = 1;
  bool symmetric = true;
  Rounding rounding = Rounding::HalfToEven;
  friend bool operator==(const BlockGrid&, const BlockGrid&) = default;
};

using Grid = std::variant<AffineGrid, FixedGrid, BlockGrid>;

}  // namespace sluice::numeric
