// SPDX-License-Identifier: Apache-2.0
// One code at another quantization, and between two bounds: what Identity, Relu and Clip mean on
// quantized values, in every arithmetic.
#pragma once

#include "sluice/numeric/quantization.hpp"

namespace sluice::numeric {

class CodeRescale {
 public:
  // The same real value at y's scale and zero point. Both have one scale for the tensor.
  //   TFLite's: requantize(x − z_x) with the factor s_x/s_y;
  //   Xnnpack: within one signedness and for factors from 2^-8 to 2^7, the factor as a multiple of
  //     2^-8, halves up; else its users fall back to TFLite's optimised kernel: the high product
  //     to nearest, then a shift, halves up both;
  //   Onnx's: quantize(s_x·(x − z_x)), in float32;
  //   shifts: quantize_by_shift(s_x·(x − z_x)), in float64.
  // InvalidArgument where the factor has no room.
  static Result<CodeRescale> make(Arithmetic arithmetic, const Quantization& x,
                                  const Quantization& y);

  // min(max(x, low), high) of the real values; each bound may be infinite.
  //   TFLite's and Xnnpack: the code between z_y + round(bound/s_y), halves away from zero; where
  //     the quantizations differ, first the code's requantize() with the factor s_x/s_y in float32,
  //     for which XNNPACK's users fall back to TFLite;
  //   the others: as above, of the real value between the bounds.
  static Result<CodeRescale> clamped(Arithmetic arithmetic, const Quantization& x,
                                     const Quantization& y, double low, double high);

  // The code of y for a code of x.
  [[nodiscard]] std::int64_t code(std::int64_t x) const;

 private:
  // How the code of x becomes that of y.
  enum class Way : unsigned char { Keep, Requantize, AsXnnpack, Float32, Float64 };

  CodeRescale(Way way, Arithmetic arithmetic, const Quantization& x, const Quantization& y);
  [[nodiscard]] std::int64_t as_xnnpack(std::int64_t centred) const;
  template <class T>
  [[nodiscard]] T real(std::int64_t centred) const;

  Way way_;
  bool changes_sign_;
  Arithmetic arithmetic_;
  float scale_x_, scale_y_;
  std::int64_t zero_point_x_, zero_point_y_;
  double low_, high_;  // of real values
  CodeRange bounds_;
  Requantizer by_;
};

}  // namespace sluice::numeric
