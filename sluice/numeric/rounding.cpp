// SPDX-License-Identifier: Apache-2.0
#include "sluice/numeric/rounding.hpp"

#include <algorithm>
#include <cmath>

#include "sluice/base/assert.hpp"

namespace sluice::numeric {
namespace {

// Whether a value rounds away from zero. `fraction` is the part after truncation, in (0, 1).
bool rounds_away(double fraction, bool is_negative, bool is_odd, Rounding mode) {
  switch (mode) {
    case Rounding::Floor:
      return is_negative;
    case Rounding::TowardZero:
      return false;
    case Rounding::HalfUp:
      return is_negative ? fraction > 0.5 : fraction >= 0.5;
    case Rounding::HalfTowardZero:
      return fraction > 0.5;
    case Rounding::HalfAwayFromZero:
      return fraction >= 0.5;
    case Rounding::HalfDown:
      return is_negative ? fraction >= 0.5 : fraction > 0.5;
    case Rounding::HalfToEven:
      return fraction > 0.5 || (fraction == 0.5 && is_odd);
  }
  return false;
}

// value mod 2^bits, as the hardware's low bits read it.
std::int64_t low_bits(std::int64_t value, int bits, bool is_signed) {
  const std::uint64_t mask = (std::uint64_t{1} << bits) - 1;
  const std::uint64_t code = static_cast<std::uint64_t>(value) & mask;
  const bool is_negative = is_signed && (code >> (bits - 1)) != 0;
  return static_cast<std::int64_t>(is_negative ? code | ~mask : code);
}

}  // namespace

double round_to_integer(double value, Rounding mode) noexcept {
  const double truncated = std::trunc(value);
  const double fraction = std::abs(value - truncated);  // exact
  if (!(fraction > 0)) return truncated;
  const bool is_odd = std::fmod(truncated, 2.0) != 0;
  if (!rounds_away(fraction, value < 0, is_odd, mode)) return truncated;
  return truncated + std::copysign(1.0, value);
}

std::int64_t shift_right(std::int64_t value, int shift, Rounding mode) noexcept {
  SL_DASSERT(shift >= 0, "shift to the right");
  if (shift == 0) return value;
  const std::int64_t floor = value >> std::min(shift, 63);
  const bool s = value < 0;
  const bool l = (floor & 1) != 0;
  const bool h = ((value >> std::min(shift - 1, 63)) & 1) != 0;
  const std::uint64_t below =
      shift > 64 ? ~std::uint64_t{0} : (std::uint64_t{1} << (shift - 1)) - 1;
  const bool r = (static_cast<std::uint64_t>(value) & below) != 0;
  switch (mode) {
    case Rounding::Floor:
      return floor;
    case Rounding::TowardZero:
      return floor + (s && (h || r));
    case Rounding::HalfUp:
      return floor + h;
    case Rounding::HalfTowardZero:
      return floor + (h && (s || r));
    case Rounding::HalfAwayFromZero:
      return floor + (h && (!s || r));
    case Rounding::HalfDown:
      return floor + (h && r);
    case Rounding::HalfToEven:
      return floor + (h && (l || r));
  }
  return floor;
}

CodeRange code_range(int bits, bool is_signed) noexcept {
  SL_DASSERT(bits >= 1 && bits <= 62, "code width");
  if (!is_signed) return {0, (std::int64_t{1} << bits) - 1};
  const std::int64_t half = std::int64_t{1} << (bits - 1);
  return {-half, half - 1};
}

std::int64_t fit_to_bits(std::int64_t value, int bits, bool is_signed, Overflow mode) noexcept {
  const CodeRange range = code_range(bits, is_signed);
  const bool fits = value >= range.lowest && value <= range.highest;
  switch (mode) {
    case Overflow::Wrap:
      return low_bits(value, bits, is_signed);
    case Overflow::Saturate:
      return std::clamp(value, range.lowest, range.highest);
    case Overflow::SaturateSymmetric:
      return std::clamp(value, is_signed ? -range.highest : 0, range.highest);
    case Overflow::SaturateToZero:
      return fits ? value : 0;
    case Overflow::WrapSignMagnitude: {
      SL_DASSERT(is_signed, "sign-magnitude wrap of an unsigned code");
      // One bit more is kept; it becomes the sign, and where it differs from the highest code bit
      // all bits are inverted: −1 − x.
      const std::int64_t wide = low_bits(value, bits + 1, true);
      const std::int64_t narrow = low_bits(value, bits, true);
      return (wide < 0) == (narrow < 0) ? narrow : -1 - narrow;
    }
  }
  return value;
}

}  // namespace sluice::numeric
