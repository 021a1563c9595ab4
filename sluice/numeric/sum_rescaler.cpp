// SPDX-License-Identifier: Apache-2.0
#include "sluice/numeric/sum_rescaler.hpp"

#include <algorithm>
#include <bit>
#include <cmath>

#include "sluice/base/assert.hpp"

namespace sluice::numeric {
namespace {

// The multiplier of 1/count times what `multiplier` is of: its mantissa is divided after as large a
// shift as fits, and cut, not rounded.
FixedMultiplier divided(FixedMultiplier multiplier, std::int64_t count) {
  const int floor_log2 = 63 - std::countl_zero(static_cast<std::uint64_t>(count));
  const int shift = std::min({floor_log2, 32, 31 + multiplier.exponent});
  const std::int64_t mantissa = (std::int64_t{multiplier.mantissa} << shift) / count;
  return {static_cast<std::int32_t>(mantissa), multiplier.exponent - shift};
}

}  // namespace

std::int64_t mean_of_codes(std::int64_t sum, std::int64_t count) noexcept {
  return (sum > 0 ? sum + count / 2 : sum - count / 2) / count;
}

Result<SumRescaler> SumRescaler::make(Arithmetic arithmetic, const Quantization& x,
                                      const Quantization& y, std::int64_t count,
                                      std::int64_t divisor) {
  SL_ASSERT(!x.is_per_channel() && !y.is_per_channel(), "one scale for the tensor");
  if (is_on_reals(arithmetic) && !is_shift(arithmetic)) {
    return Error{ErrorCode::Unsupported,
                 "adds numbers that are each rounded to float32; their sum depends on more than "
                 "the sum of their codes"};
  }
  SumRescaler result;
  result.arithmetic_ = arithmetic;
  result.offset_ = x.zero_points[0] * count;
  result.zero_point_ = y.zero_points[0];
  result.codes_ = codes_of(y);
  result.scale_x_ = x.scales[0];
  result.scale_y_ = y.scales[0];
  result.divisor_ = divisor;
  if (is_shift(arithmetic)) return result;
  if (divisor == 0) return Error{ErrorCode::Unsupported, "is the mean of nothing"};
  result.multiplier_ =
      divided(fixed_multiplier(static_cast<double>(x.scales[0]) / static_cast<double>(y.scales[0])),
              divisor);
  result.factor_ = x.scales[0] / y.scales[0] * (1.0F / static_cast<float>(divisor));
  result.bias_ =
      static_cast<float>(result.zero_point_) - static_cast<float>(result.offset_) * result.factor_;
  return result;
}

std::int64_t SumRescaler::code(std::int64_t sum) const {
  if (is_shift(arithmetic_)) {
    // Exact but for the division.
    const double real = static_cast<double>(sum - offset_) * static_cast<double>(scale_x_);
    return quantize_by_shift(real / static_cast<double>(divisor_), scale_y_, zero_point_, codes_,
                             arithmetic_);
  }
  if (arithmetic_ == Arithmetic::Xnnpack) {
    const float code = std::nearbyint(static_cast<float>(sum) * factor_ + bias_);
    return std::clamp(static_cast<std::int64_t>(code), codes_.lowest, codes_.highest);
  }
  const auto centred = static_cast<std::int32_t>(sum - offset_);
  const std::int64_t code = multiply(arithmetic_, centred, multiplier_);
  return std::clamp(code + zero_point_, codes_.lowest, codes_.highest);
}

}  // namespace sluice::numeric
