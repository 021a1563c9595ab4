// SPDX-License-Identifier: Apache-2.0
// Why two implementations of one layer give different codes of one element. A cause is named only
// if it leads to the very code that the other one has.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "sluice/numeric/requantize.hpp"
#include "sluice/numeric/rounding.hpp"

namespace sluice::exact::compare {

enum class Cause : unsigned char {
  Tie,               // "tie": the exact result lies half-way, and was rounded to the other side
  DoubleRounding,    // "double-rounding": one rounds once, the other twice
  FloatAccumulator,  // "float-accumulator": float32 does not hold the sum, which is beyond 2^24
  OtherArithmetic,   // "other-arithmetic": what another arithmetic makes of the same sum
  Saturation,        // "saturation": the result, or one of its bounds in hardware, is out of range
  Wrap,              // "wrap": the low bits of a result out of range
  Padding,           // "padding": differences only where the window reaches over the border
  Real,              // "real": none of these
};
inline constexpr std::size_t kNumCauses = 8;
[[nodiscard]] std::string_view to_string(Cause cause) noexcept;

// Of an element that `by` requantizes from `accumulator`, where the other implementation has
// `theirs`, which is another code. `all`: the codes there are.
//   Tie, DoubleRounding: codes differ by one; accumulator·factor is exactly half an odd number; one
//     code is that of tflite-single, the other that of tflite-double.
//   FloatAccumulator: one code is that of xnnpack, the other that of tflite-float64.
//   OtherArithmetic: theirs is the code of any other arithmetic; those that shift need a factor
//   that
//     is a power of two.
//   Saturation: theirs is the result clamped to all codes, to all but the lowest, to
//     those from the zero point on, or not at all.
//   Wrap: theirs is the result's low bits.
// The first that holds; never Padding, which no single element shows. Accumulators beyond 32 bits
// are explained in arithmetics that shift only, else they are Real.
[[nodiscard]] Cause cause_of(std::int64_t accumulator, const numeric::Requantizer& by,
                             numeric::CodeRange all, std::int64_t theirs);

// A code under one arithmetic.
struct Candidate {
  numeric::Arithmetic arithmetic = numeric::Arithmetic::TfliteDouble;
  std::int64_t code = 0;
};

// The same without accumulators, from the codes that the layer has under several arithmetics:
// DoubleRounding, OtherArithmetic or Real. `ours` is not `theirs`.
[[nodiscard]] Cause cause_of(std::int64_t ours, std::int64_t theirs,
                             std::span<const Candidate> candidates);

}  // namespace sluice::exact::compare
