// SPDX-License-Identifier: Apache-2.0
// RequantizeStage: the last step of a convolution, from accumulators to codes of the output, with
// the parameters of all channels laid out for vectors.
#pragma once

#include <vector>

#include "sluice/exact/simd/layer.hpp"
#include "sluice/exact/simd/requantize_kernels.hpp"

namespace sluice::exact {

class RequantizeStage {
 public:
  // Accumulators of `channels` channels, all of magnitude largest_accumulator at most. Where that
  // is 2^30 or more, or a factor of an integer arithmetic is 1 or more, lanes have no room and
  // numeric::requantize is called for each accumulator: same codes, slower. is_interleaved: rows
  // are blocks of kInterleavedChannels, the last of fewer, and lie as block_slot has it.
  RequantizeStage(const ConvOutput& output, std::int64_t channels, std::int64_t largest_accumulator,
                  bool is_interleaved = false);

  // num_pixels rows of num_channels accumulators, the first of which is of channel first_channel.
  // A row of acc is readable up to a multiple of kMaxLanes.
  void run(std::int64_t first_channel, std::int64_t num_channels, std::int64_t num_pixels,
           PixelRows<const std::int32_t> acc, PixelRows<std::byte> out) const noexcept;

  // The kernel of a table that goes with the stage; null if lanes have no room.
  template <class Function>
  [[nodiscard]] Function kernel_of(const PerArithmetic<Function>& kernels) const {
    return rows_ == nullptr ? nullptr : kernels.of(requantizers_.front().arithmetic);
  }
  // What it needs, from a channel on.
  [[nodiscard]] LaneParams params_from(std::int64_t channel) const noexcept;

 private:
  void fill(const numeric::Requantizer& by, std::size_t slot);
  void fill_shift(const numeric::Requantizer& by, std::size_t slot);

  DType type_;
  bool is_interleaved_;
  std::vector<numeric::Requantizer> requantizers_;
  RequantizeRows rows_ = nullptr;  // null: no room in lanes
  RequantizeRows interleaved_rows_ = nullptr;
  std::vector<std::int32_t> mantissa_, first_rounding_, rounding_, negative_below_, to_even_,
      shift_;
  std::vector<float> factor_;
};

}  // namespace sluice::exact
