// SPDX-License-Identifier: Apache-2.0
// Means of codes, and sums of a number of them at another quantization.
#pragma once

#include "sluice/numeric/quantization.hpp"

namespace sluice::numeric {

// The mean of codes as pools of TFLite and XNNPACK have it, which keep their input's quantization:
// sum/count to nearest, halves away from zero. count ≥ 1.
[[nodiscard]] std::int64_t mean_of_codes(std::int64_t sum, std::int64_t count) noexcept;

class SumRescaler {
 public:
  // Of sums of `count` codes, divided by `divisor`: 1 for sums, the count for means. Both
  // quantizations have one scale for the tensor. Unsupported where the divisor is 0, except in a
  // shift arithmetic, where that is the code of 0, and where a sum of codes does not tell the sum
  // of the real numbers: in ONNX's arithmetics, each of which is rounded to float32.
  static Result<SumRescaler> make(Arithmetic arithmetic, const Quantization& x,
                                  const Quantization& y, std::int64_t count, std::int64_t divisor);

  // clamp(round((sum − count·z_x)·s_x/s_y [/divisor]) + z_y). TFLite divides its multiplier by the
  // divisor; XNNPACK computes sum·factor + bias in float32 and rounds that, halves to even; shifts
  // round once.
  [[nodiscard]] std::int64_t code(std::int64_t sum) const;

 private:
  Arithmetic arithmetic_ = Arithmetic::TfliteDouble;
  std::int64_t offset_ = 0;  // count·z_x
  std::int64_t zero_point_ = 0;
  CodeRange codes_{};
  FixedMultiplier multiplier_;
  float factor_ = 0;
  float bias_ = 0;
  float scale_x_ = 1;
  float scale_y_ = 1;
  std::int64_t divisor_ = 1;
};

}  // namespace sluice::numeric
