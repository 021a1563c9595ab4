// SPDX-License-Identifier: Apache-2.0
// The float types without a C++ type of their own: what their codes mean, and the code of a value.
#pragma once

#include <cstdint>

#include "sluice/numeric/dtype.hpp"

namespace sluice::numeric {

// A type laid out as IEEE 754 has it: sign, exponent, mantissa from the top bit down. `infinity`
// and `nan` are the positive codes.
struct FloatFormat {
  int exponent_bits;
  int mantissa_bits;
  int bias;
  std::uint32_t max_finite;
  std::uint32_t infinity;  // kNoCode: the type has none
  std::uint32_t nan;       // kNoCode: the type has none
  bool signed_zero;        // false: the code that would be -0 is the only NaN ("fnuz")
};
inline constexpr std::uint32_t kNoCode = 0xFFFFFFFF;

// The figures of Float16, BFloat16, the four Float8 types with a mantissa, and Float4E2M1.
[[nodiscard]] const FloatFormat& float_format(DType dtype) noexcept;

// How a value between two powers of two becomes one of them (Float8E8M0 only).
enum class PowerRounding : unsigned char { Up, Down, Nearest };  // Nearest: halfway goes up

// The value of a code of one of the types above, or of Float8E8M0 (2^(code − 127)); exact.
[[nodiscard]] float decode_float(DType dtype, std::uint32_t code) noexcept;

// The code of the value nearest to `value`, halves to the even mantissa, for the types above but
// Float8E8M0. Values that round beyond the largest finite one become, in the 16-bit types,
// infinity; in the 8-bit types, the largest finite one with `saturate`, else infinity, or NaN where
// there is none; in Float4E2M1 always the largest. NaN stays NaN; Float4E2M1 has none and gets -0,
// as ONNX has it.
[[nodiscard]] std::uint32_t encode_float(DType dtype, double value, bool saturate = true) noexcept;

// The Float8E8M0 code of `value`. What lies outside [2^−127, 2^127] after rounding, zero included,
// becomes the nearer end with `saturate`, else NaN; NaN and negative values become NaN.
[[nodiscard]] std::uint32_t encode_power(double value, PowerRounding rounding = PowerRounding::Up,
                                         bool saturate = true) noexcept;

}  // namespace sluice::numeric
