// SPDX-License-Identifier: Apache-2.0
// WideRequantizeStage: the last step of a convolution in 64 bits, from sums of products to codes of
// the output, with the parameters of all channels laid out for vectors.
#pragma once

#include <span>
#include <vector>

#include "sluice/exact/simd/wide_layer.hpp"
#include "sluice/exact/simd/wide_requantize_kernels.hpp"

namespace sluice::exact {

class WideRequantizeStage {
 public:
  // To sums of `channels` channels a bias is added; then no magnitude is 2^60 or more. Where codes
  // have more than 16 bits, or one is less than the unit of the sums, numeric::requantize_wide is
  // called for each: same codes, slower.
  WideRequantizeStage(const WideOutput& output, std::span<const std::int64_t> bias);

  // num_pixels rows of num_channels sums, the first of which is of channel first_channel. A row of
  // acc is readable up to a multiple of the lanes that a vector of the sums' halves has. The stride
  // of `out` is in bytes.
  void run(std::int64_t first_channel, std::int64_t num_channels, std::int64_t num_pixels,
           PixelRows<const std::int64_t> acc, PixelRows<std::byte> out) const noexcept;

  [[nodiscard]] std::int64_t code_bytes() const noexcept { return exact::code_bytes(type_); }

 private:
  void fill(const numeric::Requantizer& by, std::size_t channel);

  DType type_;
  std::vector<numeric::Requantizer> requantizers_;
  WideRequantizeRows rows_ = nullptr;  // null: one by one
  std::vector<std::int64_t> bias_, rounding_, to_even_, shift_;
  std::vector<std::int32_t> zero_point_, lowest_, highest_;
};

}  // namespace sluice::exact
