// SPDX-License-Identifier: Apache-2.0
#include "sluice/exact/simd/requantize_stage.hpp"

#include <algorithm>
#include <limits>

#include "sluice/base/assert.hpp"

namespace sluice::exact {
namespace {

using numeric::Arithmetic;
using numeric::Requantizer;

bool is_integer(Arithmetic arithmetic) {
  return arithmetic == Arithmetic::TfliteDouble || arithmetic == Arithmetic::TfliteSingle;
}

bool have_room(const std::vector<Requantizer>& requantizers, std::int64_t largest_accumulator) {
  const bool is_shift = numeric::is_shift(requantizers.front().arithmetic);
  const auto below_one = [&](const Requantizer& by) {
    return is_shift ? by.shift >= 0 : by.multiplier.exponent <= 0;
  };
  if (!is_shift && !is_integer(requantizers.front().arithmetic)) return true;
  return largest_accumulator < 1 << 30 && std::ranges::all_of(requantizers, below_one);
}

// Of channel m of so many.
std::size_t slot_of(std::size_t m, std::size_t channels, bool is_interleaved) {
  if (!is_interleaved) return m;
  const std::size_t c = m % kInterleavedChannels;
  const std::size_t block = std::min<std::size_t>(channels - (m - c), kInterleavedChannels);
  return m - c +
         static_cast<std::size_t>(
             block_slot(static_cast<std::int64_t>(c), static_cast<std::int64_t>(block)));
}

}  // namespace

RequantizeStage::RequantizeStage(const ConvOutput& output, std::int64_t channels,
                                 std::int64_t largest_accumulator, bool is_interleaved)
    : type_(output.type),
      is_interleaved_(is_interleaved),
      requantizers_(output.requantizers.begin(), output.requantizers.end()) {
  const auto num_channels = static_cast<std::size_t>(channels);
  SL_ASSERT(requantizers_.size() == 1 || requantizers_.size() == num_channels,
            "one requantizer, or one a channel");
  if (requantizers_.size() == 1) requantizers_.resize(num_channels, requantizers_.front());
  const Requantizer& first = requantizers_.front();
  const numeric::CodeRange codes = numeric::code_range(8, type_ == DType::Int8);
  SL_ASSERT(first.codes.lowest >= codes.lowest && first.codes.highest <= codes.highest &&
                std::abs(first.zero_point) < 1 << 14,
            "codes of 8 bits");
  for (const Requantizer& by : requantizers_) {
    SL_ASSERT(by.arithmetic == first.arithmetic && by.zero_point == first.zero_point &&
                  by.codes.lowest == first.codes.lowest && by.codes.highest == first.codes.highest,
              "one arithmetic, zero point and range of codes in a layer");
  }
  if (!have_room(requantizers_, largest_accumulator)) return;
  rows_ = requantize_kernels().of(first.arithmetic);
  if (is_interleaved_) {
    const RequantizeKernels* kernels = interleaved_requantize_kernels();
    SL_ASSERT(kernels != nullptr, "kernels for rows that other kernels interleave");
    interleaved_rows_ = kernels->of(first.arithmetic);
  }
  const std::size_t padded = num_channels + kMaxLanes;
  for (auto* values :
       {&mantissa_, &first_rounding_, &rounding_, &negative_below_, &to_even_, &shift_}) {
    values->resize(padded);
  }
  factor_.resize(padded);
  for (std::size_t m = 0; m < num_channels; ++m)
    fill(requantizers_[m], slot_of(m, num_channels, is_interleaved_));
}

void RequantizeStage::fill(const Requantizer& by, std::size_t slot) {
  factor_[slot] = by.factor;
  if (numeric::is_shift(by.arithmetic)) return fill_shift(by, slot);
  if (!is_integer(by.arithmetic)) return;
  const bool rounds_twice = by.arithmetic == Arithmetic::TfliteDouble;
  const int shift = -by.multiplier.exponent;
  mantissa_[slot] = by.multiplier.mantissa;
  shift_[slot] = shift;
  rounding_[slot] = shift > 0 ? 1 << (shift - 1) : 0;
  negative_below_[slot] =
      rounds_twice && shift > 0 ? rounding_[slot] : std::numeric_limits<std::int32_t>::min();
  first_rounding_[slot] = rounds_twice || shift == 0 ? 1 << 30 : 0;
}

// Shifts beyond 31 cut the same: all of an accumulator.
void RequantizeStage::fill_shift(const Requantizer& by, std::size_t slot) {
  const int shift = std::min(by.shift, 31);
  const numeric::Rounding mode = numeric::shift_rounding(by.arithmetic);
  shift_[slot] = shift;
  if (shift == 0 || mode == numeric::Rounding::Floor) return;
  to_even_[slot] = mode == numeric::Rounding::HalfToEven ? 1 : 0;
  rounding_[slot] = (1 << (shift - 1)) - to_even_[slot];
}

LaneParams RequantizeStage::params_from(std::int64_t channel) const noexcept {
  const Requantizer& by = requantizers_.front();
  return {.mantissa = mantissa_.data() + channel,
          .first_rounding = first_rounding_.data() + channel,
          .rounding = rounding_.data() + channel,
          .negative_below = negative_below_.data() + channel,
          .to_even = to_even_.data() + channel,
          .shift = shift_.data() + channel,
          .factor = factor_.data() + channel,
          .zero_point = static_cast<std::int32_t>(by.zero_point),
          .lowest = static_cast<std::int32_t>(by.codes.lowest),
          .highest = static_cast<std::int32_t>(by.codes.highest),
          .is_signed = type_ == DType::Int8};
}

void RequantizeStage::run(std::int64_t first_channel, std::int64_t num_channels,
                          std::int64_t num_pixels, PixelRows<const std::int32_t> acc,
                          PixelRows<std::byte> out) const noexcept {
  if (rows_ != nullptr) {
    const bool is_interleaved = is_interleaved_ && num_channels > kPlainChannels;
    const RequantizeRows rows = is_interleaved ? interleaved_rows_ : rows_;
    rows(params_from(first_channel), num_pixels, num_channels, acc, out);
    return;
  }
  for (std::int64_t p = 0; p < num_pixels; ++p) {
    for (std::int64_t c = 0; c < num_channels; ++c) {
      const auto& by = requantizers_[static_cast<std::size_t>(first_channel + c)];
      const std::int64_t slot = is_interleaved_ ? block_slot(c, num_channels) : c;
      out.data[p * out.stride + c] =
          static_cast<std::byte>(numeric::requantize(acc.data[p * acc.stride + slot], by));
    }
  }
}

}  // namespace sluice::exact
