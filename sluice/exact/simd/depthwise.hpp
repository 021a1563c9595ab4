// SPDX-License-Identifier: Apache-2.0
// DepthwiseConv: convolutions in 8-bit integers whose output channel c reads only input channel c,
// as vectors; equal to plain_depthwise and plain_requantize (plain.hpp) in every bit.
#pragma once

#include <optional>
#include <vector>

#include "sluice/exact/simd/aligned.hpp"
#include "sluice/exact/simd/depthwise_kernels.hpp"
#include "sluice/exact/simd/layer.hpp"
#include "sluice/exact/simd/requantize_stage.hpp"

namespace sluice::exact {

class DepthwiseConv {
 public:
  // Packs the weights. largest_accumulator(layer) must be below 2^31.
  explicit DepthwiseConv(const ConvLayer& layer, const std::optional<ConvOutput>& output = {},
                         const DepthwiseKernels& kernels = depthwise_kernels());

  // The codes of the output of some pixels; only if there is a ConvOutput. Results do not depend on
  // how the pixels of an image are split over calls.
  void run(const TapRows& input, PixelRows<std::byte> out) const noexcept;
  // The accumulators.
  void accumulate(const TapRows& input, PixelRows<std::int32_t> out) const noexcept;

 private:
  void pack(const ConvLayer& layer);
  void pack_channel(const ConvLayer& layer, std::int64_t channel, std::byte* weights,
                    std::int64_t slot) const;
  template <class Sink>
  void for_each_block(const TapRows& input, const Sink& sink) const noexcept;

  const DepthwiseKernels* kernels_;
  std::int64_t taps_, channels_;
  DType input_type_;
  std::int64_t block_bytes_ = 0;      // of the weights of a block
  AlignedVector<std::byte> weights_;  // [block], as the kernel has it
  AlignedVector<std::int32_t> bias_;  // [block][slot], with the zero points folded in
  std::optional<RequantizeStage> stage_;
};

}  // namespace sluice::exact
