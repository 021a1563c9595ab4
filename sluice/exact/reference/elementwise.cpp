// SPDX-License-Identifier: Apache-2.0
// Sums and products of two tensors, which broadcast as in NumPy.
#include <algorithm>
#include <array>
#include <vector>

#include "sluice/exact/reference/kernel.hpp"
#include "sluice/exact/reference/sum.hpp"
#include "sluice/numeric/code_product.hpp"
#include "sluice/numeric/element.hpp"
#include "sluice/runtime/reference/index.hpp"

namespace sluice::exact::reference {
namespace {

using numeric::FixedMultiplier;

// y = code(a, b)
template <class Code>
Tensor codes_of_pairs(const NodeView& node, const Code& code) {
  const std::vector<std::int64_t> a = numeric::to_integers(node.in(0));
  const std::vector<std::int64_t> b = numeric::to_integers(node.in(1));
  std::vector<std::int64_t> y(static_cast<std::size_t>(num_elements(node.out_type().shape)));
  runtime::reference::for_each_broadcast<2>(
      node.out_type().shape, {node.in(0).shape(), node.in(1).shape()},
      [&](std::int64_t i, const std::array<std::int64_t, 2>& at) {
        y.data()[i] = code(a.data()[at[0]], b.data()[at[1]]);
      });
  return to_tensor(y, node.out_type());
}

Result<Tensor> add(const NodeView& node, int sign) {
  SL_TRY(const numeric::CodeSum sum, code_sum(node, sign));
  return codes_of_pairs(node, [&](std::int64_t a, std::int64_t b) { return sum.code(a, b); });
}

}  // namespace

Result<Tensor> run(const ir::Add& /*op*/, const NodeView& node) {
  return add(node, 1);
}

Result<Tensor> run(const ir::Sub& /*op*/, const NodeView& node) {
  return add(node, -1);
}

Result<Tensor> run(const ir::Mul& /*op*/, const NodeView& node) {
  SL_TRY_STATUS(node.check_per_tensor(2));
  SL_TRY(const auto product,
         numeric::CodeProduct::make(node.arithmetic(), *node.in_quantization(0),
                                    *node.in_quantization(1), *node.out_quantization()));
  return codes_of_pairs(node, [&](std::int64_t a, std::int64_t b) { return product.code(a, b); });
}

// x ≥ 0: x·s_x/s_y, else x·slope·s_x·s_slope/s_y; both factors in float32.
Result<Tensor> run(const ir::PRelu& /*op*/, const NodeView& node) {
  SL_TRY(const Affine of_a, node.in_affine(0));
  SL_TRY(const Affine of_b, node.in_affine(1));
  SL_TRY(const Affine of_y, node.out_affine());
  const auto multiplier = [](float factor) {
    return numeric::fixed_multiplier(static_cast<double>(factor));
  };
  const FixedMultiplier positive = multiplier(of_a.scale / of_y.scale);
  const FixedMultiplier negative = multiplier(of_a.scale * of_b.scale / of_y.scale);
  const numeric::CodeRange codes = node.out_codes();
  return codes_of_pairs(node, [&](std::int64_t a, std::int64_t b) {
    const auto x = static_cast<std::int32_t>(a - of_a.zero_point);
    const auto slope = static_cast<std::int32_t>(b - of_b.zero_point);
    const std::int64_t steps =
        numeric::multiply(node.arithmetic(), x < 0 ? x * slope : x, x < 0 ? negative : positive);
    return std::clamp(steps + of_y.zero_point, codes.lowest, codes.highest);
  });
}

}  // namespace sluice::exact::reference
