// SPDX-License-Identifier: Apache-2.0
// Requantizers of random factors, and accumulators where rounding is decided.
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <vector>

#include "tests/exact/simd/random_layer.hpp"

#include "sluice/numeric/requantize.hpp"

namespace sluice::exact {

inline constexpr std::array kKernelArithmetics{
    numeric::Arithmetic::TfliteDouble, numeric::Arithmetic::TfliteSingle,
    numeric::Arithmetic::Xnnpack,      numeric::Arithmetic::OnnxRuntime,
    numeric::Arithmetic::Onnx,         numeric::Arithmetic::ShiftHalfEven,
    numeric::Arithmetic::ShiftHalfUp,  numeric::Arithmetic::ShiftFloor};

inline constexpr std::int64_t kNarrow = (1 << 30) - 1;  // accumulators that lanes have room for
inline constexpr std::int64_t kWide = (std::int64_t{1} << 31) - 1;

// One a channel; a third of the factors are powers of two, whose ties are frequent (all of them in
// the arithmetics that shift), and all are in [2^(lowest_exponent − 1), 2^highest_exponent).
inline std::vector<numeric::Requantizer> random_requantizers(numeric::Arithmetic arithmetic,
                                                             DType type, std::int64_t channels,
                                                             int lowest_exponent,
                                                             int highest_exponent, Rng& rng) {
  const numeric::CodeRange codes = numeric::code_range(8, type == DType::Int8);
  const std::int32_t zero_point = static_cast<std::int32_t>(codes.lowest) + 40;
  const bool has_activation = rng.below(2) == 0;
  std::vector<numeric::Requantizer> all;
  for (std::int64_t m = 0; m < channels; ++m) {
    const auto exponent = static_cast<int>(rng.integer(lowest_exponent, highest_exponent));
    const bool is_power = rng.below(3) == 0 || numeric::is_shift(arithmetic);
    const double mantissa = is_power ? 0.5 : rng.real(0.5, 0.99999);
    const auto by = numeric::make_requantizer(
        arithmetic, {.weight = static_cast<float>(std::ldexp(mantissa, exponent))}, zero_point,
        {has_activation ? zero_point : codes.lowest, codes.highest});
    all.push_back(*by);
  }
  return all;
}

// [rows][channels] accumulators of magnitude `largest` at most: those on either side of where the
// code changes, small ones and the largest. Readable kMaxLanes further.
inline std::vector<std::int32_t> hard_accumulators(const std::vector<numeric::Requantizer>& by,
                                                   std::int64_t rows, std::int64_t largest,
                                                   Rng& rng) {
  std::vector<std::vector<std::int64_t>> thresholds;
  thresholds.reserve(by.size());
  for (const auto& channel : by) thresholds.push_back(numeric::thresholds_of(channel));
  std::vector<std::int32_t> acc;
  for (std::int64_t r = 0; r < rows; ++r) {
    for (const auto& edges : thresholds) {
      std::int64_t value = rng.integer(-largest, largest);
      const std::uint64_t kind = rng.below(8);
      if (kind == 0) value = rng.below(2) == 0 ? largest : -largest;
      if (kind == 1) value = rng.integer(-300, 300);
      if (kind >= 2 && !edges.empty()) value = edges[rng.below(edges.size())] + rng.integer(-1, 1);
      acc.push_back(static_cast<std::int32_t>(std::clamp(value, -largest, largest)));
    }
  }
  acc.resize(acc.size() + 64);
  return acc;
}

}  // namespace sluice::exact
