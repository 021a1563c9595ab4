// SPDX-License-Identifier: Apache-2.0
#include "sluice/numeric/code_product.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "sluice/base/assert.hpp"
#include "sluice/numeric/code_sum.hpp"

namespace sluice::numeric {

Result<CodeProduct> CodeProduct::make(Arithmetic arithmetic, const Quantization& a,
                                      const Quantization& b, const Quantization& y) {
  SL_ASSERT(!a.is_per_channel() && !b.is_per_channel() && !y.is_per_channel(),
            "one scale for the tensor");
  CodeProduct product;
  product.arithmetic_ = arithmetic;
  product.is_fused_ = has_fused_kernel(arithmetic, a, b, y);
  product.scale_a_ = a.scales[0];
  product.scale_b_ = b.scales[0];
  product.scale_y_ = y.scales[0];
  product.zero_point_a_ = a.zero_points[0];
  product.zero_point_b_ = b.zero_points[0];
  product.zero_point_y_ = y.zero_points[0];
  product.codes_ = codes_of(y);
  if (is_on_reals(arithmetic)) return product;
  constexpr CodeRange kAllSteps{std::numeric_limits<std::int32_t>::min(),
                                std::numeric_limits<std::int32_t>::max()};
  const float factor = a.scales[0] * b.scales[0] / y.scales[0];
  SL_TRY(product.by_, make_requantizer(arithmetic, {factor, 1, 1}, 0, kAllSteps));
  return product;
}

bool CodeProduct::is_of_product() const {
  return is_fused_ || !is_on_reals(arithmetic_) || is_shift(arithmetic_);
}

std::int64_t CodeProduct::code_of_product(std::int64_t product) const {
  if (is_fused_) {
    const float factor = scale_a_ * scale_b_ / scale_y_;
    const float steps = static_cast<float>(product) * factor;
    constexpr float kFarOutside = 0x1p30F;
    const float code = std::nearbyint(
        std::clamp(steps + static_cast<float>(zero_point_y_), -kFarOutside, kFarOutside));
    return std::clamp(static_cast<std::int64_t>(code), codes_.lowest, codes_.highest);
  }
  if (is_on_reals(arithmetic_)) {
    // Scales of shifts are powers of two, so that only the product is rounded, if at all.
    const double real = static_cast<double>(product) * (double{scale_a_} * double{scale_b_});
    return is_shift(arithmetic_)
               ? quantize_by_shift(real, scale_y_, zero_point_y_, codes_, arithmetic_)
               : quantize(static_cast<float>(real), scale_y_, zero_point_y_, codes_, arithmetic_);
  }
  const std::int64_t steps = requantize(static_cast<std::int32_t>(product), by_);
  return std::clamp(steps + zero_point_y_, codes_.lowest, codes_.highest);
}

std::int64_t CodeProduct::code(std::int64_t a, std::int64_t b) const {
  const std::int64_t of_a = a - zero_point_a_;
  const std::int64_t of_b = b - zero_point_b_;
  if (is_fused_ || !is_on_reals(arithmetic_)) return code_of_product(of_a * of_b);
  const auto real_product = [&]<class T>(T /*type*/) {
    return (static_cast<T>(of_a) * static_cast<T>(scale_a_)) *
           (static_cast<T>(of_b) * static_cast<T>(scale_b_));
  };
  if (is_shift(arithmetic_)) {
    return quantize_by_shift(real_product(double{}), scale_y_, zero_point_y_, codes_, arithmetic_);
  }
  return quantize(real_product(float{}), scale_y_, zero_point_y_, codes_, arithmetic_);
}

}  // namespace sluice::numeric
