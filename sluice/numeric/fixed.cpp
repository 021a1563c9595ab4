// SPDX-License-Identifier: Apache-2.0
#include "sluice/numeric/fixed.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace sluice::numeric {
namespace {

// An integral double as an integer that fit_to_bits treats the same: far too large stays far too
// large, and the low bits stay what they are.
std::int64_t as_integer(double integral, Overflow mode) {
  constexpr double kFar = 0x1p61;
  const bool wraps = mode == Overflow::Wrap || mode == Overflow::WrapSignMagnitude;
  if (!wraps) return static_cast<std::int64_t>(std::clamp(integral, -kFar, kFar));
  return std::isinf(integral) ? 0 : static_cast<std::int64_t>(std::fmod(integral, kFar));
}

}  // namespace

std::int64_t fixed_code(float x, const FixedGrid& grid) noexcept {
  const double scaled = std::ldexp(static_cast<double>(x), grid.fraction_bits);
  const double integral = round_to_integer(scaled, grid.rounding);
  return fit_to_bits(as_integer(integral, grid.overflow), grid.bits, grid.is_signed, grid.overflow);
}

float fixed_value(std::int64_t code, const FixedGrid& grid) noexcept {
  return static_cast<float>(std::ldexp(static_cast<double>(code), -grid.fraction_bits));
}

float fixed_snap(float x, const FixedGrid& grid) noexcept {
  if (std::isnan(x)) return std::numeric_limits<float>::quiet_NaN();
  return fixed_value(fixed_code(x, grid), grid);
}

int fraction_bits_for(const Range& range, const FixedGrid& format) noexcept {
  const CodeRange codes = code_range(format.bits, format.is_signed);
  const auto fits = [&](int fraction_bits) {
    const auto code = [&](float x) {
      return round_to_integer(std::ldexp(static_cast<double>(x), fraction_bits), format.rounding);
    };
    const bool low_fits = !format.is_signed || code(range.min) >= static_cast<double>(codes.lowest);
    return low_fits && code(range.max) <= static_cast<double>(codes.highest);
  };
  const bool is_zero = range.max <= 0 && (range.min >= 0 || !format.is_signed);
  int fraction_bits = is_zero ? format.bits : kMaxFractionBits;
  while (fraction_bits > kMinFractionBits && !fits(fraction_bits)) --fraction_bits;
  return fraction_bits;
}

}  // namespace sluice::numeric
