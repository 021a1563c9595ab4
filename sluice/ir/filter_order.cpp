// SPDX-License-Identifier: Apache-2.0
#include "sluice/ir/filter_order.hpp"

namespace sluice::ir {

std::size_t FilterOrder::place(std::int64_t m, std::int64_t k) const {
  if (channel_axis == 0) return static_cast<std::size_t>(m * weights + k);
  if (turned_kernel == 0) return static_cast<std::size_t>(k * filters + m);
  const std::int64_t channel = k / turned_kernel;
  const std::int64_t word = turned_kernel - 1 - k % turned_kernel;
  return static_cast<std::size_t>((channel * filters + m) * turned_kernel + word);
}

Result<FilterOrder> filter_order(const ir::Op& op, const sluice::Shape& weights) {
  const auto* gemm = std::get_if<ir::Gemm>(&op);
  const auto* transposed = std::get_if<ir::ConvTranspose>(&op);
  const bool is_column = ir::is<ir::MatMul>(op) || (gemm != nullptr && !gemm->trans_b);
  if (weights.size() < 2 || (is_column && weights.size() != 2)) {
    return Error{ErrorCode::Unsupported, "its weights are no matrix"};
  }
  if (transposed != nullptr && transposed->group != 1) {
    return Error{ErrorCode::Unsupported, "is transposed and has groups"};
  }
  FilterOrder order;
  order.channel_axis = is_column || transposed != nullptr ? 1 : 0;
  order.filters = weights[static_cast<std::size_t>(order.channel_axis)];
  order.weights = num_elements(weights) / order.filters;
  if (transposed != nullptr) order.turned_kernel = order.weights / weights[0];
  return order;
}

}  // namespace sluice::ir
