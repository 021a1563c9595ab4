// SPDX-License-Identifier: Apache-2.0
#include "sluice/numeric/quantization.hpp"

#include <algorithm>
#include <cmath>
#include <fmt/format.h>
#include <type_traits>

#include "sluice/base/assert.hpp"
#include "sluice/base/result.hpp"
#include "sluice/base/shape.hpp"
#include "sluice/numeric/element.hpp"

namespace sluice::numeric {
namespace {

bool is_unsigned(DType dtype) {
  return to_string(dtype).starts_with("uint");
}

}  // namespace

CodeRange codes_of(DType dtype) noexcept {
  return code_range(num_bits(dtype), !is_unsigned(dtype));
}

CodeRange codes_of(const Quantization& quantization) noexcept {
  if (!quantization.bits) return codes_of(quantization.dtype);
  return code_range(*quantization.bits, !is_unsigned(quantization.dtype));
}

Status check_quantization(const Quantization& quantization, std::span<const std::int64_t> shape) {
  const auto& [dtype, scales, zero_points, axis, bits] = quantization;
  if (!is_integer(dtype) || num_bits(dtype) > 32) {
    return invalid_argument(fmt::format(
        "quantized values are {}, must be integers of at most 32 bits", to_string(dtype)));
  }
  if (bits && (*bits < 1 || *bits >= num_bits(dtype))) {
    return invalid_argument(
        fmt::format("has codes of {} bits in {}, must be 1 to {}, or left out for all", *bits,
                    to_string(dtype), num_bits(dtype) - 1));
  }
  if (scales.empty() || zero_points.size() != scales.size()) {
    return invalid_argument(fmt::format("has {} scales and {} zero points, must be as many of each",
                                        scales.size(), zero_points.size()));
  }
  if (quantization.is_per_channel()) {
    const bool in_range = axis >= 0 && axis < static_cast<std::int64_t>(shape.size());
    if (!in_range ||
        shape[static_cast<std::size_t>(axis)] != static_cast<std::int64_t>(scales.size())) {
      return invalid_argument(fmt::format("has {} scales along dimension {} of a shape of {}",
                                          scales.size(), axis, sluice::to_string(shape)));
    }
  }
  for (const float scale : scales) {
    if (!(scale > 0) || !std::isfinite(scale)) {
      return invalid_argument(fmt::format("a scale is {}, must be positive and finite", scale));
    }
  }
  const CodeRange codes = codes_of(quantization);
  for (const std::int64_t zero_point : zero_points) {
    if (zero_point < codes.lowest || zero_point > codes.highest) {
      return invalid_argument(fmt::format("a zero point is {}, no {}{}", zero_point,
                                          to_string(dtype),
                                          bits ? fmt::format(" of {} bits", *bits) : ""));
    }
  }
  return {};
}

Status check_codes(const Tensor& codes, const Quantization& quantization) {
  if (!quantization.bits) return {};
  const CodeRange range = codes_of(quantization);
  for (const std::int64_t code : to_integers(codes)) {
    if (code >= range.lowest && code <= range.highest) continue;
    return invalid_argument(fmt::format("holds the code {}; {} bits hold {} to {}", code,
                                        *quantization.bits, range.lowest, range.highest));
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
std::int64_t code_of(double steps, Rounding rounding, std::int64_t zero_point, CodeRange codes) {
  // Beyond 33 bits every code is at its end.
  const double whole = std::clamp(round_to_integer(steps, rounding), -0x1p33, 0x1p33);
  return std::clamp(static_cast<std::int64_t>(whole) + zero_point, codes.lowest, codes.highest);
}

}  // namespace

std::int64_t quantize(float real, float scale, std::int64_t zero_point, CodeRange codes,
                      Arithmetic arithmetic) noexcept {
  if (is_tflite(arithmetic)) {
    const float steps = real / scale;
    if (!(std::abs(steps) < 0x1p31F)) return codes.lowest;
    return code_of(static_cast<double>(steps), Rounding::HalfAwayFromZero, zero_point, codes);
  }
  if (arithmetic == Arithmetic::Xnnpack) {
    if (std::isnan(real)) return codes.highest;
    return code_of(static_cast<double>(real * (1.0F / scale)), Rounding::HalfToEven, zero_point,
                   codes);
  }
  if (is_shift(arithmetic)) {
    return quantize_by_shift(static_cast<double>(real), scale, zero_point, codes, arithmetic);
  }
  if (std::isnan(real)) return zero_point;
  return code_of(static_cast<double>(real / scale), Rounding::HalfToEven, zero_point, codes);
}

std::int64_t quantize_by_shift(double real, float scale, std::int64_t zero_point, CodeRange codes,
                               Arithmetic arithmetic) noexcept {
  if (std::isnan(real)) return zero_point;
  return code_of(real / static_cast<double>(scale), shift_rounding(arithmetic), zero_point, codes);
}

Tensor quantized(const Tensor& reals, const Quantization& quantization, Arithmetic arithmetic) {
  const std::size_t stride = stride_of_scales(quantization, reals.shape());
  const CodeRange range = codes_of(quantization);
  std::vector<std::int64_t> codes(static_cast<std::size_t>(reals.num_elements()));
  const auto quantize_each = [&](const auto& from, const auto& code_of_real) {
    for (std::size_t i = 0; i < from.size(); ++i) {
      const std::size_t channel = i / stride % quantization.scales.size();
      codes[i] = code_of_real(from[i], quantization.scales[channel],
                              quantization.zero_points[channel], range, arithmetic);
    }
  };
  if (reals.dtype() == DType::Float64) {
    SL_ASSERT(is_shift(arithmetic), "float64 is quantized by shifts");
    quantize_each(reals.data<double>(), quantize_by_shift);
  } else {
    quantize_each(reals.data<float>(), quantize);
  }
  return cast(Tensor::from(reals.shape(), codes), quantization.dtype);
}

namespace {

// scale·(code − zero_point) in T.
template <class T>
Tensor dequantized_as(const Tensor& codes, const Quantization& quantization) {
  SL_ASSERT(codes.dtype() == quantization.dtype, "codes of another type than their quantization");
  const std::size_t stride = stride_of_scales(quantization, codes.shape());
  Tensor reals(std::is_same_v<T, double> ? DType::Float64 : DType::Float32, codes.shape());
  const auto to = reals.mutable_data<T>();
  const std::vector<std::int64_t> from = to_integers(codes);
  for (std::size_t i = 0; i < from.size(); ++i) {
    const std::size_t channel = i / stride % quantization.scales.size();
    to[i] = static_cast<T>(from[i] - quantization.zero_points[channel]) *
            static_cast<T>(quantization.scales[channel]);
  }
  return reals;
}

}  // namespace

Tensor dequantized(const Tensor& codes, const Quantization& quantization) {
  return dequantized_as<float>(codes, quantization);
}

Tensor dequantized_to_float64(const Tensor& codes, const Quantization& quantization) {
  return dequantized_as<double>(codes, quantization);
}

}  // namespace sluice::numeric
