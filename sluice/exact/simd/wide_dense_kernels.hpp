// SPDX-License-Identifier: Apache-2.0
// The vector kernels under WideDense: one table an instruction set.
//
// Input and weights are cut into steps of 2 codes of 16 bits. The weights of a step lie side by
// side for `lanes` output channels, as one vector: [panel][step][vector of the panel][lane][2
// weights], where lane 2i holds channel i and lane 2i + 1 channel i + lanes/2 (wide_lane).
#pragma once

#include <cstddef>
#include <cstdint>

#include "sluice/exact/simd/dense_kernels.hpp"

namespace sluice::exact {

[[nodiscard]] constexpr std::int64_t wide_lane(std::int64_t channel, std::int64_t lanes) {
  if (lanes == 1) return 0;
  return channel < lanes / 2 ? 2 * channel : 2 * (channel - lanes / 2) + 1;
}

// A tile is the product of num_rows input rows and a panel of weights.
struct WideTile {
  const std::byte* const* rows;  // piece t of row r begins at rows[r·num_pieces + t] + offset
  std::int64_t num_pieces;
  std::int64_t offset;
  std::int64_t piece_steps;
  const std::byte* weights;      // of the panel
  const std::int32_t* segments;  // steps that are added in 32 bits, before 64 bits take the sum
  std::int64_t num_segments;
  std::int64_t* acc;  // [row][vector][channel]: the products
};

struct WideDenseKernels {
  const char* name;
  std::int64_t lanes;
  std::int64_t max_rows;         // of a tile
  std::int64_t max_single_rows;  // of one that has a single segment
  void (*tile)(const WideTile& tile, std::int64_t num_rows, std::int64_t num_vectors);
};

// The kernels of the best instruction set this machine has.
[[nodiscard]] const WideDenseKernels& wide_dense_kernels();
// Those of them that need no instructions which multiply and add three at once (VNNI).
[[nodiscard]] const WideDenseKernels& basic_wide_dense_kernels();

}  // namespace sluice::exact
