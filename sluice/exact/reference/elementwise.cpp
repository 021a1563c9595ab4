// SPDX-License-Identifier: Apache-2.0
// Sums and products of two tensors, which broadcast as in NumPy.
#include <algorithm>
#include <array>
#include <cmath>
#include <vector>

#include "sluice/exact/reference/kernel.hpp"
#include "sluice/exact/reference/sum.hpp"
#include "sluice/numeric/element.hpp"
#include "sluice/runtime/reference/index.hpp"

namespace sluice::exact::reference {
namespace {

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

// To nearest, halves to even; what no code comes near of stays far outside.
std::int64_t rounded_code(float value) {
  constexpr float kFarOutside = 0x1p30F;
  return static_cast<std::int64_t>(std::nearbyint(std::clamp(value, -kFarOutside, kFarOutside)));
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

// ONNX Runtime's QLinearMul: round(a·b·((s_a·s_b)/s_y) + z_y), a and b less their zero points.
Result<Tensor> multiply_as_onnx_runtime(const NodeView& node) {
  SL_TRY(const Operands by, operands(node));
  const float factor = by.a.scale * by.b.scale / by.y.scale;
  return for_each_pair(node, by, [&](std::int32_t a, std::int32_t b) {
    const float product = static_cast<float>(a * b) * factor;
    return rounded_code(product + static_cast<float>(by.y.zero_point)) - by.y.zero_point;
  });
}

Result<Tensor> add(const NodeView& node, int sign) {
  SL_TRY(const numeric::CodeSum sum, code_sum(node, sign));
  const std::vector<std::int64_t> a = numeric::to_integers(node.in(0));
  const std::vector<std::int64_t> b = numeric::to_integers(node.in(1));
  std::vector<std::int64_t> y(static_cast<std::size_t>(num_elements(node.out_type().shape)));
  runtime::reference::for_each_broadcast<2>(
      node.out_type().shape, {node.in(0).shape(), node.in(1).shape()},
      [&](std::int64_t i, const std::array<std::int64_t, 2>& at) {
        y.data()[i] = sum.code(a.data()[at[0]], b.data()[at[1]]);
      });
  return to_tensor(y, node.out_type());
}

}  // namespace

Result<Tensor> run(const ir::Add& /*op*/, const NodeView& node) {
  return add(node, 1);
}

Result<Tensor> run(const ir::Sub& /*op*/, const NodeView& node) {
  return add(node, -1);
}

Result<Tensor> run(const ir::Mul& /*op*/, const NodeView& node) {
  if (node.arithmetic() == numeric::Arithmetic::OnnxRuntime) return multiply_as_onnx_runtime(node);
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
