// SPDX-License-Identifier: Apache-2.0
// WideDepthwise: convolutions on codes of up to 16 bits whose output channel c reads only input
// channel c, as vectors; equal to plain_wide (wide_layer.hpp) and numeric::requantize_wide in every
// bit.
#pragma once

#include <optional>
#include <vector>

#include "sluice/exact/simd/aligned.hpp"
#include "sluice/exact/simd/wide_depthwise_kernels.hpp"
#include "sluice/exact/simd/wide_layer.hpp"
#include "sluice/exact/simd/wide_requantize_stage.hpp"

namespace sluice::exact {

class WideDepthwise {
 public:
  // Packs the weights. The layer fits_wide_kernels.
  explicit WideDepthwise(const WideLayer& layer, const std::optional<WideOutput>& output = {});

  // The codes of the output of some pixels, rows in bytes; only if there is a WideOutput. Results
  // do not depend on how the pixels of an image are split over calls.
  void run(const TapRows& input, PixelRows<std::byte> out) const noexcept;
  // The accumulators.
  void accumulate(const TapRows& input, PixelRows<std::int64_t> out) const noexcept;

 private:
  void pack(const WideLayer& layer);
  template <class Sink>
  void for_each_block(const TapRows& input, const Sink& sink) const noexcept;

  WideDepthwiseKernel kernel_;
  std::int64_t taps_, channels_;
  DType input_type_;
  AlignedVector<std::int32_t> weights_;  // [block][tap][channel]
  std::vector<Segments> segments_;       // [block]
  std::vector<std::int64_t> bias_;       // of the codes as the kernel takes them
  std::optional<WideRequantizeStage> stage_;
};

}  // namespace sluice::exact
