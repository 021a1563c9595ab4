// SPDX-License-Identifier: Apache-2.0
#include "sluice/exact/reference/sum_rescaler.hpp"

#include <algorithm>
#include <bit>
#include <cmath>

namespace sluice::exact::reference {
namespace {

using numeric::Arithmetic;
using numeric::FixedMultiplier;

// The multiplier of 1/count times what `multiplier` is of: its mantissa is divided after as large a
// shift as fits, and cut, not rounded.
FixedMultiplier divided(FixedMultiplier multiplier, std::int64_t count) {
  const int floor_log2 = 63 - std::countl_zero(static_cast<std::uint64_t>(count));
  const int shift = std::min({floor_log2, 32, 31 + multiplier.exponent});
  const std::int64_t mantissa = (std::int64_t{multiplier.mantissa} << shift) / count;
  return {static_cast<std::int32_t>(mantissa), multiplier.exponent - shift};
}

}  // namespace

Result<SumRescaler> SumRescaler::make(const NodeView& node, std::int64_t count, bool is_mean) {
  if (count == 0 && is_mean) return Error{ErrorCode::Unsupported, "is the mean of nothing"};
  SL_TRY(const Affine x, node.in_affine(0));
  SL_TRY(const Affine y, node.out_affine());
  const std::int64_t divisor = is_mean ? count : 1;
  SumRescaler result;
  result.arithmetic_ = node.arithmetic();
  result.offset_ = x.zero_point * count;
  result.zero_point_ = y.zero_point;
  result.codes_ = node.out_codes();
  result.multiplier_ = divided(
      numeric::fixed_multiplier(static_cast<double>(x.scale) / static_cast<double>(y.scale)),
      divisor);
  result.factor_ = x.scale / y.scale * (1.0F / static_cast<float>(divisor));
  result.bias_ =
      static_cast<float>(y.zero_point) - static_cast<float>(result.offset_) * result.factor_;
  return result;
}

std::int64_t SumRescaler::code(std::int64_t sum) const {
  if (arithmetic_ == Arithmetic::Xnnpack) {
    const float code = std::nearbyint(static_cast<float>(sum) * factor_ + bias_);
    return std::clamp(static_cast<std::int64_t>(code), codes_.lowest, codes_.highest);
  }
  const auto centred = static_cast<std::int32_t>(sum - offset_);
  const std::int64_t code = numeric::multiply(arithmetic_, centred, multiplier_);
  return std::clamp(code + zero_point_, codes_.lowest, codes_.highest);
}

}  // namespace sluice::exact::reference
