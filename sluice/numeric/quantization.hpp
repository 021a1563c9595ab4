// SPDX-License-Identifier: Apache-2.0
// Quantization: how a tensor's integers stand for real numbers.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "sluice/base/result.hpp"
#include "sluice/numeric/dtype.hpp"
#include "sluice/numeric/requantize.hpp"
#include "sluice/numeric/rounding.hpp"
#include "sluice/numeric/tensor.hpp"

namespace sluice::numeric {

// real = scale·(code − zero_point); one scale and zero point for the tensor, or one for each slice
// along `axis`.
struct Quantization {
  DType dtype = DType::Int8;  // of the codes
  std::vector<float> scales{1};
  std::vector<std::int64_t> zero_points{0};
  std::int64_t axis = 0;
  std::optional<int> bits;  // of the codes, where these are narrower than their type

  [[nodiscard]] bool is_per_channel() const { return scales.size() > 1; }
  friend bool operator==(const Quantization&, const Quantization&) = default;
};

// All codes of an integer type of at most 32 bits.
[[nodiscard]] CodeRange codes_of(DType dtype) noexcept;
// All codes of its type, or of its bits: signed as the type is.
[[nodiscard]] CodeRange codes_of(const Quantization& quantization) noexcept;

// InvalidArgument unless the codes are integers of at most 32 bits, `bits` are at least 1 and fewer
// than the type's, there are as many zero points as scales, one or as many as `shape` has entries
// along the axis, each scale is positive and finite, and each zero point is a code.
[[nodiscard]] Status check_quantization(const Quantization& quantization,
                                        std::span<const std::int64_t> shape);

// InvalidArgument unless each code fits in the quantization's bits, where it has fewer than its
// type.
[[nodiscard]] Status check_codes(const Tensor& codes, const Quantization& quantization);

// What the codes stand for: scale·float(code − zero_point) in float32, which rounds codes of more
// than 24 bits. The codes are of the quantization's type, which fits their shape.
[[nodiscard]] Tensor dequantized(const Tensor& codes, const Quantization& quantization);
// The same in float64, exact where the scales are powers of two.
[[nodiscard]] Tensor dequantized_to_float64(const Tensor& codes, const Quantization& quantization);

// The code of a real number; what is beyond the type's codes becomes the nearest one:
//   TFLite's: zero_point + round(real/scale), halves away from zero; quotients of 2^31 and beyond,
//     infinities and NaN become the lowest code;
//   Xnnpack: zero_point + round(real·(1/scale)), halves to even; NaN becomes the highest code;
//   shifts: zero_point + round(real/scale) as the arithmetic rounds; NaN becomes the zero point;
//   the others: zero_point + round(real/scale), halves to even; NaN becomes the zero point;
// each operation in float32, in float64 for shifts.
[[nodiscard]] std::int64_t quantize(float real, float scale, std::int64_t zero_point,
                                    CodeRange codes, Arithmetic arithmetic) noexcept;
// The same of a number in float64, in a shift arithmetic.
[[nodiscard]] std::int64_t quantize_by_shift(double real, float scale, std::int64_t zero_point,
                                             CodeRange codes, Arithmetic arithmetic) noexcept;
// Each element of a float32 tensor, or, in a shift arithmetic, of a float64 one; the quantization
// fits its shape.
[[nodiscard]] Tensor quantized(const Tensor& reals, const Quantization& quantization,
                               Arithmetic arithmetic);

}  // namespace sluice::numeric
