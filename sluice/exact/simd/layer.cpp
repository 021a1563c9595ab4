// SPDX-License-Identifier: Apache-2.0
#include "sluice/exact/simd/layer.hpp"

#include <algorithm>

#include "sluice/exact/simd/code.hpp"

namespace sluice::exact {

std::int64_t largest_accumulator(const ConvLayer& layer, bool is_depthwise) {
  const numeric::CodeRange codes = numeric::code_range(8, layer.input_type == DType::Int8);
  const std::int64_t largest_input =
      std::max(layer.input_zero_point - codes.lowest, codes.highest - layer.input_zero_point);
  const std::int64_t depth = layer.taps * (is_depthwise ? 1 : layer.channels);
  std::int64_t largest = 0;
  for (std::int64_t m = 0; m < layer.out_channels; ++m) {
    std::int64_t sum = 0;
    for (std::int64_t k = 0; k < depth; ++k) {
      const std::int64_t at = is_depthwise ? k * layer.channels + m : m * depth + k;
      sum +=
          std::abs(code_at(layer.weights.data(), layer.weight_type, at) - zero_point_of(layer, m));
    }
    largest = std::max(largest, sum * largest_input + std::abs(std::int64_t{bias_of(layer, m)}));
  }
  return largest;
}

}  // namespace sluice::exact
