// SPDX-License-Identifier: Apache-2.0
#include "sluice/hw/build/sums.hpp"

#include <algorithm>
#include <bit>
#include <vector>

#include "sluice/ir/ops/matmul.hpp"
#include "sluice/numeric/element.hpp"

namespace sluice::hw {
namespace {

// Of two's complement.
std::int64_t bits_of(std::int64_t value) {
  const auto magnitude = static_cast<std::uint64_t>(value < 0 ? ~value : value);
  return static_cast<std::int64_t>(std::bit_width(magnitude)) + 1;
}

template <class List>
auto entry(const List& list, std::int64_t m) {
  return list[list.size() == 1 ? 0 : static_cast<std::size_t>(m)];
}

// Whether a column of the weights is a filter, not a row.
bool has_columns(const ir::Node& node) {
  const auto* gemm = std::get_if<ir::Gemm>(&node.op);
  return ir::is<ir::MatMul>(node.op) || (gemm != nullptr && !gemm->trans_b);
}

// What is added to the sums of each filter: real numbers, none if there is no bias.
std::vector<double> biases_of(const ir::Graph& network, const ir::Node& node,
                              std::int64_t filters) {
  if (node.inputs.size() < 3 || node.inputs[2] == ir::kNoValue) return {};
  const ir::Value& bias = network[node.inputs[2]];
  if (!bias.constant || !bias.quantization) return {};
  const std::vector<std::int64_t> codes = numeric::to_integers(*bias.constant);
  const numeric::Quantization& by = *bias.quantization;
  std::vector<double> result(static_cast<std::size_t>(filters));
  for (std::int64_t m = 0; m < filters; ++m) {
    result[static_cast<std::size_t>(m)] =
        static_cast<double>(entry(codes, m) - entry(by.zero_points, m)) *
        static_cast<double>(entry(by.scales, m));
  }
  return result;
}

}  // namespace

std::optional<SumBits> sum_bits_of(const ir::Graph& network, const ir::Node& node) {
  const bool is_column = has_columns(node);
  if (!ir::is<ir::Conv>(node.op) && !ir::is<ir::Gemm>(node.op) && !is_column) return std::nullopt;
  const ir::Value& x = network[node.inputs[0]];
  const ir::Value& weights = network[node.inputs[1]];
  if (!x.quantization || x.quantization->is_per_channel() || !weights.constant ||
      !weights.quantization) {
    return std::nullopt;
  }
  const Shape& shape = weights.constant->shape();
  if (shape.size() < 2) return std::nullopt;
  const std::int64_t filters = shape[is_column ? shape.size() - 1 : 0];
  const std::int64_t size = num_elements(shape) / filters;
  const numeric::CodeRange range = numeric::codes_of(*x.quantization);
  const std::int64_t low = range.lowest - x.quantization->zero_points[0];
  const std::int64_t high = range.highest - x.quantization->zero_points[0];
  const std::vector<std::int64_t> codes = numeric::to_integers(*weights.constant);
  const std::vector<double> biases = biases_of(network, node, filters);
  SumBits result;
  for (std::int64_t m = 0; m < filters; ++m) {
    double lowest = 0;
    double highest = 0;
    for (std::int64_t k = 0; k < size; ++k) {
      const std::int64_t at = is_column ? k * filters + m : m * size + k;
      const std::int64_t weight =
          codes[static_cast<std::size_t>(at)] - entry(weights.quantization->zero_points, m);
      result.weight_bits = std::max(result.weight_bits, bits_of(weight));
      lowest += static_cast<double>(std::min(weight * low, weight * high));
      highest += static_cast<double>(std::max(weight * low, weight * high));
    }
    if (!biases.empty()) {
      const double step = static_cast<double>(x.quantization->scales[0]) *
                          static_cast<double>(entry(weights.quantization->scales, m));
      const double bias = biases[static_cast<std::size_t>(m)] / step;
      lowest += bias;
      highest += bias;
    }
    result.acc_bits = std::max({result.acc_bits, bits_of(static_cast<std::int64_t>(lowest)),
                                bits_of(static_cast<std::int64_t>(highest))});
  }
  result.weight_bits = std::max<std::int64_t>(result.weight_bits, 2);
  return result;
}

Rescale rescale_of(const ir::Graph& network, const ir::Node& node) {
  const ir::ValueId y = node.outputs[0];
  if (y == ir::kNoValue || !network[y].quantization) return {};
  Rescale result;
  result.multiplies = !numeric::is_shift(node.arithmetic.value_or(numeric::Arithmetic::Onnx));
  if (node.inputs.size() < 2 || node.inputs[1] == ir::kNoValue) return result;
  const auto& weights = network[node.inputs[1]].quantization;
  result.is_per_channel = weights && weights->is_per_channel();
  return result;
}

}  // namespace sluice::hw
