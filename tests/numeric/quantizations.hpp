// SPDX-License-Identifier: Apache-2.0
// Quantizations of one scale, and what they mean of one code by way of tensors.
#pragma once

#include <array>
#include <cmath>

#include "sluice/base/rng.hpp"
#include "sluice/numeric/element.hpp"
#include "sluice/numeric/quantization.hpp"

namespace sluice::numeric {

inline constexpr std::array kEveryArithmetic{
    Arithmetic::TfliteDouble,  Arithmetic::TfliteSingle, Arithmetic::TfliteFloat64,
    Arithmetic::Xnnpack,       Arithmetic::OnnxRuntime,  Arithmetic::Onnx,
    Arithmetic::ShiftHalfEven, Arithmetic::ShiftHalfUp,  Arithmetic::ShiftFloor};

inline Quantization int8(float scale, std::int64_t zero_point = 0) {
  return {.dtype = DType::Int8, .scales = {scale}, .zero_points = {zero_point}};
}
inline Quantization uint8(float scale, std::int64_t zero_point = 0) {
  return {.dtype = DType::UInt8, .scales = {scale}, .zero_points = {zero_point}};
}

// Of either signedness; a power of two where the arithmetic shifts.
inline Quantization random_quantization(Arithmetic arithmetic, Rng& rng) {
  const double exponent = rng.real(-4, 4);
  const auto scale =
      static_cast<float>(std::exp2(is_shift(arithmetic) ? std::round(exponent) : exponent));
  return rng.below(2) == 0 ? int8(scale, rng.integer(-128, 127))
                           : uint8(scale, rng.integer(0, 255));
}

// The real value of a code, and the code of a real value, in the type that the arithmetic computes
// in: float32, or float64 where it shifts.
inline double real_of(std::int64_t code, const Quantization& of, Arithmetic arithmetic) {
  const Tensor codes = cast(Tensor::from<std::int64_t>({}, {code}), of.dtype);
  if (is_shift(arithmetic)) return dequantized_to_float64(codes, of).data<double>()[0];
  return static_cast<double>(dequantized(codes, of).data<float>()[0]);
}
inline std::int64_t code_of_real(double real, const Quantization& of, Arithmetic arithmetic) {
  const Tensor reals = is_shift(arithmetic) ? Tensor::from<double>({}, {real})
                                            : Tensor::from<float>({}, {static_cast<float>(real)});
  return to_integers(quantized(reals, of, arithmetic))[0];
}

}  // namespace sluice::numeric
