// SPDX-License-Identifier: Apache-2.0
// Changes of quantization, and activations that are one between two bounds.
#include <algorithm>
#include <cmath>
#include <fmt/format.h>
#include <limits>
#include <vector>

#include "sluice/exact/reference/kernel.hpp"
#include "sluice/numeric/element.hpp"

namespace sluice::exact::reference {
namespace {

using numeric::Arithmetic;
using numeric::CodeRange;
using numeric::Rounding;

bool is_unsigned(DType dtype) {
  return numeric::codes_of(dtype).lowest == 0;
}

// XNNPACK within one signedness, for factors from 2^−8 to 2^7: the factor as a multiple of 2^−8,
// halves up. Else its users fall back to TFLite's optimised kernel: the high product to nearest,
// then a shift, halves up both.
std::int64_t rescaled_as_xnnpack(std::int64_t centred, double factor, float factor_in_float,
                                 bool changes_sign) {
  constexpr int kFractionalBits = 8;
  if (!changes_sign && factor_in_float >= 0x1p-8F && factor_in_float <= 0x1p7F) {
    const auto multiplier =
        static_cast<std::int64_t>(std::nearbyint(factor_in_float * (1 << kFractionalBits)));
    return numeric::shift_right(centred * multiplier, kFractionalBits, Rounding::HalfUp);
  }
  const numeric::FixedMultiplier m = numeric::fixed_multiplier(factor);
  const auto scaled =
      static_cast<std::int32_t>(centred * (std::int64_t{1} << std::max(m.exponent, 0)));
  return numeric::shift_right(numeric::saturating_rounding_doubling_high_mul(scaled, m.mantissa),
                              std::max(-m.exponent, 0), Rounding::HalfUp);
}

// Codes of input 0 at the output's scale and zero point.
Result<Tensor> rescale(const NodeView& node) {
  SL_TRY(const Affine x, node.in_affine(0));
  SL_TRY(const Affine y, node.out_affine());
  const CodeRange bounds = node.out_codes();
  SL_TRY(const numeric::Requantizer by,
         numeric::make_requantizer(node.arithmetic(), {x.scale, 1, y.scale}, y.zero_point, bounds));
  const bool changes_sign = is_unsigned(node.in(0).dtype()) != is_unsigned(node.out_type().dtype);
  std::vector<std::int64_t> result;
  for (const std::int64_t code : numeric::to_integers(node.in(0))) {
    const std::int64_t centred = code - x.zero_point;
    if (node.arithmetic() == Arithmetic::Xnnpack) {
      const std::int64_t scaled =
          rescaled_as_xnnpack(centred, by.exact_factor, by.factor, changes_sign);
      result.push_back(std::clamp(scaled + y.zero_point, bounds.lowest, bounds.highest));
    } else {
      result.push_back(numeric::requantize(static_cast<std::int32_t>(centred), by));
    }
  }
  return to_tensor(result, node.out_type());
}

// The codes between two real bounds: z + round(bound/s), halves away from zero.
CodeRange bounded(CodeRange codes, const Affine& y, float low, float high) {
  const auto code = [&](float bound) {
    const auto steps = static_cast<double>(std::round(bound / y.scale));
    return static_cast<std::int64_t>(std::clamp(steps + y.zero_point,
                                                static_cast<double>(codes.lowest),
                                                static_cast<double>(codes.highest)));
  };
  return {code(low), code(high)};
}

// y = min(max(x, low), high)
Result<Tensor> clamp(const NodeView& node, float low, float high) {
  SL_TRY(const Affine x, node.in_affine(0));
  SL_TRY(const Affine y, node.out_affine());
  const CodeRange bounds = bounded(node.out_codes(), y, low, high);
  std::vector<std::int64_t> codes = numeric::to_integers(node.in(0));
  if (*node.in_quantization(0) == *node.out_quantization()) {
    for (std::int64_t& code : codes) code = std::clamp(code, bounds.lowest, bounds.highest);
    return to_tensor(codes, node.out_type());
  }
  // A factor in float32; XNNPACK's users fall back to TFLite here.
  const auto arithmetic =
      node.arithmetic() == Arithmetic::Xnnpack ? Arithmetic::TfliteDouble : node.arithmetic();
  SL_TRY(const numeric::Requantizer by,
         numeric::make_requantizer(arithmetic, {x.scale / y.scale, 1, 1}, y.zero_point, bounds));
  for (std::int64_t& code : codes) {
    code = numeric::requantize(static_cast<std::int32_t>(code - x.zero_point), by);
  }
  return to_tensor(codes, node.out_type());
}

float bound(const NodeView& node, std::size_t i, float otherwise) {
  if (!node.has(i)) return otherwise;
  const numeric::Quantization* codes = node.in_quantization(i);
  const Tensor real = codes == nullptr ? node.in(i) : numeric::dequantized(node.in(i), *codes);
  return real.data<float>()[0];
}

}  // namespace

Result<Tensor> run(const ir::Identity& /*op*/, const NodeView& node) {
  if (node.in_quantization(0) == nullptr) {
    return numeric::quantized(node.in(0), *node.out_quantization(), node.arithmetic());
  }
  if (node.out_quantization() == nullptr) {
    return numeric::dequantized(node.in(0), *node.in_quantization(0));
  }
  return rescale(node);
}

Result<Tensor> run(const ir::Relu& /*op*/, const NodeView& node) {
  return clamp(node, 0, std::numeric_limits<float>::infinity());
}

Result<Tensor> run(const ir::Clip& /*op*/, const NodeView& node) {
  constexpr float kInfinity = std::numeric_limits<float>::infinity();
  return clamp(node, bound(node, 1, -kInfinity), bound(node, 2, kInfinity));
}

}  // namespace sluice::exact::reference
