// SPDX-License-Identifier: Apache-2.0
#include "sluice/numeric/float_formats.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>

#include "sluice/base/assert.hpp"

namespace sluice::numeric {
namespace {

constexpr FloatFormat kFloat16{5, 10, 15, 0x7BFF, 0x7C00, 0x7E00, true};
constexpr FloatFormat kBFloat16{8, 7, 127, 0x7F7F, 0x7F80, 0x7FC0, true};
constexpr FloatFormat kFloat8E4M3Fn{4, 3, 7, 0x7E, kNoCode, 0x7F, true};
constexpr FloatFormat kFloat8E4M3Fnuz{4, 3, 8, 0x7F, kNoCode, 0x80, false};
constexpr FloatFormat kFloat8E5M2{5, 2, 15, 0x7B, 0x7C, 0x7E, true};
constexpr FloatFormat kFloat8E5M2Fnuz{5, 2, 16, 0x7F, kNoCode, 0x80, false};
constexpr FloatFormat kFloat4E2M1{2, 1, 1, 0x7, kNoCode, kNoCode, true};

constexpr int kDoubleMantissaBits = 52;
constexpr int kDoubleBias = 1023;
constexpr std::uint32_t kPowerBias = 127;
constexpr std::uint32_t kMaxPower = 0xFE;
constexpr std::uint32_t kPowerNan = 0xFF;

std::uint32_t sign_bit(const FloatFormat& format) {
  return std::uint32_t{1} << (format.exponent_bits + format.mantissa_bits);
}

// `significand` without its last `shift` bits, rounded to nearest, halves to even.
std::uint64_t shift_right_rounded(std::uint64_t significand, int shift) {
  const std::uint64_t kept = significand >> shift;
  const std::uint64_t dropped = significand - (kept << shift);
  const std::uint64_t half = std::uint64_t{1} << (shift - 1);
  return kept + (dropped > half || (dropped == half && kept % 2 == 1) ? 1 : 0);
}

// The code of a finite positive magnitude, exponents unlimited above: it may exceed max_finite.
std::uint64_t unlimited_code(const FloatFormat& format, double magnitude) {
  const auto bits = std::bit_cast<std::uint64_t>(magnitude);
  const int exponent_field = static_cast<int>(bits >> kDoubleMantissaBits);
  if (exponent_field == 0) return 0;  // zero, or far below half the smallest code of any type
  const std::uint64_t hidden = std::uint64_t{1} << kDoubleMantissaBits;
  const std::uint64_t significand = (bits & (hidden - 1)) | hidden;
  const int least = 1 - format.bias;
  const int exponent = exponent_field - kDoubleBias;
  const int below = std::max(0, least - exponent);
  const int shift = kDoubleMantissaBits - format.mantissa_bits + below;
  if (shift > kDoubleMantissaBits + 1) return 0;  // less than half the smallest code
  // The hidden bit counts one step of the exponent field; a carry out of the mantissa another.
  const auto steps = static_cast<std::uint64_t>(std::max(exponent, least) - least);
  return (steps << format.mantissa_bits) + shift_right_rounded(significand, shift);
}

float decode_power(std::uint32_t code) {
  if (code == kPowerNan) return std::numeric_limits<float>::quiet_NaN();
  return std::ldexp(1.0F, static_cast<int>(code) - static_cast<int>(kPowerBias));
}

}  // namespace

const FloatFormat& float_format(DType dtype) noexcept {
  switch (dtype) {
    case DType::Float16:
      return kFloat16;
    case DType::BFloat16:
      return kBFloat16;
    case DType::Float8E4M3Fn:
      return kFloat8E4M3Fn;
    case DType::Float8E4M3Fnuz:
      return kFloat8E4M3Fnuz;
    case DType::Float8E5M2:
      return kFloat8E5M2;
    case DType::Float8E5M2Fnuz:
      return kFloat8E5M2Fnuz;
    case DType::Float4E2M1:
      return kFloat4E2M1;
    default:
      SL_ASSERT(false, "not a float type with a code table");
      return kFloat16;
  }
}

float decode_float(DType dtype, std::uint32_t code) noexcept {
  if (dtype == DType::Float8E8M0) return decode_power(code);
  const FloatFormat& format = float_format(dtype);
  const std::uint32_t sign = sign_bit(format);
  const std::uint32_t magnitude = code & (sign - 1);
  const bool negative = (code & sign) != 0;
  if (magnitude > format.max_finite || (!format.signed_zero && code == format.nan)) {
    const float special = magnitude == format.infinity ? std::numeric_limits<float>::infinity()
                                                       : std::numeric_limits<float>::quiet_NaN();
    return negative ? -special : special;
  }
  const std::uint32_t hidden = std::uint32_t{1} << format.mantissa_bits;
  const std::uint32_t field = magnitude >> format.mantissa_bits;
  const std::uint32_t mantissa = (magnitude & (hidden - 1)) | (field > 0 ? hidden : 0);
  const int exponent = static_cast<int>(std::max(field, std::uint32_t{1})) - format.bias;
  const float value = std::ldexp(static_cast<float>(mantissa), exponent - format.mantissa_bits);
  return negative ? -value : value;
}

std::uint32_t encode_float(DType dtype, double value, bool saturate) noexcept {
  const FloatFormat& format = float_format(dtype);
  const std::uint32_t sign = std::signbit(value) ? sign_bit(format) : 0;
  if (std::isnan(value)) {
    if (format.nan == kNoCode) return sign_bit(format);
    return format.signed_zero ? format.nan | sign : format.nan;
  }
  const std::uint64_t code = std::isinf(value) ? std::uint64_t{format.max_finite} + 1
                                               : unlimited_code(format, std::fabs(value));
  if (code > format.max_finite) {
    const bool clamp = dtype == DType::Float4E2M1 || (saturate && num_bits(dtype) == 8);
    if (clamp) return format.max_finite | sign;
    if (format.infinity != kNoCode) return format.infinity | sign;
    return format.signed_zero ? format.nan | sign : format.nan;
  }
  if (code == 0 && !format.signed_zero) return 0;
  return static_cast<std::uint32_t>(code) | sign;
}

std::uint32_t encode_power(double value, PowerRounding rounding, bool saturate) noexcept {
  if (std::isnan(value) || value < 0) return kPowerNan;
  if (std::isinf(value)) return saturate ? kMaxPower : kPowerNan;
  int exponent = 0;
  const double fraction = std::frexp(value, &exponent) * 2;  // value = fraction·2^(exponent − 1)
  const bool up = (rounding == PowerRounding::Up && fraction > 1) ||
                  (rounding == PowerRounding::Nearest && fraction >= 1.5);
  const int code = exponent - 1 + static_cast<int>(kPowerBias) + (up ? 1 : 0);
  const bool fits = value > 0 && code >= 0 && code <= static_cast<int>(kMaxPower);
  if (fits) return static_cast<std::uint32_t>(code);
  if (!saturate) return kPowerNan;
  return value == 0 || code < 0 ? 0 : kMaxPower;
}

}  // namespace sluice::numeric
