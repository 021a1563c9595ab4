// SPDX-License-Identifier: Apache-2.0
#include "sluice/exact/compare/cause.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdlib>
#include <limits>

#include "sluice/numeric/quantization.hpp"
#include "sluice/numeric/rounding.hpp"

namespace sluice::exact::compare {
namespace {

using numeric::Arithmetic;
using numeric::CodeRange;
using numeric::Requantizer;
using Limits = std::numeric_limits<std::int32_t>;

constexpr std::array<std::string_view, kNumCauses> kNames{"tie",
                                                          "double-rounding",
                                                          "float-accumulator",
                                                          "other-arithmetic",
                                                          "saturation",
                                                          "wrap",
                                                          "padding",
                                                          "real"};

constexpr std::array kArithmetics{Arithmetic::TfliteDouble,  Arithmetic::TfliteSingle,
                                  Arithmetic::TfliteFloat64, Arithmetic::Xnnpack,
                                  Arithmetic::OnnxRuntime,   Arithmetic::Onnx};

// One element: its sum, and the code under any arithmetic and clamp.
class Element {
 public:
  Element(std::int32_t accumulator, const Requantizer& by) : accumulator_(accumulator), by_(by) {}

  std::int64_t code() const { return numeric::requantize(accumulator_, by_); }

  std::int64_t code(Arithmetic arithmetic) const {
    Requantizer other = by_;
    other.arithmetic = arithmetic;
    return numeric::requantize(accumulator_, other);
  }

  std::int64_t unclamped() const {
    Requantizer wide = by_;
    wide.codes = {Limits::min(), Limits::max()};
    return numeric::requantize(accumulator_, wide);
  }

  // Whether the product is exactly half-way and `theirs` is the integer on one side of it.
  bool is_tie(std::int64_t theirs) const {
    const double factor = real_factor();
    const double product = accumulator_ * factor;
    const bool is_exact = std::fma(accumulator_, factor, -product) == 0;
    const double below = std::floor(product);
    if (!is_exact || product - below != 0.5) return false;
    const std::int64_t lower = static_cast<std::int64_t>(below) + by_.zero_point;
    return theirs == std::clamp(lower, by_.codes.lowest, by_.codes.highest) ||
           theirs == std::clamp(lower + 1, by_.codes.lowest, by_.codes.highest);
  }

  bool float_drops_bits() const {
    return static_cast<double>(static_cast<float>(accumulator_)) != accumulator_;
  }

 private:
  // What the arithmetic multiplies by, as a real number.
  double real_factor() const {
    switch (by_.arithmetic) {
      case Arithmetic::TfliteDouble:
      case Arithmetic::TfliteSingle:
        return std::ldexp(by_.multiplier.mantissa, by_.multiplier.exponent - 31);
      case Arithmetic::TfliteFloat64:
        return by_.exact_factor;
      default:
        return by_.factor;
    }
  }

  std::int32_t accumulator_;
  const Requantizer& by_;
};

bool are(std::int64_t a, std::int64_t b, std::int64_t one, std::int64_t other) {
  return (a == one && b == other) || (a == other && b == one);
}

bool is_saturated(std::int64_t wide, std::int64_t theirs, std::int64_t zero_point, DType dtype) {
  const CodeRange all = numeric::codes_of(dtype);
  return theirs == wide || theirs == std::clamp(wide, all.lowest, all.highest) ||
         theirs == std::clamp(wide, all.lowest + 1, all.highest) ||
         theirs == std::clamp(wide, std::clamp(zero_point, all.lowest, all.highest), all.highest);
}

std::int64_t wrapped(std::int64_t wide, DType dtype) {
  const bool is_signed = integer_range(dtype).least < 0;
  return numeric::fit_to_bits(wide, num_bits(dtype), is_signed, numeric::Overflow::Wrap);
}

}  // namespace

std::string_view to_string(Cause cause) noexcept {
  return kNames[static_cast<std::size_t>(cause)];
}

Cause cause_of(std::int64_t accumulator, const Requantizer& by, DType dtype, std::int64_t theirs) {
  if (accumulator < Limits::min() || accumulator > Limits::max()) return Cause::Real;
  const Element element(static_cast<std::int32_t>(accumulator), by);
  const std::int64_t ours = element.code();
  if (std::abs(ours - theirs) == 1) {
    if (element.is_tie(theirs)) return Cause::Tie;
    if (are(ours, theirs, element.code(Arithmetic::TfliteSingle),
            element.code(Arithmetic::TfliteDouble))) {
      return Cause::DoubleRounding;
    }
  }
  if (element.float_drops_bits() && are(ours, theirs, element.code(Arithmetic::Xnnpack),
                                        element.code(Arithmetic::TfliteFloat64))) {
    return Cause::FloatAccumulator;
  }
  if (std::ranges::any_of(kArithmetics, [&](Arithmetic a) { return element.code(a) == theirs; })) {
    return Cause::OtherArithmetic;
  }
  const std::int64_t wide = element.unclamped();
  if (is_saturated(wide, theirs, by.zero_point, dtype)) return Cause::Saturation;
  return wrapped(wide, dtype) == theirs ? Cause::Wrap : Cause::Real;
}

Cause cause_of(std::int64_t ours, std::int64_t theirs, std::span<const Candidate> candidates) {
  const auto has = [&](Arithmetic arithmetic, std::int64_t code) {
    return std::ranges::any_of(candidates, [&](const Candidate& candidate) {
      return candidate.arithmetic == arithmetic && candidate.code == code;
    });
  };
  const auto are_once_and_twice = [&](std::int64_t once, std::int64_t twice) {
    return has(Arithmetic::TfliteSingle, once) && has(Arithmetic::TfliteDouble, twice);
  };
  if (std::abs(ours - theirs) == 1 &&
      (are_once_and_twice(ours, theirs) || are_once_and_twice(theirs, ours))) {
    return Cause::DoubleRounding;
  }
  const bool is_known = std::ranges::count(candidates, theirs, &Candidate::code) > 0;
  return is_known ? Cause::OtherArithmetic : Cause::Real;
}

}  // namespace sluice::exact::compare
