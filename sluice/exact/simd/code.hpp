// SPDX-License-Identifier: Apache-2.0
// Reading 8-bit codes and a layer's parameters by index.
#pragma once

#include <cstddef>
#include <cstdint>

#include "sluice/exact/simd/layer.hpp"

namespace sluice::exact {

[[nodiscard]] inline std::int32_t code_at(const std::byte* codes, DType type, std::int64_t index) {
  const auto code = static_cast<std::uint8_t>(codes[index]);
  return type == DType::Int8 ? static_cast<std::int8_t>(code) : code;
}

// What value `index` of a parameter is that has one value, or one a channel, or none and is 0.
[[nodiscard]] inline std::int32_t parameter_at(std::span<const std::int32_t> values,
                                               std::int64_t index) {
  if (values.empty()) return 0;
  return values[values.size() == 1 ? 0 : static_cast<std::size_t>(index)];
}

[[nodiscard]] inline std::int32_t bias_of(const ConvLayer& layer, std::int64_t channel) {
  return layer.bias.empty() ? 0 : layer.bias[static_cast<std::size_t>(channel)];
}

[[nodiscard]] inline std::int32_t zero_point_of(const ConvLayer& layer, std::int64_t channel) {
  return parameter_at(layer.weight_zero_points, channel);
}

// A sum that may leave 32 bits on its way to a result that fits.
[[nodiscard]] inline std::int32_t wrapped(std::int64_t value) {
  return static_cast<std::int32_t>(static_cast<std::uint32_t>(value));
}

}  // namespace sluice::exact
