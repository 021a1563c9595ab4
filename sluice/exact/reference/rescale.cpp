// SPDX-License-Identifier: Apache-2.0
// Changes of quantization, and activations that are one between two bounds.
#include <limits>
#include <vector>

#include "sluice/exact/reference/kernel.hpp"
#include "sluice/numeric/code_rescale.hpp"
#include "sluice/numeric/element.hpp"

namespace sluice::exact::reference {
namespace {

Result<Tensor> rescaled(const NodeView& node, const numeric::CodeRescale& by) {
  std::vector<std::int64_t> codes = numeric::to_integers(node.in(0));
  for (std::int64_t& code : codes) code = by.code(code);
  return to_tensor(codes, node.out_type());
}

// y = min(max(x, low), high)
Result<Tensor> clamp(const NodeView& node, double low, double high) {
  SL_TRY_STATUS(node.check_per_tensor(1));
  SL_TRY(const auto by, numeric::CodeRescale::clamped(node.arithmetic(), *node.in_quantization(0),
                                                      *node.out_quantization(), low, high));
  return rescaled(node, by);
}

double bound(const NodeView& node, std::size_t i, double otherwise) {
  if (!node.has(i)) return otherwise;
  const numeric::Quantization* codes = node.in_quantization(i);
  if (codes == nullptr) return static_cast<double>(node.in(i).data<float>()[0]);
  if (numeric::is_shift(node.arithmetic())) {
    return numeric::dequantized_to_float64(node.in(i), *codes).data<double>()[0];
  }
  return static_cast<double>(numeric::dequantized(node.in(i), *codes).data<float>()[0]);
}

constexpr double kUnbounded = std::numeric_limits<double>::infinity();

}  // namespace

Result<Tensor> run(const ir::Identity& /*op*/, const NodeView& node) {
  if (node.in_quantization(0) == nullptr) {
    return numeric::quantized(node.in(0), *node.out_quantization(), node.arithmetic());
  }
  if (node.out_quantization() == nullptr) {
    return numeric::dequantized(node.in(0), *node.in_quantization(0));
  }
  SL_TRY_STATUS(node.check_per_tensor(1));
  SL_TRY(const auto by, numeric::CodeRescale::make(node.arithmetic(), *node.in_quantization(0),
                                                   *node.out_quantization()));
  return rescaled(node, by);
}

Result<Tensor> run(const ir::Relu& /*op*/, const NodeView& node) {
  return clamp(node, 0, kUnbounded);
}

Result<Tensor> run(const ir::Clip& /*op*/, const NodeView& node) {
  return clamp(node, bound(node, 1, -kUnbounded), bound(node, 2, kUnbounded));
}

}  // namespace sluice::exact::reference
