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

constexpr std::array<std::string_view, kNumArithmetics> kArithmeticNames{
    "tflite-double", "tflite-single",   "tflite-float64", "xnnpack",    "onnxruntime",
    "onnx",          "shift-half-even", "shift-half-up",  "shift-floor"};

std::int32_t saturated(std::int64_t value) {
  return static_cast<std::int32_t>(std::clamp(value, kInt32Min, kInt32Max));
}

// value·2^−shift to an integer; what lies beyond ±2^40, farther than any code is from any zero
// point, becomes that.
std::int64_t shifted(std::int64_t value, int shift, Rounding rounding) {
  constexpr std::int64_t kFar = std::int64_t{1} << 40;
  if (shift >= 0) return std::clamp(shift_right(value, shift, rounding), -kFar, kFar);
  const int left = std::min(-shift, 40);
  return std::clamp(value, -(kFar >> left), kFar >> left) * (std::int64_t{1} << left);
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
          round_to_integer(product + static_cast<double>(by.zero_point), Rounding::HalfToEven));
    }
    case Arithmetic::ShiftHalfEven:
    case Arithmetic::ShiftHalfUp:
    case Arithmetic::ShiftFloor:
      return shifted(accumulator, by.shift, shift_rounding(by.arithmetic)) + by.zero_point;
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

bool is_shift(Arithmetic arithmetic) noexcept {
  return arithmetic >= Arithmetic::ShiftHalfEven;
}

bool is_on_reals(Arithmetic arithmetic) noexcept {
  return arithmetic >= Arithmetic::OnnxRuntime;
}

Rounding shift_rounding(Arithmetic arithmetic) noexcept {
  if (arithmetic == Arithmetic::ShiftHalfEven) return Rounding::HalfToEven;
  return arithmetic == Arithmetic::ShiftHalfUp ? Rounding::HalfUp : Rounding::Floor;
}

std::optional<int> exact_log2(float scale) noexcept {
  int exponent = 0;
  if (std::frexp(scale, &exponent) != 0.5F) return std::nullopt;
  return exponent - 1;
}

std::int32_t multiply(Arithmetic arithmetic, std::int32_t x, FixedMultiplier multiplier) noexcept {
  return arithmetic == Arithmetic::TfliteSingle ? multiply_rounding_once(x, multiplier)
                                                : multiply_rounding_twice(x, multiplier);
}

namespace {

Status check_codes(CodeRange codes, CodeRange widest) {
  if (codes.lowest <= codes.highest && codes.lowest >= widest.lowest &&
      codes.highest <= widest.highest) {
    return {};
  }
  return Error{ErrorCode::InvalidArgument,
               fmt::format("no codes lie between {} and {}", codes.lowest, codes.highest)};
}

Result<int> require_log2(float scale) {
  if (const auto exponent = exact_log2(scale)) return *exponent;
  return Error{
      ErrorCode::InvalidArgument,
      fmt::format("a scale of {} is no power of two; an arithmetic that shifts needs one", scale)};
}

Result<int> shift_of(const LayerScales& scales) {
  SL_TRY(const int input, require_log2(scales.input));
  SL_TRY(const int weight, require_log2(scales.weight));
  SL_TRY(const int output, require_log2(scales.output));
  return output - input - weight;
}

}  // namespace

Result<Requantizer> make_requantizer(Arithmetic arithmetic, const LayerScales& scales,
                                     std::int64_t zero_point, CodeRange codes) {
  for (const float scale : {scales.input, scales.weight, scales.output}) {
    if (!(scale > 0) || !std::isfinite(scale)) {
      return Error{ErrorCode::InvalidArgument,
                   fmt::format("a scale of {} is not positive and finite", scale)};
    }
  }
  if (is_shift(arithmetic)) {
    SL_TRY_STATUS(check_codes(codes, {kInt32Min, std::numeric_limits<std::uint32_t>::max()}));
    SL_TRY(const int shift, shift_of(scales));
    return Requantizer{
        .arithmetic = arithmetic, .shift = shift, .zero_point = zero_point, .codes = codes};
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
  SL_TRY_STATUS(check_codes(codes, {kInt32Min, kInt32Max}));
  return Requantizer{.arithmetic = arithmetic,
                     .exact_factor = exact,
                     .multiplier = fixed_multiplier(exact),
                     .factor = factor,
                     .zero_point = zero_point,
                     .codes = codes};
}

std::int32_t requantize(std::int32_t accumulator, const Requantizer& by) noexcept {
  const std::int64_t code = offset_product(accumulator, by);
  return static_cast<std::int32_t>(std::clamp(code, by.codes.lowest, by.codes.highest));
}

std::int64_t requantize_wide(std::int64_t accumulator, const Requantizer& by) noexcept {
  SL_DASSERT(is_shift(by.arithmetic), "accumulators of 64 bits are shifted");
  const std::int64_t steps = shifted(accumulator, by.shift, shift_rounding(by.arithmetic));
  return std::clamp(steps + by.zero_point, by.codes.lowest, by.codes.highest);
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
