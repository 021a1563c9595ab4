// SPDX-License-Identifier: Apache-2.0
#include "sluice/numeric/code_sum.hpp"

#include <algorithm>
#include <cmath>
#include <fmt/format.h>

#include "sluice/base/assert.hpp"

namespace sluice::numeric {
namespace {

struct SumScales {
  float a, b, y;
  [[nodiscard]] float larger() const { return std::max(a, b); }
};

// 2·max(s_a, s_b) and s_y may not be so far apart that a multiplier has no room for the quotient.
Status check_ratio(const SumScales& by) {
  const double ratio = static_cast<double>(by.larger()) / static_cast<double>(by.y);
  constexpr double kMost = 256;
  if (ratio >= 1 / kMost / 1024 && ratio < kMost) return {};
  return Error{ErrorCode::Unsupported,
               fmt::format("adds scales {} and {} to {}; one code of an input may be 2^-18 to 256 "
                           "codes of the output",
                           by.a, by.b, by.y)};
}

// Whether XNNPACK takes the scales; its users fall back to TFLite for others.
bool fits_xnnpack(const SumScales& by) {
  return std::min(by.a, by.b) / by.y >= 0x1p-10F && by.larger() / by.y < 0x1p8F;
}

}  // namespace

bool has_fused_kernel(Arithmetic arithmetic, const Quantization& a, const Quantization& b,
                      const Quantization& y) noexcept {
  return arithmetic == Arithmetic::OnnxRuntime && num_bits(a.dtype) == 8 &&
         num_bits(b.dtype) == 8 && num_bits(y.dtype) == 8;
}

Result<CodeSum> CodeSum::make(Arithmetic arithmetic, const Quantization& a, const Quantization& b,
                              const Quantization& y, int sign) {
  SL_ASSERT(!a.is_per_channel() && !b.is_per_channel() && !y.is_per_channel(),
            "one scale for the tensor");
  CodeSum sum;
  sum.arithmetic_ = arithmetic;
  sum.terms_[0] = {.scale = a.scales[0], .zero_point = a.zero_points[0]};
  sum.terms_[1] = {.scale = b.scales[0], .zero_point = b.zero_points[0], .sign = sign};
  sum.scale_ = y.scales[0];
  sum.output_ = {
      .arithmetic = Arithmetic::TfliteDouble, .zero_point = y.zero_points[0], .codes = codes_of(y)};
  if (sign > 0 && has_fused_kernel(arithmetic, a, b, y)) sum.set_fused(sum.scale_);
  if (is_on_reals(arithmetic)) return sum;
  const SumScales by{a.scales[0], b.scales[0], y.scales[0]};
  SL_TRY_STATUS(check_ratio(by));
  sum.as_xnnpack_ = arithmetic == Arithmetic::Xnnpack && fits_xnnpack(by);
  sum.set_integers(sum.scale_);
  return sum;
}

void CodeSum::set_integers(float scale_y) {
  const float larger = std::max(terms_[0].scale, terms_[1].scale);
  if (as_xnnpack_) {
    constexpr int kMultiplierBits = 20;
    const int shift = kMultiplierBits - std::ilogb(larger / scale_y);
    for (Term& term : terms_) {
      const float factor = std::ldexp(term.scale / scale_y, shift);
      term.factor = static_cast<std::int32_t>(std::nearbyint(factor));
    }
    output_.arithmetic = Arithmetic::TfliteSingle;
    output_.multiplier = {1 << 30, 1 - shift};
    return;
  }
  constexpr int kLeftShift = 20;
  const double unit = 2 * static_cast<double>(larger);
  for (Term& term : terms_) {
    term.left_shift = kLeftShift;
    term.multiplier = fixed_multiplier(static_cast<double>(term.scale) / unit);
  }
  if (arithmetic_ == Arithmetic::TfliteSingle) output_.arithmetic = arithmetic_;
  output_.multiplier = fixed_multiplier(unit / ((1 << kLeftShift) * static_cast<double>(scale_y)));
}

void CodeSum::set_fused(float scale_y) {
  const auto& [a, b] = terms_;
  const float factor_a = a.scale / scale_y;
  const float factor_b = b.scale / scale_y;
  const float products = std::fma(factor_a, static_cast<float>(a.zero_point),
                                  factor_b * static_cast<float>(b.zero_point));
  fused_ = FusedFactors{factor_a, factor_b, static_cast<float>(output_.zero_point) - products};
}

std::int32_t CodeSum::term(std::size_t input, std::int64_t code) const {
  const Term& by = terms_[input];
  const auto centred = static_cast<std::int32_t>(code - by.zero_point);
  if (as_xnnpack_) return by.sign * centred * by.factor;
  return by.sign * multiply(arithmetic_, centred * (1 << by.left_shift), by.multiplier);
}

std::optional<CodeSum::Factors> CodeSum::factors() const {
  if (!as_xnnpack_) return std::nullopt;
  const auto& [a, b] = terms_;
  const int shift = 1 - output_.multiplier.exponent;
  const std::int32_t of_a = a.sign * a.factor;
  const std::int32_t of_b = b.sign * b.factor;
  const std::int32_t half = 1 << (shift - 1);
  const std::int64_t offset = half - a.zero_point * of_a - b.zero_point * of_b;
  return Factors{of_a, of_b, static_cast<std::int32_t>(offset), shift};
}

template <class T>
T CodeSum::real_sum(std::int64_t a, std::int64_t b) const {
  const auto& [of_a, of_b] = terms_;
  const T real_a = static_cast<T>(a - of_a.zero_point) * static_cast<T>(of_a.scale);
  const T real_b = static_cast<T>(b - of_b.zero_point) * static_cast<T>(of_b.scale);
  return real_a + static_cast<T>(of_b.sign) * real_b;
}

std::int64_t CodeSum::code(std::int64_t a, std::int64_t b) const {
  const auto& [lowest, highest] = output_.codes;
  if (fused_) {
    const float inner = std::fma(static_cast<float>(b), fused_->b, fused_->fixed);
    const float sum = std::fma(static_cast<float>(a), fused_->a, inner);
    constexpr float kFarOutside = 0x1p30F;
    const float code = std::nearbyint(std::clamp(sum, -kFarOutside, kFarOutside));
    return std::clamp(static_cast<std::int64_t>(code), lowest, highest);
  }
  if (is_shift(arithmetic_)) {
    return quantize_by_shift(real_sum<double>(a, b), scale_, output_.zero_point, output_.codes,
                             arithmetic_);
  }
  if (is_on_reals(arithmetic_)) {
    return quantize(real_sum<float>(a, b), scale_, output_.zero_point, output_.codes, arithmetic_);
  }
  return requantize(term(0, a) + term(1, b), output_);
}

}  // namespace sluice::numeric
