// SPDX-License-Identifier: Apache-2.0
#include "sluice/numeric/quantization.hpp"

#include <algorithm>
#include <cmath>
#include <fmt/format.h>

#include "sluice/base/assert.hpp"
#include "sluice/base/shape.hpp"
#include "sluice/numeric/element.hpp"

namespace sluice::numeric {
namespace {

Error invalid(std::string message) {
  return {ErrorCode::InvalidArgument, std::move(message)};
}

bool is_unsigned(DType dtype) {
  return to_string(dtype).starts_with("uint");
}

}  // namespace

CodeRange codes_of(DType dtype) noexcept {
  return code_range(num_bits(dtype), !is_unsigned(dtype));
}

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
  const CodeRange codes = codes_of(dtype);
  for (const std::int64_t zero_point : zero_points) {
    if (zero_point < codes.lowest || zero_point > codes.highest) {
      return invalid(fmt::format("a zero point is {}, no {}", zero_point, to_string(dtype)));
    }
  }
  return {};
}

namespace {

// Elements of a tensor that share a scale before the next one's begin.
std::size_t stride_of_scales(const Quantization& quantization,
                             std::span<const std::int64_t> shape) {
  if (!quantization.is_per_channel()) return 1;
  return static_cast<std::size_t>(strides_of(shape)[static_cast<std::size_t>(quantization.axis)]);
}

// The code of a number of steps from 0.
std::int64_t code_of(float steps, Rounding rounding, std::int64_t zero_point, CodeRange codes) {
  // Beyond 32 bits every code is at its end.
  const double whole =
      std::clamp(round_to_integer(static_cast<double>(steps), rounding), -0x1p32, 0x1p32);
  return std::clamp(static_cast<std::int64_t>(whole) + zero_point, codes.lowest, codes.highest);
}

}  // namespace

std::int64_t quantize(float real, float scale, std::int64_t zero_point, CodeRange codes,
                      Arithmetic arithmetic) noexcept {
  if (is_tflite(arithmetic)) {
    const float steps = real / scale;
    if (!(std::abs(steps) < 0x1p31F)) return codes.lowest;
    return code_of(steps, Rounding::HalfAwayFromZero, zero_point, codes);
  }
  if (arithmetic == Arithmetic::Xnnpack) {
    if (std::isnan(real)) return codes.highest;
    return code_of(real * (1.0F / scale), Rounding::HalfToEven, zero_point, codes);
  }
  if (std::isnan(real)) return zero_point;
  return code_of(real / scale, Rounding::HalfToEven, zero_point, codes);
}

Tensor quantized(const Tensor& reals, const Quantization& quantization, Arithmetic arithmetic) {
  const std::size_t stride = stride_of_scales(quantization, reals.shape());
  const CodeRange range = codes_of(quantization.dtype);
  const auto from = reals.data<float>();
  std::vector<std::int64_t> codes(from.size());
  for (std::size_t i = 0; i < from.size(); ++i) {
    const std::size_t channel = i / stride % quantization.scales.size();
    codes[i] = quantize(from[i], quantization.scales[channel], quantization.zero_points[channel],
                        range, arithmetic);
  }
  return cast(Tensor::from(reals.shape(), codes), quantization.dtype);
}

Tensor dequantized(const Tensor& codes, const Quantization& quantization) {
  SL_ASSERT(codes.dtype() == quantization.dtype, "codes of another type than their quantization");
  const std::size_t stride = stride_of_scales(quantization, codes.shape());
  Tensor reals(DType::Float32, codes.shape());
  const auto to = reals.mutable_data<float>();
  const std::vector<std::int64_t> from = to_integers(codes);
  for (std::size_t i = 0; i < from.size(); ++i) {
    const std::size_t channel = i / stride % quantization.scales.size();
    to[i] = static_cast<float>(from[i] - quantization.zero_points[channel]) *
            quantization.scales[channel];
  }
  return reals;
}

}  // namespace sluice::numeric
