// SPDX-License-Identifier: Apache-2.0
// The vector kernels under DenseConv: one table an instruction set and way to multiply.
//
// Input and weights are cut into steps of 4 bytes: 4 codes, uint8 by int8, where the machine
// multiplies and adds four at once (VNNI), else 2 codes less their zero points in 16 bits. No
// product or sum of a step can overflow. The weights of a step lie side by side for `lanes` output
// channels, as one vector: [panel][step][vector of the panel][lane][4 bytes].
#pragma once

#include <cstddef>
#include <cstdint>

#include "sluice/exact/simd/requantize_kernels.hpp"

namespace sluice::exact {

inline constexpr std::int64_t kPanelVectors = 2;  // of output channels; the last panel may have 1
inline constexpr std::int64_t kMaxTileRows = 14;  // of any kernel
inline constexpr std::int64_t kMaxDenseLanes = 16;
inline constexpr std::int64_t kMaxPanelLanes = kPanelVectors * kMaxDenseLanes;
inline constexpr std::int64_t kStepBytes = 4;

// A tile is the product of num_rows input rows and a panel of weights.
struct DenseTile {
  const std::byte* const* rows;  // piece t of row r begins at rows[r·num_pieces + t] + offset
  std::int64_t num_pieces;
  std::int64_t offset;
  std::int64_t piece_steps;
  bool is_signed;            // quads: the rows hold int8, not uint8
  const std::byte* weights;  // of the panel
  const std::int32_t* bias;  // [vector][lane]
  std::int32_t* acc;         // [row][vector][lane]: bias + the products
};

// Where the codes of a tile go.
struct DenseCodes {
  LaneParams params;  // of the panel's first channel
  std::int64_t num_channels;
  PixelRows<std::byte> out;
};

// A tile of max_rows rows whose accumulators become codes before they leave their registers.
using FusedTile = void (*)(const DenseTile& tile, const DenseCodes& codes,
                           std::int64_t num_vectors);

struct DenseKernels {
  const char* name;
  std::int64_t lanes;
  std::int64_t max_rows;  // of a tile
  bool is_widening;       // steps hold 2 codes in 16 bits
  void (*tile)(const DenseTile& tile, std::int64_t num_rows, std::int64_t num_vectors);
  PerArithmetic<FusedTile> fused;  // null: there is none
};

// The kernels of the best instruction set this machine has.
[[nodiscard]] const DenseKernels& dense_kernels();
// Those of them that need no instructions for dot products of bytes.
[[nodiscard]] const DenseKernels& widening_dense_kernels();

}  // namespace sluice::exact
