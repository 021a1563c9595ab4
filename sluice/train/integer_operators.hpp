// SPDX-License-Identifier: Apache-2.0
// What operators on codes make where steps may be any numbers: by the definitions of `numeric`, in
// the arithmetic tflite-single, element by element. Integers are levels, codes less the zero point,
// in tensors of float32 or float64; results are float32, on the device of what they are made of.
#pragma once

#include <cstdint>
#include <span>
#include <torch/types.h>

#include "sluice/base/result.hpp"
#include "sluice/ir/ops/pool.hpp"
#include "sluice/numeric/quantization.hpp"

namespace sluice::train {

// How such networks round.
inline constexpr numeric::Arithmetic kAnyStepArithmetic = numeric::Arithmetic::TfliteSingle;

// Of real numbers.
[[nodiscard]] at::Tensor levels_of_reals(const at::Tensor& reals, const numeric::Quantization& y);

// Of a layer's sums; one scale of the weights, or one a channel, which lie along `axis`.
// Unsupported where a sum is beyond 32 bits.
[[nodiscard]] Result<at::Tensor> levels_of_sums(const at::Tensor& sums, std::int64_t axis,
                                                const numeric::Quantization& x,
                                                std::span<const float> weight_scales,
                                                const numeric::Quantization& y);

// min(max(x, low), high)
[[nodiscard]] Result<at::Tensor> clamped_levels(const at::Tensor& levels,
                                                const numeric::Quantization& x,
                                                const numeric::Quantization& y, double low,
                                                double high);

struct Addend {
  at::Tensor levels;
  numeric::Quantization quantization;
};
// a + sign·b, of shapes that broadcast.
[[nodiscard]] Result<at::Tensor> sum_levels(const Addend& a, const Addend& b, int sign,
                                            const numeric::Quantization& y);

// Means over windows; their output has the input's quantization. Padding, the same at both ends,
// counts as nothing.
[[nodiscard]] at::Tensor pooled_levels(const at::Tensor& levels, const ir::ResolvedWindow& window,
                                       bool ceil_mode, const numeric::Quantization& x);
// Of sums of `count` levels each, their means.
[[nodiscard]] Result<at::Tensor> mean_levels(const at::Tensor& sums, std::int64_t count,
                                             const numeric::Quantization& x,
                                             const numeric::Quantization& y);

}  // namespace sluice::train
