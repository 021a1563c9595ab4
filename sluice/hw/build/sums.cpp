// SPDX-License-Identifier: Apache-2.0
#include "sluice/hw/build/sums.hpp"

#include <algorithm>
#include <vector>

#include "sluice/ir/filter_order.hpp"
#include "sluice/numeric/element.hpp"
#include "sluice/numeric/wide.hpp"

namespace sluice::hw {
namespace {

std::int64_t bits_of(std::int64_t value) {
  return numeric::signed_bits(value);
}

template <class List>
auto entry(const List& list, std::int64_t m) {
  return list[list.size() == 1 ? 0 : static_cast<std::size_t>(m)];
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

numeric::CodeRange sum_range(std::span<const std::int64_t> weights, numeric::CodeRange words) {
  numeric::CodeRange sum{0, 0};
  for (const std::int64_t weight : weights) {
    const auto [least, most] = std::minmax({weight * words.lowest, weight * words.highest});
    sum.lowest += least;
    sum.highest += most;
  }
  return sum;
}

std::optional<SumBits> sum_bits_of(const ir::Graph& network, const ir::Node& node) {
  const bool has_filters = ir::is<ir::Conv>(node.op) || ir::is<ir::ConvTranspose>(node.op) ||
                           ir::is<ir::Gemm>(node.op) || ir::is<ir::MatMul>(node.op);
  if (!has_filters) return std::nullopt;
  const ir::Value& x = network[node.inputs[0]];
  const ir::Value& weights = network[node.inputs[1]];
  if (!x.quantization || x.quantization->is_per_channel() || !weights.constant ||
      !weights.quantization) {
    return std::nullopt;
  }
  const auto order = ir::filter_order(node.op, weights.constant->shape());
  if (!order) return std::nullopt;
  numeric::CodeRange words = numeric::codes_of(*x.quantization);
  words.lowest -= x.quantization->zero_points[0];
  words.highest -= x.quantization->zero_points[0];
  const std::vector<std::int64_t> codes = numeric::to_integers(*weights.constant);
  const std::vector<double> biases = biases_of(network, node, order->filters);
  std::vector<std::int64_t> filter(static_cast<std::size_t>(order->weights));
  SumBits result{.weight_bits = 2};
  for (std::int64_t m = 0; m < order->filters; ++m) {
    const std::int64_t zero_point = entry(weights.quantization->zero_points, m);
    for (std::int64_t k = 0; k < order->weights; ++k) {
      filter[static_cast<std::size_t>(k)] = codes[order->place(m, k)] - zero_point;
    }
    const numeric::CodeRange sum = sum_range(filter, words);
    double bias = 0;
    if (!biases.empty()) {
      const double step = static_cast<double>(x.quantization->scales[0]) *
                          static_cast<double>(entry(weights.quantization->scales, m));
      bias = biases[static_cast<std::size_t>(m)] / step;
    }
    const auto with_bias = [&](std::int64_t end) {
      return static_cast<std::int64_t>(static_cast<double>(end) + bias);
    };
    const auto [least, most] = std::ranges::minmax(filter);
    result.weight_bits = std::max({result.weight_bits, bits_of(least), bits_of(most)});
    result.acc_bits = std::max(
        {result.acc_bits, bits_of(with_bias(sum.lowest)), bits_of(with_bias(sum.highest))});
  }
  return result;
}

}  // namespace sluice::hw
