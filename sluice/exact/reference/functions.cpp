// SPDX-License-Identifier: Apache-2.0
// Functions of one tensor, code by code.
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
using numeric::FixedMultiplier;
using numeric::Rounding;

// y = clamp(f(x − z_x) + z_y)
template <class F>
Result<Tensor> for_each_code(const NodeView& node, F f) {
  SL_TRY(const Affine x, node.in_affine(0));
  SL_TRY(const Affine y, node.out_affine());
  const numeric::CodeRange codes = node.out_codes();
  std::vector<std::int64_t> result = numeric::to_integers(node.in(0));
  for (std::int64_t& code : result) {
    code =
        std::clamp<std::int64_t>(f(static_cast<std::int32_t>(code - x.zero_point)) + y.zero_point,
                                 codes.lowest, codes.highest);
  }
  return to_tensor(result, node.out_type());
}

// The function of the real number in float32, times 1/s_y. TFLite rounds that, halves away from
// zero, and adds the zero point; XNNPACK adds it first and rounds halves to even.
template <class Function>
Result<Tensor> by_float_function(const NodeView& node, Function function) {
  SL_TRY(const Affine x, node.in_affine(0));
  SL_TRY(const Affine y, node.out_affine());
  const float steps_per_unit = 1.0F / y.scale;
  const auto zero_point = static_cast<float>(y.zero_point);
  return for_each_code(node, [&](std::int32_t centred) {
    const float steps = function(x.scale * static_cast<float>(centred)) * steps_per_unit;
    if (node.arithmetic() != Arithmetic::Xnnpack) return std::llround(steps);
    return std::llrint(steps + zero_point) - y.zero_point;
  });
}

// ---- HardSwish in 16 bits

constexpr std::int32_t kMost16 = std::numeric_limits<std::int16_t>::max();
constexpr std::int32_t kLeast16 = std::numeric_limits<std::int16_t>::min();

// A multiplier with a mantissa of 15 bits.
FixedMultiplier narrowed(FixedMultiplier wide) {
  constexpr std::int64_t kHalf = 1 << 15;
  const std::int64_t mantissa = std::min<std::int64_t>((wide.mantissa + kHalf) >> 16, kMost16);
  return {static_cast<std::int32_t>(mantissa), wide.exponent};
}

// a·b/2^15, halves up. Neither is the least number twice.
std::int32_t high_product16(std::int32_t a, std::int32_t b) {
  return static_cast<std::int32_t>(numeric::shift_right(std::int64_t{a} * b, 15, Rounding::HalfUp));
}

std::int32_t shifted_left16(std::int32_t x, int bits) {
  return static_cast<std::int32_t>(
      std::clamp<std::int64_t>(std::int64_t{x} << bits, kLeast16, kMost16));
}

std::int32_t shifted_right16(std::int32_t x, int bits) {
  return static_cast<std::int32_t>(numeric::shift_right(x, bits, Rounding::HalfAwayFromZero));
}

struct HardSwishFactors {
  FixedMultiplier to_output;  // input·2^7 to the output's scale
  FixedMultiplier to_unit;    // input·2^7 to 2^15 for 3
};

std::int64_t hard_swish(std::int32_t centred, const HardSwishFactors& by) {
  const std::int32_t x = centred * 128;
  const std::int32_t unscaled = high_product16(x, by.to_output.mantissa);
  const int exponent = by.to_unit.exponent;
  std::int32_t gate = x;
  if (exponent > 0) gate = shifted_left16(gate, exponent - 1);
  gate = high_product16(gate, by.to_unit.mantissa);
  if (exponent > 0) gate = shifted_left16(gate, 1);
  if (exponent < 0) gate = shifted_right16(gate, -exponent);
  gate = (gate + (1 << 15)) / 2;  // (x/3 + 1)/2 in [0, 1]
  const std::int32_t product = gate * unscaled / (1 << 15);
  return shifted_right16(product, -by.to_output.exponent);
}

// ---- LeakyRelu and PRelu

// s_x/s_y and s_x·slope/s_y, in float32.
struct Slopes {
  float positive = 1;
  float negative = 1;
};

std::int64_t leaky_relu_as_tflite(std::int32_t x, const Slopes& slopes, Arithmetic arithmetic) {
  const auto factor = static_cast<double>(x < 0 ? slopes.negative : slopes.positive);
  return numeric::multiply(arithmetic, x, numeric::fixed_multiplier(factor));
}

// The factors XNNPACK takes; its users fall back to TFLite beyond them.
bool fits_xnnpack(float factor) {
  return factor >= 0x1p-8F && factor <= 0x1p7F;
}

}  // namespace

Result<Tensor> run(const ir::Sigmoid& /*op*/, const NodeView& node) {
  if (node.arithmetic() == Arithmetic::Xnnpack) {
    return by_float_function(node, [](float x) {
      return static_cast<float>(1 / (1 + std::exp(-static_cast<double>(x))));
    });
  }
  return by_float_function(node, [](float x) { return 1.0F / (1.0F + std::exp(-x)); });
}

Result<Tensor> run(const ir::Tanh& /*op*/, const NodeView& node) {
  return by_float_function(node, [](float x) { return std::tanh(x); });
}

Result<Tensor> run(const ir::HardSwish& /*op*/, const NodeView& node) {
  constexpr float kUnitScale = 3.0F / 32768.0F;
  SL_TRY(const Affine x, node.in_affine(0));
  SL_TRY(const Affine y, node.out_affine());
  const float fine_scale = 1.0F / 128.0F * x.scale;
  const float to_output = fine_scale / y.scale;
  if (to_output >= 1) {
    return Error{ErrorCode::Unsupported,
                 fmt::format("one step of its input, {}, is more than 128 of its output, {}",
                             x.scale, y.scale)};
  }
  const auto multiplier = [](float factor) {
    return narrowed(numeric::fixed_multiplier(static_cast<double>(factor)));
  };
  const HardSwishFactors by{multiplier(to_output), multiplier(fine_scale / kUnitScale)};
  return for_each_code(node, [&](std::int32_t centred) { return hard_swish(centred, by); });
}

Result<Tensor> run(const ir::LeakyRelu& op, const NodeView& node) {
  SL_TRY(const Affine x, node.in_affine(0));
  SL_TRY(const Affine y, node.out_affine());
  if (op.alpha < 0) {
    return Error{ErrorCode::Unsupported, fmt::format("has a negative slope, {}", op.alpha)};
  }
  const float ratio = x.scale / y.scale;
  if (node.arithmetic() != Arithmetic::Xnnpack || !fits_xnnpack(ratio) ||
      !fits_xnnpack(ratio * op.alpha)) {
    const Slopes slopes{ratio, x.scale * op.alpha / y.scale};
    return for_each_code(node, [&](std::int32_t centred) {
      return leaky_relu_as_tflite(centred, slopes, node.arithmetic());
    });
  }
  // Factors as multiples of 2^−8, halves up.
  constexpr int kFractionalBits = 8;
  const auto multiplier = [&](float factor) {
    return static_cast<std::int64_t>(std::nearbyint(factor * (1 << kFractionalBits)));
  };
  const std::int64_t positive = multiplier(ratio);
  const std::int64_t negative = multiplier(ratio * op.alpha);
  return for_each_code(node, [&](std::int64_t centred) {
    return numeric::shift_right(centred * (centred < 0 ? negative : positive), kFractionalBits,
                                Rounding::HalfUp);
  });
}

}  // namespace sluice::exact::reference
