// SPDX-License-Identifier: Apache-2.0
// What hardware that scales a sum to a code may have besides a multiplier, one offset and a shift.
#pragma once

namespace sluice::rtl {

// Whether a scaler may have a tie window, which is one more comparison.
enum class TieWindows : unsigned char { Allowed, Refused };

// An offset of each sign, for halves away from zero; or a window of the bits that are shifted out,
// within which codes of one parity are missed, for halves to even.
enum class Form : unsigned char { OneOffset, OffsetOfEachSign, TiesMissEven, TiesMissOdd };

[[nodiscard]] constexpr bool has_window(Form form) {
  return form == Form::TiesMissEven || form == Form::TiesMissOdd;
}

// Of the codes that ties miss.
[[nodiscard]] constexpr int tie_parity_of(Form form) {
  return form == Form::TiesMissOdd ? 1 : 0;
}

}  // namespace sluice::rtl
