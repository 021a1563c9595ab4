// SPDX-License-Identifier: Apache-2.0
#include "sluice/exact/simd/wide_requantize_stage.hpp"

#include <algorithm>
#include <cstring>

#include "sluice/base/assert.hpp"

namespace sluice::exact {
namespace {

using numeric::Requantizer;
using numeric::Rounding;

// Shifts beyond it cut the same: all of a sum.
constexpr int kMaxShift = 61;

WideRequantizeRows rows_of(DType type) {
  const WideRequantizeKernels& kernels = wide_requantize_kernels();
  if (type == DType::Int8) return kernels.to_int8;
  if (type == DType::UInt8) return kernels.to_uint8;
  if (type == DType::Int16) return kernels.to_int16;
  return type == DType::UInt16 ? kernels.to_uint16 : nullptr;
}

void store(std::int64_t code, std::int64_t bytes, std::byte* to) {
  // Little-endian machines: the low bytes are the first.
  std::memcpy(to, &code, static_cast<std::size_t>(bytes));
}

}  // namespace

WideRequantizeStage::WideRequantizeStage(const WideOutput& output,
                                         std::span<const std::int64_t> bias)
    : type_(output.type),
      requantizers_(output.requantizers.begin(), output.requantizers.end()),
      bias_(bias.begin(), bias.end()) {
  const std::size_t num_channels = bias.size();
  SL_ASSERT(requantizers_.size() == 1 || requantizers_.size() == num_channels,
            "one requantizer, or one a channel");
  if (requantizers_.size() == 1) requantizers_.resize(num_channels, requantizers_.front());
  for (const Requantizer& by : requantizers_) {
    SL_ASSERT(numeric::is_shift(by.arithmetic), "requantizers that shift");
  }
  const auto goes_right = [](const Requantizer& by) { return by.shift >= 0; };
  if (!std::ranges::all_of(requantizers_, goes_right)) return;
  rows_ = rows_of(type_);
  const std::size_t padded = num_channels + kMaxLanes;
  for (auto* values : {&bias_, &rounding_, &to_even_, &shift_}) values->resize(padded);
  for (auto* values : {&zero_point_, &lowest_, &highest_}) values->resize(padded);
  for (std::size_t m = 0; m < num_channels; ++m) fill(requantizers_[m], m);
}

void WideRequantizeStage::fill(const Requantizer& by, std::size_t channel) {
  const int shift = std::min(by.shift, kMaxShift);
  const Rounding mode = numeric::shift_rounding(by.arithmetic);
  shift_[channel] = shift;
  zero_point_[channel] = static_cast<std::int32_t>(by.zero_point);
  lowest_[channel] = static_cast<std::int32_t>(by.codes.lowest);
  highest_[channel] = static_cast<std::int32_t>(by.codes.highest);
  if (shift == 0 || mode == Rounding::Floor) return;
  to_even_[channel] = mode == Rounding::HalfToEven ? 1 : 0;
  rounding_[channel] = (std::int64_t{1} << (shift - 1)) - to_even_[channel];
}

void WideRequantizeStage::run(std::int64_t first_channel, std::int64_t num_channels,
                              std::int64_t num_pixels, PixelRows<const std::int64_t> acc,
                              PixelRows<std::byte> out) const noexcept {
  if (rows_ != nullptr) {
    const WideLaneParams params{.bias = bias_.data() + first_channel,
                                .rounding = rounding_.data() + first_channel,
                                .to_even = to_even_.data() + first_channel,
                                .shift = shift_.data() + first_channel,
                                .zero_point = zero_point_.data() + first_channel,
                                .lowest = lowest_.data() + first_channel,
                                .highest = highest_.data() + first_channel};
    rows_(params, num_pixels, num_channels, acc, out);
    return;
  }
  const std::int64_t bytes = code_bytes();
  for (std::int64_t p = 0; p < num_pixels; ++p) {
    for (std::int64_t c = 0; c < num_channels; ++c) {
      const auto channel = static_cast<std::size_t>(first_channel + c);
      const std::int64_t sum = acc.data[p * acc.stride + c] + bias_[channel];
      store(numeric::requantize_wide(sum, requantizers_[channel]), bytes,
            out.data + p * out.stride + c * bytes);
    }
  }
}

}  // namespace sluice::exact
