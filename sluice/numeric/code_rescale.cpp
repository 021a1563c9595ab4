// SPDX-License-Identifier: Apache-2.0
#include "sluice/numeric/code_rescale.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "sluice/base/assert.hpp"

namespace sluice::numeric {
namespace {

bool has_signed_codes(const Quantization& quantization) {
  return codes_of(quantization.dtype).lowest != 0;
}

// The codes between two real bounds: z + round(bound/s), halves away from zero.
CodeRange codes_between(const Quantization& y, float low, float high) {
  const CodeRange codes = codes_of(y);
  const auto code = [&](float bound) {
    const auto steps = static_cast<double>(std::round(bound / y.scales[0]));
    return static_cast<std::int64_t>(std::clamp(steps + static_cast<double>(y.zero_points[0]),
                                                static_cast<double>(codes.lowest),
                                                static_cast<double>(codes.highest)));
  };
  return {code(low), code(high)};
}

constexpr double kUnbounded = std::numeric_limits<double>::infinity();

}  // namespace

CodeRescale::CodeRescale(Way way, Arithmetic arithmetic, const Quantization& x,
                         const Quantization& y)
    : way_(way),
      changes_sign_(has_signed_codes(x) != has_signed_codes(y)),
      arithmetic_(arithmetic),
      scale_x_(x.scales[0]),
      scale_y_(y.scales[0]),
      zero_point_x_(x.zero_points[0]),
      zero_point_y_(y.zero_points[0]),
      low_(-kUnbounded),
      high_(kUnbounded),
      bounds_(codes_of(y)) {
  SL_ASSERT(!x.is_per_channel() && !y.is_per_channel(), "one scale for the tensor");
  if (is_shift(arithmetic)) {
    way_ = Way::Float64;
  } else if (is_on_reals(arithmetic)) {
    way_ = Way::Float32;
  }
}

Result<CodeRescale> CodeRescale::make(Arithmetic arithmetic, const Quantization& x,
                                      const Quantization& y) {
  const bool as_xnnpack = arithmetic == Arithmetic::Xnnpack;
  CodeRescale result(as_xnnpack ? Way::AsXnnpack : Way::Requantize, arithmetic, x, y);
  if (is_on_reals(arithmetic)) return result;
  SL_TRY(result.by_, make_requantizer(arithmetic, {result.scale_x_, 1, result.scale_y_},
                                      result.zero_point_y_, result.bounds_));
  return result;
}

Result<CodeRescale> CodeRescale::clamped(Arithmetic arithmetic, const Quantization& x,
                                         const Quantization& y, double low, double high) {
  CodeRescale result(x == y ? Way::Keep : Way::Requantize, arithmetic, x, y);
  result.low_ = low;
  result.high_ = high;
  if (is_on_reals(arithmetic)) return result;
  result.bounds_ = codes_between(y, static_cast<float>(low), static_cast<float>(high));
  if (result.way_ == Way::Keep) return result;
  const Arithmetic as = arithmetic == Arithmetic::Xnnpack ? Arithmetic::TfliteDouble : arithmetic;
  SL_TRY(result.by_, make_requantizer(as, {result.scale_x_ / result.scale_y_, 1, 1},
                                      result.zero_point_y_, result.bounds_));
  return result;
}

std::int64_t CodeRescale::as_xnnpack(std::int64_t centred) const {
  constexpr int kFractionalBits = 8;
  if (!changes_sign_ && by_.factor >= 0x1p-8F && by_.factor <= 0x1p7F) {
    const auto multiplier =
        static_cast<std::int64_t>(std::nearbyint(by_.factor * (1 << kFractionalBits)));
    return shift_right(centred * multiplier, kFractionalBits, Rounding::HalfUp);
  }
  const FixedMultiplier m = by_.multiplier;
  const auto scaled =
      static_cast<std::int32_t>(centred * (std::int64_t{1} << std::max(m.exponent, 0)));
  return shift_right(saturating_rounding_doubling_high_mul(scaled, m.mantissa),
                     std::max(-m.exponent, 0), Rounding::HalfUp);
}

template <class T>
T CodeRescale::real(std::int64_t centred) const {
  T value = static_cast<T>(centred) * static_cast<T>(scale_x_);
  if (value < static_cast<T>(low_)) value = static_cast<T>(low_);
  if (value > static_cast<T>(high_)) value = static_cast<T>(high_);
  return value;
}

std::int64_t CodeRescale::code(std::int64_t x) const {
  const std::int64_t centred = x - zero_point_x_;
  switch (way_) {
    case Way::Keep:
      return std::clamp(x, bounds_.lowest, bounds_.highest);
    case Way::Requantize:
      return requantize(static_cast<std::int32_t>(centred), by_);
    case Way::AsXnnpack:
      return std::clamp(as_xnnpack(centred) + zero_point_y_, bounds_.lowest, bounds_.highest);
    case Way::Float32:
      return quantize(real<float>(centred), scale_y_, zero_point_y_, bounds_, arithmetic_);
    case Way::Float64:
      return quantize_by_shift(real<double>(centred), scale_y_, zero_point_y_, bounds_,
                               arithmetic_);
  }
  return 0;
}

}  // namespace sluice::numeric
