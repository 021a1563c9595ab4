// SPDX-License-Identifier: Apache-2.0
// The vector kernels under snap_simd: one table of functions an instruction set.
#pragma once

#include <cstddef>

#include "sluice/numeric/affine.hpp"
#include "sluice/numeric/grid.hpp"

namespace sluice::numeric {

// in and out may be the same memory in all of them.
struct SnapKernels {
  // n elements with the same constants.
  void (*affine)(const AffineParams& params, int bits, const float* in, float* out, std::size_t n);
  // n = rows·channels elements, channels innermost.
  void (*affine_channels_last)(int bits, const float* scale, const float* zero_point,
                               std::size_t channels, const float* in, float* out, std::size_t n);
  void (*fixed)(const FixedGrid& grid, const float* in, float* out, std::size_t n);
  // The largest magnitude of n elements, at least `start`; NaN ignored.
  float (*largest)(float start, const float* in, std::size_t n);
  // n elements of a block.
  void (*block)(const BlockGrid& grid, int exponent, const float* in, float* out, std::size_t n);
  // n elements in rows of `channels`, each row cut into runs of `run`, the last maybe shorter: a
  // block each.
  void (*block_rows)(const BlockGrid& grid, const float* in, float* out, std::size_t run,
                     std::size_t channels, std::size_t n);
  // `positions` blocks side by side: block p has the elements p + c·stride, c < run.
  void (*block_columns)(const BlockGrid& grid, const float* in, float* out, std::size_t run,
                        std::size_t stride, std::size_t positions);
};

// The kernels of the best instruction set this machine has.
[[nodiscard]] const SnapKernels& snap_kernels();

}  // namespace sluice::numeric
