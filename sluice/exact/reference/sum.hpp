// SPDX-License-Identifier: Apache-2.0
// The sum of two quantized tensors: each input is brought to a common unit, in 32 bits, and what
// they add up to is requantized.
#pragma once

#include <array>
#include <optional>

#include "sluice/exact/reference/node.hpp"

namespace sluice::exact::reference {

class Sum {
 public:
  // Of an Add, or of a Sub with `sign` −1. TFLite: in units of 2·max(s_a, s_b)/2^20, each input
  // rounded to it. XNNPACK: inputs times integers of 21 bits, the sum shifted back, halves up.
  // Unsupported where a quantization is missing or scales are too far apart.
  static Result<Sum> make(const NodeView& node, int sign);

  // What a code of input 0 or 1 adds; the code of the output is that of the sum of both by
  // output(). |term| < 2^30.
  [[nodiscard]] std::int32_t term(std::size_t input, std::int64_t code) const;
  [[nodiscard]] const numeric::Requantizer& output() const { return output_; }

  // Where the sum is floor((a·factor_a + b·factor_b + offset)/2^shift), less the zero point of the
  // output and before its bounds.
  struct Factors {
    std::int32_t a, b, offset;
    int shift;
  };
  [[nodiscard]] std::optional<Factors> factors() const;

 private:
  struct Term {
    std::int32_t zero_point = 0;
    std::int32_t sign = 1;
    int left_shift = 0;  // TFLite: multiply(centred·2^left_shift, multiplier)
    numeric::FixedMultiplier multiplier;
    std::int32_t factor = 0;  // XNNPACK: centred·factor
  };

  bool as_xnnpack_ = false;
  numeric::Arithmetic arithmetic_ = numeric::Arithmetic::TfliteDouble;
  std::array<Term, 2> terms_;
  numeric::Requantizer output_;
};

// ONNX Runtime's QLinearAdd: round(fma(a, factor_a, fma(b, factor_b, fixed))), halves to even, with
// the factors s/s_y and fixed = z_y − fma(factor_a, z_a, factor_b·z_b), all in float32.
struct FusedFactors {
  float a, b, fixed;
};
[[nodiscard]] Result<FusedFactors> fused_factors(const NodeView& node);

}  // namespace sluice::exact::reference
