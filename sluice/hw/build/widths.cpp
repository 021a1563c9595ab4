// SPDX-License-Identifier: Apache-2.0
#include "sluice/hw/build/widths.hpp"

#include <algorithm>
#include <cmath>

#include "sluice/hw/build/constants.hpp"

namespace sluice::hw {
namespace {

constexpr std::int64_t kCalibratedIntegerBits = 8;

// Of codes, whose scale is not the hardware's concern.
std::optional<FixedPoint> code_type(const ir::Graph& network, ir::ValueId value) {
  if (value == ir::kNoValue || !network[value].quantization) return std::nullopt;
  const numeric::Quantization& codes = *network[value].quantization;
  return FixedPoint{codes.bits.value_or(num_bits(codes.dtype)), 0};
}

// ⌈log2 of the largest⌉ + 1; weights that are all zero are taken for ones.
std::int64_t integer_bits(double largest) {
  if (largest == 0 || !std::isfinite(largest)) return 1;
  int exponent = 0;
  const double fraction = std::frexp(largest, &exponent);  // in [1/2, 1)
  return (fraction == 0.5 ? exponent - 1 : exponent) + 1;
}

std::int64_t calibrated_bits(const ir::Graph& network, ir::ValueId value,
                             const Calibrated& calibrated) {
  return calibrated.tensors.contains(network[value].name) ? kCalibratedIntegerBits : 0;
}

}  // namespace

const NodeHints* hints_of(const BuildOptions& options, const ir::Node& node) {
  const auto found = options.hints.find(node.name);
  return found == options.hints.end() ? nullptr : &found->second;
}

FixedPoint word_type(const ir::Graph& network, ir::ValueId value, const ir::Node& node,
                     const BuildOptions& options) {
  if (const auto codes = code_type(network, value)) return *codes;
  const NodeHints* hints = hints_of(options, node);
  const std::int64_t bits =
      hints != nullptr && hints->data_bits ? *hints->data_bits : options.bits.data;
  if (!options.calibrated) return {bits, bits / 2};
  return {bits, bits - calibrated_bits(network, value, *options.calibrated)};
}

FixedPoint sum_type(const ir::Graph& network, const FixedPoint& words, const ir::Node& node,
                    const BuildOptions& options) {
  constexpr std::int64_t kOfCodes = 32;
  if (node.accumulator) return {node.accumulator->bits, 0};
  const bool sums_codes = std::ranges::any_of(
      node.inputs, [&](ir::ValueId id) { return code_type(network, id).has_value(); });
  if (sums_codes) return {kOfCodes, 0};
  const NodeHints* hints = hints_of(options, node);
  const std::int64_t bits =
      hints != nullptr && hints->acc_bits ? *hints->acc_bits : options.bits.acc;
  return {bits, options.calibrated ? words.binary_point : bits / 2};
}

ProductTypes product_types(const ir::Graph& network, const ir::Node& node, ir::ValueId data,
                           ir::ValueId weights, const BuildOptions& options,
                           std::optional<double> largest) {
  ProductTypes result;
  result.data = word_type(network, data, node, options);
  result.output = word_type(network, node.outputs[0], node, options);
  if (const auto codes = code_type(network, weights)) {
    result.weight = *codes;
    result.acc = sum_type(network, result.data, node, options);
    return result;
  }
  const NodeHints* hints = hints_of(options, node);
  const std::int64_t bits =
      hints != nullptr && hints->weight_bits ? *hints->weight_bits : options.bits.weights;
  const std::int64_t before = integer_bits(largest ? *largest : largest_of(network, weights));
  result.weight = {bits, options.calibrated ? bits - std::max<std::int64_t>(1, before)
                                            : bits - std::min(bits, before)};
  result.acc = sum_type(network, result.data, node, options);
  if (result.data.binary_point > 0) {
    result.acc.binary_point = result.weight.binary_point + result.data.binary_point;
  }
  return result;
}

}  // namespace sluice::hw
