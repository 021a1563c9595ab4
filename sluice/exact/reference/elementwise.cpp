// SPDX-License-Identifier: Apache-2.0
// Sums and products of two tensors, which broadcast as in NumPy.
#include <algorithm>
#include <array>
#include <cmath>
#include <fmt/format.h>
#include <vector>

#include "sluice/exact/reference/kernel.hpp"
#include "sluice/numeric/element.hpp"
#include "sluice/runtime/reference/index.hpp"

namespace sluice::exact::reference {
namespace {

using numeric::Arithmetic;
using numeric::FixedMultiplier;

struct Operands {
  Affine a, b, y;
};

Result<Operands> operands(const NodeView& node) {
  Operands result;
  SL_TRY(result.a, node.in_affine(0));
  SL_TRY(result.b, node.in_affine(1));
  SL_TRY(result.y, node.out_affine());
  return result;
}

// y = clamp(f(a − z_a, b − z_b) + z_y)
template <class F>
Tensor for_each_pair(const NodeView& node, const Operands& by, F f) {
  const std::vector<std::int64_t> a = numeric::to_integers(node.in(0));
  const std::vector<std::int64_t> b = numeric::to_integers(node.in(1));
  const numeric::CodeRange codes = node.out_codes();
  std::vector<std::int64_t> y(static_cast<std::size_t>(num_elements(node.out_type().shape)));
  runtime::reference::for_each_broadcast<2>(
      node.out_type().shape, {node.in(0).shape(), node.in(1).shape()},
      [&](std::int64_t i, const std::array<std::int64_t, 2>& at) {
        const auto of_a = static_cast<std::int32_t>(a.data()[at[0]] - by.a.zero_point);
        const auto of_b = static_cast<std::int32_t>(b.data()[at[1]] - by.b.zero_point);
        y.data()[i] = std::clamp(f(of_a, of_b) + by.y.zero_point, codes.lowest, codes.highest);
      });
  return to_tensor(y, node.out_type());
}

// TFLite: both inputs in units of 2·max(s_a, s_b)/2^20, rounded; their sum rounded to the output.
Tensor add_as_tflite(const NodeView& node, const Operands& by, int sign) {
  constexpr int kLeftShift = 20;
  const auto scale = [](const Affine& affine) { return static_cast<double>(affine.scale); };
  const double unit = 2 * std::max(scale(by.a), scale(by.b));
  const FixedMultiplier to_a = numeric::fixed_multiplier(scale(by.a) / unit);
  const FixedMultiplier to_b = numeric::fixed_multiplier(scale(by.b) / unit);
  const FixedMultiplier to_y = numeric::fixed_multiplier(unit / ((1 << kLeftShift) * scale(by.y)));
  const auto multiply = [&](std::int32_t x, FixedMultiplier multiplier) {
    return numeric::multiply(node.arithmetic(), x, multiplier);
  };
  return for_each_pair(node, by, [&](std::int32_t a, std::int32_t b) {
    const std::int32_t in_a = multiply(a * (1 << kLeftShift), to_a);
    const std::int32_t in_b = multiply(b * (1 << kLeftShift), to_b);
    return std::int64_t{multiply(in_a + sign * in_b, to_y)};
  });
}

// XNNPACK: both inputs times integers of 21 bits, their sum shifted back, halves up.
Tensor add_as_xnnpack(const NodeView& node, const Operands& by, int sign) {
  constexpr int kMultiplierBits = 20;
  const float of_a = by.a.scale / by.y.scale;
  const float of_b = by.b.scale / by.y.scale;
  const int shift = kMultiplierBits - std::ilogb(std::max(of_a, of_b));
  const auto multiplier = [&](float factor) {
    return static_cast<std::int64_t>(std::nearbyint(std::ldexp(factor, shift)));
  };
  const std::int64_t times_a = multiplier(of_a);
  const std::int64_t times_b = sign * multiplier(of_b);
  return for_each_pair(node, by, [&](std::int64_t a, std::int64_t b) {
    return numeric::shift_right(a * times_a + b * times_b, shift, numeric::Rounding::HalfUp);
  });
}

// 2·max(s_a, s_b) and s_y may not be so far apart that a multiplier has no room for the quotient.
Status check_ratio(const Operands& by) {
  const double ratio = static_cast<double>(std::max(by.a.scale, by.b.scale)) / by.y.scale;
  constexpr double kMost = 256;
  if (ratio >= 1 / kMost / 1024 && ratio < kMost) return {};
  return Error{ErrorCode::Unsupported,
               fmt::format("adds scales {} and {} to {}; one code of an input may be 2^-18 to 256 "
                           "codes of the output",
                           by.a.scale, by.b.scale, by.y.scale)};
}

// Whether XNNPACK takes the scales; its users fall back to TFLite for others.
bool fits_xnnpack(const Operands& by) {
  const float smaller = std::min(by.a.scale, by.b.scale) / by.y.scale;
  const float larger = std::max(by.a.scale, by.b.scale) / by.y.scale;
  return smaller >= 0x1p-10F && larger < 0x1p8F;
}

Result<Tensor> add(const NodeView& node, int sign) {
  SL_TRY(const Operands by, operands(node));
  SL_TRY_STATUS(check_ratio(by));
  return node.arithmetic() == Arithmetic::Xnnpack && fits_xnnpack(by)
             ? add_as_xnnpack(node, by, sign)
             : add_as_tflite(node, by, sign);
}

}  // namespace

Result<Tensor> run(const ir::Add& /*op*/, const NodeView& node) {
  return add(node, 1);
}

Result<Tensor> run(const ir::Sub& /*op*/, const NodeView& node) {
  return add(node, -1);
}

Result<Tensor> run(const ir::Mul& /*op*/, const NodeView& node) {
  SL_TRY(const Operands by, operands(node));
  // Every runtime computes this factor in float32, step by step.
  const float factor = by.a.scale * by.b.scale / by.y.scale;
  SL_TRY(const numeric::Requantizer requantizer,
         numeric::make_requantizer(node.arithmetic(), {factor, 1, 1}, 0, {INT32_MIN, INT32_MAX}));
  return for_each_pair(node, by, [&](std::int32_t a, std::int32_t b) {
    return std::int64_t{numeric::requantize(a * b, requantizer)};
  });
}

// x ≥ 0: x·s_x/s_y, else x·slope·s_x·s_slope/s_y; both factors in float32.
Result<Tensor> run(const ir::PRelu& /*op*/, const NodeView& node) {
  SL_TRY(const Operands by, operands(node));
  const auto multiplier = [](float factor) {
    return numeric::fixed_multiplier(static_cast<double>(factor));
  };
  const FixedMultiplier positive = multiplier(by.a.scale / by.y.scale);
  const FixedMultiplier negative = multiplier(by.a.scale * by.b.scale / by.y.scale);
  return for_each_pair(node, by, [&](std::int32_t x, std::int32_t slope) {
    return std::int64_t{
        numeric::multiply(node.arithmetic(), x < 0 ? x * slope : x, x < 0 ? negative : positive)};
  });
}

}  // namespace sluice::exact::reference
