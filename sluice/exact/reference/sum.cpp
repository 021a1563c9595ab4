// SPDX-License-Identifier: Apache-2.0
#include "sluice/exact/reference/sum.hpp"

#include <algorithm>
#include <cmath>
#include <fmt/format.h>

namespace sluice::exact::reference {
namespace {

using numeric::Arithmetic;

struct Scales {
  float a, b, y;
  [[nodiscard]] float larger() const { return std::max(a, b); }
};

// 2·max(s_a, s_b) and s_y may not be so far apart that a multiplier has no room for the quotient.
Status check_ratio(const Scales& by) {
  const double ratio = static_cast<double>(by.larger()) / static_cast<double>(by.y);
  constexpr double kMost = 256;
  if (ratio >= 1 / kMost / 1024 && ratio < kMost) return {};
  return Error{ErrorCode::Unsupported,
               fmt::format("adds scales {} and {} to {}; one code of an input may be 2^-18 to 256 "
                           "codes of the output",
                           by.a, by.b, by.y)};
}

// Whether XNNPACK takes the scales; its users fall back to TFLite for others.
bool fits_xnnpack(const Scales& by) {
  return std::min(by.a, by.b) / by.y >= 0x1p-10F && by.larger() / by.y < 0x1p8F;
}

}  // namespace

Result<Sum> Sum::make(const NodeView& node, int sign) {
  SL_TRY(const Affine a, node.in_affine(0));
  SL_TRY(const Affine b, node.in_affine(1));
  SL_TRY(const Affine y, node.out_affine());
  const Scales by{a.scale, b.scale, y.scale};
  SL_TRY_STATUS(check_ratio(by));
  Sum sum;
  sum.arithmetic_ = node.arithmetic();
  sum.as_xnnpack_ = node.arithmetic() == Arithmetic::Xnnpack && fits_xnnpack(by);
  sum.terms_[0].zero_point = a.zero_point;
  sum.terms_[1].zero_point = b.zero_point;
  sum.terms_[1].sign = sign;
  sum.output_ = {.arithmetic = Arithmetic::TfliteDouble,
                 .zero_point = y.zero_point,
                 .codes = node.out_codes()};
  const std::array<float, 2> scales{a.scale, b.scale};
  if (sum.as_xnnpack_) {
    constexpr int kMultiplierBits = 20;
    const int shift = kMultiplierBits - std::ilogb(by.larger() / y.scale);
    for (std::size_t i = 0; i < 2; ++i) {
      const float factor = std::ldexp(scales[i] / y.scale, shift);
      sum.terms_[i].factor = static_cast<std::int32_t>(std::nearbyint(factor));
    }
    sum.output_.arithmetic = Arithmetic::TfliteSingle;
    sum.output_.multiplier = {1 << 30, 1 - shift};
    return sum;
  }
  constexpr int kLeftShift = 20;
  const double unit = 2 * static_cast<double>(by.larger());
  for (std::size_t i = 0; i < 2; ++i) {
    sum.terms_[i].left_shift = kLeftShift;
    sum.terms_[i].multiplier = numeric::fixed_multiplier(static_cast<double>(scales[i]) / unit);
  }
  if (node.arithmetic() == Arithmetic::TfliteSingle) sum.output_.arithmetic = node.arithmetic();
  sum.output_.multiplier =
      numeric::fixed_multiplier(unit / ((1 << kLeftShift) * static_cast<double>(y.scale)));
  return sum;
}

std::int32_t Sum::term(std::size_t input, std::int64_t code) const {
  const Term& by = terms_[input];
  const auto centred = static_cast<std::int32_t>(code - by.zero_point);
  if (as_xnnpack_) return by.sign * centred * by.factor;
  return by.sign * numeric::multiply(arithmetic_, centred * (1 << by.left_shift), by.multiplier);
}

std::optional<Sum::Factors> Sum::factors() const {
  if (!as_xnnpack_) return std::nullopt;
  const auto& [a, b] = terms_;
  const int shift = 1 - output_.multiplier.exponent;
  const std::int32_t of_a = a.sign * a.factor;
  const std::int32_t of_b = b.sign * b.factor;
  const std::int32_t half = 1 << (shift - 1);
  return Factors{of_a, of_b, half - a.zero_point * of_a - b.zero_point * of_b, shift};
}

Result<FusedFactors> fused_factors(const NodeView& node) {
  SL_TRY(const Affine a, node.in_affine(0));
  SL_TRY(const Affine b, node.in_affine(1));
  SL_TRY(const Affine y, node.out_affine());
  const float factor_a = a.scale / y.scale;
  const float factor_b = b.scale / y.scale;
  const float products = std::fma(factor_a, static_cast<float>(a.zero_point),
                                  factor_b * static_cast<float>(b.zero_point));
  return FusedFactors{factor_a, factor_b, static_cast<float>(y.zero_point) - products};
}

}  // namespace sluice::exact::reference
