// SPDX-License-Identifier: Apache-2.0
#include "sluice/numeric/requantize.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <fmt/format.h>
#include <limits>

#include "sluice/base/assert.hpp"
#include "sluice/base/text.hpp"

namespace sluice::numeric {
namespace {

constexpr std::int64_t kInt32Min = std::numeric_limits<std::int32_t>::min();
constexpr std::int64_t kInt32Max = std::numeric_limits<std::int32_t>::max();

constexpr std::array<std::string_view, 6> kArithmeticNames{
    "tflite-double", "tflite-single", "tflite-float64", "xnnpack", "onnxruntime", "onnx"};

std::int32_t saturated(std::int64_t value) {
  return static_cast<std::int32_t>(std::clamp(value, kInt32Min, kInt32Max));
}

// round(accumulator·factor) + zero_point, as wide as it gets.
std::int64_t offset_product(std::int32_t accumulator, const Requantizer& by) {
  switch (by.arithmetic) {
    case Arithmetic::TfliteDouble:
    case Arithmetic::TfliteSingle:
      return std::int64_t{multiply(by.arithmetic, accumulator, by.multiplier)} + by.zero_point;
    case Arithmetic::TfliteFloat64: {
      const double product = static_cast<double>(accumulator) * by.exact_factor;
      return static_cast<std::int64_t>(round_to_integer(product, Rounding::HalfAwayFromZero)) +
             by.zero_point;
    }
    case Arithmetic::Xnnpack:
    case Arithmetic::OnnxRuntime: {
      const float product = static_cast<float>(accumulator) * by.factor;
      return static_cast<std::int64_t>(round_to_integer(product, Rounding::HalfToEven)) +
             by.zero_point;
    }
    case Arithmetic::Onnx: {
      // Rounding and the clamp to integers commute.
      const double product = static_cast<double>(accumulator) * static_cast<double>(by.factor);
      return static_cast<std::int64_t>(
          round_to_integer(product + by.zero_point, Rounding::HalfToEven));
    }
  }
  return 0;
}

}  // namespace

FixedMultiplier fixed_multiplier(double factor) noexcept {
  SL_DASSERT(factor >= 0 && factor < 0x1p31, "a factor that a multiplier can hold");
  FixedMultiplier result;
  const double fraction = std::frexp(factor, &result.exponent);
  std::int64_t mantissa = std::llround(fraction * 0x1p31);
  if (mantissa == std::int64_t{1} << 31) {
    mantissa /= 2;
    ++result.exponent;
  }
  if (mantissa == 0 || result.exponent < -31) return {};
  result.mantissa = static_cast<std::int32_t>(mantissa);
  return result;
}

std::int32_t saturating_rounding_doubling_high_mul(std::int32_t a, std::int32_t b) noexcept {
  return saturated(shift_right(std::int64_t{a} * b, 31, Rounding::HalfUp));
}

std::int32_t multiply_rounding_twice(std::int32_t x, FixedMultiplier multiplier) noexcept {
  const int left = std::max(multiplier.exponent, 0);
  const int right = std::max(-multiplier.exponent, 0);
  const std::int32_t scaled = saturated(std::int64_t{x} * (std::int64_t{1} << left));
  const std::int32_t high = saturating_rounding_doubling_high_mul(scaled, multiplier.mantissa);
  return static_cast<std::int32_t>(shift_right(high, right, Rounding::HalfAwayFromZero));
}

std::int32_t multiply_rounding_once(std::int32_t x, FixedMultiplier multiplier) noexcept {
  SL_DASSERT(multiplier.exponent <= 30, "a single rounding shifts to the right");
  return saturated(shift_right(std::int64_t{x} * multiplier.mantissa, 31 - multiplier.exponent,
                               Rounding::HalfUp));
}

std::int32_t multiply_reduced(std::int64_t x, FixedMultiplier multiplier) noexcept {
  SL_DASSERT(multiplier.exponent < 15 && std::abs(x) < std::int64_t{1} << 47, "64 bits hold x·q");
  const std::int64_t reduced =
      std::min<std::int64_t>((std::int64_t{multiplier.mantissa} + (1 << 15)) >> 16, 0x7FFF);
  return saturated(shift_right(x * reduced, 15 - multiplier.exponent, Rounding::HalfUp));
}

std::string_view to_string(Arithmetic arithmetic) noexcept {
  return kArithmeticNames[static_cast<std::size_t>(arithmetic)];
}

Result<Arithmetic> arithmetic_from_string(std::string_view name) {
  const auto* const found = std::ranges::find(kArithmeticNames, name);
  if (found != kArithmeticNames.end()) {
    return static_cast<Arithmetic>(found - kArithmeticNames.begin());
  }
  return Error{
      ErrorCode::InvalidArgument,
      fmt::format("no arithmetic {}{}; there are {}", sluice::quoted(name),
                  did_you_mean(name, kArithmeticNames), fmt::join(kArithmeticNames, ", "))};
}

bool is_tflite(Arithmetic arithmetic) noexcept {
  return arithmetic <= Arithmetic::TfliteFloat64;
}

std::int32_t multiply(Arithmetic arithmetic, std::int32_t x, FixedMultiplier multiplier) noexcept {
  return arithmetic == Arithmetic::TfliteSingle ? multiply_rounding_once(x, multiplier)
                                                : multiply_rounding_twice(x, multiplier);
}

Result<Requantizer> make_requantizer(Arithmetic arithmetic, const LayerScales& scales,
                                     std::int32_t zero_point, CodeRange codes) {
  for (const float scale : {scales.input, scales.weight, scales.output}) {
    if (!(scale > 0) || !std::isfinite(scale)) {
      return Error{ErrorCode::InvalidArgument,
                   fmt::format("a scale of {} is not positive and finite", scale)};
    }
  }
  const double exact = static_cast<double>(scales.input) * static_cast<double>(scales.weight) /
                       static_cast<double>(scales.output);
  const float factor = scales.input * scales.weight / scales.output;
  if (!(exact < 0x1p30) || !std::isfinite(factor)) {
    return Error{ErrorCode::InvalidArgument,
                 fmt::format("the scales make an accumulator {:.3g} codes of the output, 2^30 is "
                             "the most there is room for",
                             exact)};
  }
  if (codes.lowest > codes.highest || codes.lowest < kInt32Min || codes.highest > kInt32Max) {
    return Error{ErrorCode::InvalidArgument,
                 fmt::format("no codes lie between {} and {}", codes.lowest, codes.highest)};
  }
  return Requantizer{arithmetic, exact, fixed_multiplier(exact), factor, zero_point, codes};
}

std::int32_t requantize(std::int32_t accumulator, const Requantizer& by) noexcept {
  const std::int64_t code = offset_product(accumulator, by);
  return static_cast<std::int32_t>(std::clamp(code, by.codes.lowest, by.codes.highest));
}

std::vector<std::int64_t> thresholds_of(const Requantizer& requantizer) {
  const auto& [lowest, highest] = requantizer.codes;
  SL_ASSERT(highest - lowest <= 1 << 16, "thresholds are for narrow codes");
  std::vector<std::int64_t> thresholds;
  thresholds.reserve(static_cast<std::size_t>(highest - lowest));
  std::int64_t below = kInt32Min;  // no smaller accumulator exceeds the code
  for (std::int64_t code = lowest; code < highest; ++code) {
    std::int64_t above = kInt32Max + 1;
    while (below < above) {
      const std::int64_t middle = below + (above - below) / 2;
      if (requantize(static_cast<std::int32_t>(middle), requantizer) > code) {
        above = middle;
      } else {
        below = middle + 1;
      }
    }
    thresholds.push_back(below);
  }
  return thresholds;
}

std::int64_t count_thresholds(std::int64_t accumulator, std::span<const std::int64_t> thresholds,
                              std::int64_t lowest) noexcept {
  return lowest + (std::ranges::upper_bound(thresholds, accumulator) - thresholds.begin());
}

}  // namespace sluice::numeric
