// SPDX-License-Identifier: Apache-2.0
// From the sum of a number of codes to the code of their sum, or of their mean.
#pragma once

#include "sluice/exact/reference/node.hpp"

namespace sluice::exact::reference {

class SumRescaler {
 public:
  // Of a ReduceSum or ReduceMean over `count` codes. Unsupported where there are none to take the
  // mean of, or a quantization is missing.
  static Result<SumRescaler> make(const NodeView& node, std::int64_t count, bool is_mean);

  // clamp(round((sum − count·z_x)·s_x/s_y [/count]) + z_y). TFLite divides its multiplier by count;
  // XNNPACK computes sum·factor + bias in float32 and rounds that, halves to even.
  [[nodiscard]] std::int64_t code(std::int64_t sum) const;

 private:
  numeric::Arithmetic arithmetic_ = numeric::Arithmetic::TfliteDouble;
  std::int64_t offset_ = 0;  // count·z_x
  std::int64_t zero_point_ = 0;
  numeric::CodeRange codes_{};
  numeric::FixedMultiplier multiplier_;
  float factor_ = 0;
  float bias_ = 0;
};

}  // namespace sluice::exact::reference
