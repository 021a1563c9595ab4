// SPDX-License-Identifier: Apache-2.0
#include "sluice/exact/compare/cause.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdlib>
#include <limits>
#include <optional>

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

// The same factor in the form of every arithmetic that can have it: a requantizer holds that of its
// own.
struct AnyRequantizer {
  Requantizer by;
  bool has_shift = false;
  bool has_factor = true;

  explicit AnyRequantizer(const Requantizer& own) : by(own) {
    if (!numeric::is_shift(own.arithmetic)) {
      const auto exponent = numeric::exact_log2(own.factor);
      has_shift = exponent.has_value();
      if (has_shift) by.shift = -*exponent;
      return;
    }
    constexpr int kMostExponent = 29;
    constexpr int kLeastExponent = -100;  // float32 still has it
    has_shift = true;
    has_factor = -own.shift <= kMostExponent && -own.shift >= kLeastExponent;
    if (!has_factor) return;
    by.exact_factor = std::ldexp(1.0, -own.shift);
    by.factor = static_cast<float>(by.exact_factor);
    by.multiplier = numeric::fixed_multiplier(by.exact_factor);
  }
};

// One element: its sum, and the code under any arithmetic and clamp.
class Element {
 public:
  Element(std::int64_t accumulator, const Requantizer& by)
      : accumulator_(accumulator), any_(by), arithmetic_(by.arithmetic) {}

  std::int64_t code() const { return *code(arithmetic_); }

  // Nothing if the arithmetic does not have the factor, or no room for the sum.
  std::optional<std::int64_t> code(Arithmetic arithmetic) const {
    return code(arithmetic, any_.by.codes);
  }

  std::int64_t unclamped() const { return *code(arithmetic_, {Limits::min(), Limits::max()}); }

  // Whether the product is exactly half-way and `theirs` is the integer on one side of it.
  bool is_tie(std::int64_t theirs) const {
    const auto sum = static_cast<double>(accumulator_);
    if (static_cast<std::int64_t>(sum) != accumulator_) return false;
    const double factor = real_factor();
    const double product = sum * factor;
    const bool is_exact = std::fma(sum, factor, -product) == 0;
    const double below = std::floor(product);
    if (!is_exact || product - below != 0.5) return false;
    const CodeRange& codes = any_.by.codes;
    const std::int64_t lower = static_cast<std::int64_t>(below) + any_.by.zero_point;
    return theirs == std::clamp(lower, codes.lowest, codes.highest) ||
           theirs == std::clamp(lower + 1, codes.lowest, codes.highest);
  }

  bool float_drops_bits() const {
    return static_cast<double>(static_cast<float>(accumulator_)) !=
           static_cast<double>(accumulator_);
  }

 private:
  std::optional<std::int64_t> code(Arithmetic arithmetic, CodeRange codes) const {
    Requantizer by = any_.by;
    by.arithmetic = arithmetic;
    by.codes = codes;
    if (numeric::is_shift(arithmetic)) {
      if (!any_.has_shift) return std::nullopt;
      return numeric::requantize_wide(accumulator_, by);
    }
    if (!any_.has_factor || accumulator_ < Limits::min() || accumulator_ > Limits::max()) {
      return std::nullopt;
    }
    return numeric::requantize(static_cast<std::int32_t>(accumulator_), by);
  }

  // What the arithmetic multiplies by, as a real number.
  double real_factor() const {
    const Requantizer& by = any_.by;
    switch (arithmetic_) {
      case Arithmetic::TfliteDouble:
      case Arithmetic::TfliteSingle:
        return std::ldexp(by.multiplier.mantissa, by.multiplier.exponent - 31);
      case Arithmetic::TfliteFloat64:
        return by.exact_factor;
      case Arithmetic::ShiftHalfEven:
      case Arithmetic::ShiftHalfUp:
      case Arithmetic::ShiftFloor:
        return std::ldexp(1.0, -by.shift);
      default:
        return by.factor;
    }
  }

  std::int64_t accumulator_;
  AnyRequantizer any_;
  Arithmetic arithmetic_;
};

using Code = std::optional<std::int64_t>;

bool are(std::int64_t a, std::int64_t b, const Code& one, const Code& other) {
  return (a == one && b == other) || (a == other && b == one);
}

bool is_of_other_arithmetic(const Element& element, std::int64_t theirs) {
  for (std::size_t a = 0; a < numeric::kNumArithmetics; ++a) {
    if (element.code(static_cast<Arithmetic>(a)) == theirs) return true;
  }
  return false;
}

bool is_saturated(std::int64_t wide, std::int64_t theirs, std::int64_t zero_point, CodeRange all) {
  return theirs == wide || theirs == std::clamp(wide, all.lowest, all.highest) ||
         theirs == std::clamp(wide, all.lowest + 1, all.highest) ||
         theirs == std::clamp(wide, std::clamp(zero_point, all.lowest, all.highest), all.highest);
}

// The code with the result's low bits.
std::int64_t wrapped(std::int64_t wide, CodeRange all) {
  const std::int64_t count = all.highest - all.lowest + 1;
  const std::int64_t rest = (wide - all.lowest) % count;
  return all.lowest + (rest < 0 ? rest + count : rest);
}

}  // namespace

std::string_view to_string(Cause cause) noexcept {
  return kNames[static_cast<std::size_t>(cause)];
}

Cause cause_of(std::int64_t accumulator, const Requantizer& by, CodeRange all,
               std::int64_t theirs) {
  const bool is_wide = accumulator < Limits::min() || accumulator > Limits::max();
  if (is_wide && !numeric::is_shift(by.arithmetic)) return Cause::Real;
  const Element element(accumulator, by);
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
  if (is_of_other_arithmetic(element, theirs)) return Cause::OtherArithmetic;
  const std::int64_t wide = element.unclamped();
  if (is_saturated(wide, theirs, by.zero_point, all)) return Cause::Saturation;
  return wrapped(wide, all) == theirs ? Cause::Wrap : Cause::Real;
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
