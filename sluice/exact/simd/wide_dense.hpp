// SPDX-License-Identifier: Apache-2.0
// WideDense: convolutions and fully connected layers on codes of up to 16 bits, as vectors; equal
// to plain_wide (wide_layer.hpp) and numeric::requantize_wide in every bit.
#pragma once

#include <optional>
#include <span>
#include <vector>

#include "sluice/exact/simd/aligned.hpp"
#include "sluice/exact/simd/gather_kernels.hpp"
#include "sluice/exact/simd/wide_dense_kernels.hpp"
#include "sluice/exact/simd/wide_layer.hpp"
#include "sluice/exact/simd/wide_requantize_stage.hpp"

namespace sluice::exact {

class WideDense {
 public:
  // Packs the weights. The layer fits_wide_kernels.
  explicit WideDense(const WideLayer& layer, const std::optional<WideOutput>& output = {},
                     const WideDenseKernels& kernels = wide_dense_kernels());

  // Bytes of working memory that a call of run or accumulate needs, each thread its own.
  [[nodiscard]] std::size_t scratch_bytes() const noexcept;

  // The codes of the output of some pixels, rows in bytes; only if there is a WideOutput. Results
  // do not depend on how the pixels of an image are split over calls.
  void run(const TapRows& input, PixelRows<std::byte> out,
           std::span<std::byte> scratch) const noexcept;
  // The accumulators.
  void accumulate(const TapRows& input, PixelRows<std::int64_t> out,
                  std::span<std::byte> scratch) const noexcept;

 private:
  struct Block;
  void pack(const WideLayer& layer);
  [[nodiscard]] Block make_block(const TapRows& input, std::int64_t first_pixel,
                                 std::span<std::byte> scratch) const noexcept;
  void multiply(const Block& block, std::int64_t panel, std::int64_t num_vectors,
                std::int64_t* acc) const noexcept;
  template <class Sink>
  void for_each_panel(const TapRows& input, std::span<std::byte> scratch,
                      const Sink& sink) const noexcept;

  const WideDenseKernels* kernels_;
  GatherKernel gather_;
  std::int64_t taps_, channels_, out_channels_;
  DType input_type_;
  bool is_direct_;          // tiles read the input itself; else its rows are gathered first
  std::int64_t row_steps_;  // of all taps
  AlignedVector<std::byte> weights_;
  std::vector<Segments> segments_;  // [panel], with a 0 at the end
  std::vector<std::int64_t> bias_;  // of the codes as they are gathered
  std::optional<WideRequantizeStage> stage_;
};

}  // namespace sluice::exact
