// SPDX-License-Identifier: Apache-2.0
#include "sluice/numeric/quantization.hpp"

#include <cmath>
#include <fmt/format.h>

#include "sluice/base/shape.hpp"
#include "sluice/numeric/rounding.hpp"

namespace sluice::numeric {
namespace {

Error invalid(std::string message) {
  return {ErrorCode::InvalidArgument, std::move(message)};
}

bool is_unsigned(DType dtype) {
  return to_string(dtype).starts_with("uint");
}

}  // namespace

Status check_quantization(const Quantization& quantization, std::span<const std::int64_t> shape) {
  const auto& [dtype, scales, zero_points, axis] = quantization;
  if (!is_integer(dtype) || num_bits(dtype) > 32) {
    return invalid(fmt::format("quantized values are {}, must be integers of at most 32 bits",
                               to_string(dtype)));
  }
  if (scales.empty() || zero_points.size() != scales.size()) {
    return invalid(fmt::format("has {} scales and {} zero points, must be as many of each",
                               scales.size(), zero_points.size()));
  }
  if (quantization.is_per_channel()) {
    const bool in_range = axis >= 0 && axis < static_cast<std::int64_t>(shape.size());
    if (!in_range ||
        shape[static_cast<std::size_t>(axis)] != static_cast<std::int64_t>(scales.size())) {
      return invalid(fmt::format("has {} scales along dimension {} of a shape of {}", scales.size(),
                                 axis, sluice::to_string(shape)));
    }
  }
  for (const float scale : scales) {
    if (!(scale > 0) || !std::isfinite(scale)) {
      return invalid(fmt::format("a scale is {}, must be positive and finite", scale));
    }
  }
  const CodeRange codes = code_range(num_bits(dtype), !is_unsigned(dtype));
  for (const std::int64_t zero_point : zero_points) {
    if (zero_point < codes.lowest || zero_point > codes.highest) {
      return invalid(fmt::format("a zero point is {}, no {}", zero_point, to_string(dtype)));
    }
  }
  return {};
}

}  // namespace sluice::numeric
