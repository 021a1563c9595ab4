// SPDX-License-Identifier: Apache-2.0
// The affine grid of the published "fixed" and "BFP" tables: scale and zero point from a range, and
// what one value becomes. All in float32, each operation rounded once, in the order written; a
// different order (dividing once instead of reciprocal and product, say) gives other numbers.
#pragma once

#include <span>

#include "sluice/base/result.hpp"
#include "sluice/numeric/grid.hpp"

namespace sluice::numeric {

// The smallest and largest of some values.
struct Range {
  float min = 0;
  float max = 0;
  friend bool operator==(const Range&, const Range&) = default;
};

struct AffineParams {
  float scale = 1;  // codes per unit: the reciprocal of the step
  float zero_point = 0;
  friend bool operator==(const AffineParams&, const AffineParams&) = default;
};

// R = max(max − min, 1e-8); scale = (1/R)·(2^bits − 1); zero_point = rne(scale·min) + 2^(bits−1).
// A range without 0 makes 0 unrepresentable, and max may round up beyond the last code: both as
// published. The range must satisfy check_range, bits be in [2, 24].
[[nodiscard]] AffineParams affine_from_range(const Range& range, int bits) noexcept;

// InvalidArgument unless min ≤ max and max − min are finite.
[[nodiscard]] Status check_range(const Range& range);

// One range for the tensor, or one a channel along `axis`.
[[nodiscard]] AffineGrid affine_grid(std::span<const Range> ranges, int bits, std::int64_t axis);

// clamp(rne(scale·x − zero_point), −2^(bits−1), 2^(bits−1) − 1). NaN stays NaN.
[[nodiscard]] float affine_code(float x, const AffineParams& params, int bits) noexcept;
// (code + zero_point)/scale, the division correctly rounded.
[[nodiscard]] float affine_value(float code, const AffineParams& params) noexcept;
// affine_value(affine_code(x)); NaN becomes the default quiet NaN.
[[nodiscard]] float affine_snap(float x, const AffineParams& params, int bits) noexcept;

}  // namespace sluice::numeric
