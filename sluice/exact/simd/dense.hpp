// SPDX-License-Identifier: Apache-2.0
// DenseConv: convolutions and fully connected layers in 8-bit integers, as vectors; equal to
// plain_dense and plain_requantize (plain.hpp) in every bit.
#pragma once

#include <optional>
#include <span>
#include <vector>

#include "sluice/exact/simd/aligned.hpp"
#include "sluice/exact/simd/dense_kernels.hpp"
#include "sluice/exact/simd/gather_kernels.hpp"
#include "sluice/exact/simd/layer.hpp"
#include "sluice/exact/simd/requantize_stage.hpp"

namespace sluice::exact {

class DenseConv {
 public:
  // Packs the weights. largest_accumulator(layer) must be below 2^31.
  explicit DenseConv(const ConvLayer& layer, const std::optional<ConvOutput>& output = {},
                     const DenseKernels& kernels = dense_kernels());

  // Bytes of working memory that a call of run or accumulate needs, each thread its own.
  [[nodiscard]] std::size_t scratch_bytes() const noexcept;

  // The codes of the output of some pixels; only if there is a ConvOutput. Results do not depend on
  // how the pixels of an image are split over calls.
  void run(const TapRows& input, PixelRows<std::byte> out,
           std::span<std::byte> scratch) const noexcept;
  // The accumulators.
  void accumulate(const TapRows& input, PixelRows<std::int32_t> out,
                  std::span<std::byte> scratch) const noexcept;

 private:
  struct Block;
  // The output channels whose weights lie together.
  struct Panel {
    std::int64_t first_channel, num_channels;
    std::int64_t num_vectors;
  };
  void choose_packed_zeros(const ConvLayer& layer);
  void pack(const ConvLayer& layer);
  void pack_step(const ConvLayer& layer, std::int64_t m, std::int64_t k, std::int64_t count,
                 std::byte* step) const;
  void fold_zero_points(const ConvLayer& layer);
  void sum_codes(Block& block) const noexcept;
  [[nodiscard]] Block make_block(const TapRows& input, std::int64_t first_pixel,
                                 std::span<std::byte> scratch) const noexcept;
  [[nodiscard]] DenseTile tile_at(const Block& block, std::int64_t first_row,
                                  std::int64_t first_channel) const noexcept;
  void multiply(const Block& block, std::int64_t first_row, const Panel& panel,
                std::int32_t* acc) const noexcept;
  std::int64_t run_fused(const Block& block, const Panel& panel,
                         PixelRows<std::byte> out) const noexcept;
  template <class Sink>
  void for_each_panel(const TapRows& input, std::span<std::byte> scratch,
                      const Sink& sink) const noexcept;

  const DenseKernels* kernels_;
  GatherKernel gather_;
  std::int64_t taps_, channels_, out_channels_;
  DType input_type_;
  std::int32_t input_zero_point_;
  bool is_direct_;           // tiles read the input itself; else its rows are gathered first
  std::int64_t row_steps_;   // of all taps
  std::int64_t block_rows_;  // pixels that go through all panels together
  AlignedVector<std::byte> weights_;
  AlignedVector<std::int32_t> bias_;        // with the zero points folded in
  std::vector<std::int32_t> weight_zeros_;  // what to take off a channel for each unit of the sum
                                            // of a row's codes; empty: nothing
  std::vector<std::byte> ones_;             // weights that give that sum, if it is needed
  std::vector<std::int32_t> packed_zeros_;  // of each channel
  std::optional<RequantizeStage> stage_;
  FusedTile fused_ = nullptr;  // null: accumulators leave their registers
};

}  // namespace sluice::exact
