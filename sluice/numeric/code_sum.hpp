// SPDX-License-Identifier: Apache-2.0
// The sum of two codes: what Add and Sub mean on quantized values, in every arithmetic.
#pragma once

#include <array>
#include <optional>

#include "sluice/numeric/quantization.hpp"

namespace sluice::numeric {

class CodeSum {
 public:
  // a + sign·b, of quantizations with one scale for the tensor. With real values
  // r = scale·(code − zero_point):
  //   TFLite's: in units of 2·max(s_a, s_b)/2^20, each input rounded to it, requantize() of their
  //     sum;
  //   Xnnpack: requantize((a − z_a)·m_a + (b − z_b)·m_b), m_i = round(s_i/s_y·2^shift) with the
  //     shift that gives the larger 21 bits, halves up; TFLite's where XNNPACK takes no such
  //     scales;
  //   OnnxRuntime, an Add of three tensors of 8-bit codes: FusedFactors;
  //   Onnx and what else ONNX Runtime has: quantize(r_a + sign·r_b), in float32;
  //   shifts: quantize_by_shift(r_a + sign·r_b), in float64: rounded once.
  // Unsupported where scales are too far apart, in the arithmetics that have integers for them.
  static Result<CodeSum> make(Arithmetic arithmetic, const Quantization& a, const Quantization& b,
                              const Quantization& y, int sign);

  // The code of the sum.
  [[nodiscard]] std::int64_t code(std::int64_t a, std::int64_t b) const;

  // Of TFLite's and Xnnpack: what a code of input 0 or 1 adds; the code of the output is that of
  // the sum of both by output(). |term| < 2^30.
  [[nodiscard]] std::int32_t term(std::size_t input, std::int64_t code) const;
  [[nodiscard]] const Requantizer& output() const { return output_; }

  // Where the sum is floor((a·factor_a + b·factor_b + offset)/2^shift), less the zero point of the
  // output and before its bounds.
  struct Factors {
    std::int32_t a, b, offset;
    int shift;
  };
  [[nodiscard]] std::optional<Factors> factors() const;

  // ONNX Runtime's QLinearAdd: round(fma(a, factor_a, fma(b, factor_b, fixed))), halves to even,
  // with the factors s/s_y and fixed = z_y − fma(factor_a, z_a, factor_b·z_b), all in float32.
  struct FusedFactors {
    float a, b, fixed;
  };
  [[nodiscard]] const std::optional<FusedFactors>& fused_factors() const { return fused_; }

 private:
  struct Term {
    float scale = 1;
    std::int64_t zero_point = 0;
    std::int32_t sign = 1;
    int left_shift = 0;  // TFLite: multiply(centred·2^left_shift, multiplier)
    FixedMultiplier multiplier;
    std::int32_t factor = 0;  // XNNPACK: centred·factor
  };

  void set_integers(float scale_y);
  void set_fused(float scale_y);
  template <class T>
  [[nodiscard]] T real_sum(std::int64_t a, std::int64_t b) const;

  bool as_xnnpack_ = false;
  Arithmetic arithmetic_ = Arithmetic::TfliteDouble;
  std::array<Term, 2> terms_;
  float scale_ = 1;  // of the output
  Requantizer output_;
  std::optional<FusedFactors> fused_;
};

// Whether ONNX Runtime has a kernel of its own for the sum or the product of such codes.
[[nodiscard]] bool has_fused_kernel(Arithmetic arithmetic, const Quantization& a,
                                    const Quantization& b, const Quantization& y) noexcept;

}  // namespace sluice::numeric
