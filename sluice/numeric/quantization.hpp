// SPDX-License-Identifier: Apache-2.0
// Quantization: how a tensor's integers stand for real numbers.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "sluice/base/result.hpp"
#include "sluice/numeric/dtype.hpp"

namespace sluice::numeric {

// real = scale·(code − zero_point); one scale and zero point for the tensor, or one for each slice
// along `axis`.
struct Quantization {
  DType dtype = DType::Int8;  // of the codes
  std::vector<float> scales{1};
  std::vector<std::int64_t> zero_points{0};
  std::int64_t axis = 0;

  [[nodiscard]] bool is_per_channel() const { return scales.size() > 1; }
  friend bool operator==(const Quantization&, const Quantization&) = default;
};

// InvalidArgument unless the codes are integers of at most 32 bits, there are as many zero points
// as scales, one or as many as `shape` has entries along the axis, each scale is positive and
// finite, and each zero point is a code.
[[nodiscard]] Status check_quantization(const Quantization& quantization,
                                        std::span<const std::int64_t> shape);

}  // namespace sluice::numeric
