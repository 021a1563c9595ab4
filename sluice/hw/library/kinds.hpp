// SPDX-License-Identifier: Apache-2.0
// What each module takes, overloads in <kinds>.cpp. Each term of a list says what it stands for;
// the rest is the tools' business and the coefficients'.
#pragma once

#include <algorithm>
#include <cstdint>

#include "sluice/hw/library/modules.hpp"
#include "sluice/hw/modules/module.hpp"

namespace sluice::hw::library {

// The bits of a counter of n states; those of none are none.
inline double counter_bits(std::int64_t n) {
  return real(count_bits(std::max<std::int64_t>(n, 1)));
}
// LUTs that choose one of n bits: of six inputs each, four of them chosen among by two.
inline double choice_luts(std::int64_t n) {
  const std::int64_t luts = n < 2 ? 0 : (n + 1) / 3;
  return real(luts);
}

[[nodiscard]] Cost cost_of(const Add& of);
[[nodiscard]] Cost cost_of(const Bisect& of);
[[nodiscard]] Cost cost_of(const Chop& of);
[[nodiscard]] Cost cost_of(const Clip& of);
[[nodiscard]] Cost cost_of(const Concat& of);
[[nodiscard]] Cost cost_of(const Dot& of);
[[nodiscard]] Cost cost_of(const Fifo& of);
[[nodiscard]] Cost cost_of(const Fork& of);
[[nodiscard]] Cost cost_of(const FrameMax& of);
[[nodiscard]] Cost cost_of(const FrameSum& of);
[[nodiscard]] Cost cost_of(const Mul& of);
[[nodiscard]] Cost cost_of(const Parts& of);
[[nodiscard]] Cost cost_of(const PixelShift& of);
[[nodiscard]] Cost cost_of(const ReduceMax& of);
[[nodiscard]] Cost cost_of(const ReduceSum& of);
[[nodiscard]] Cost cost_of(const Register& of);
[[nodiscard]] Cost cost_of(const Regroup& of);
[[nodiscard]] Cost cost_of(const Repeat& of);
[[nodiscard]] Cost cost_of(const Requantize& of);
[[nodiscard]] Cost cost_of(const ShiftRound& of);
[[nodiscard]] Cost cost_of(const Shuffle& of);
[[nodiscard]] Cost cost_of(const Spread& of);
[[nodiscard]] Cost cost_of(const Stage& of);
[[nodiscard]] Cost cost_of(const Table& of);
[[nodiscard]] Cost cost_of(const WindowSlide& of);
[[nodiscard]] Cost cost_of(const WindowTaps& of);

}  // namespace sluice::hw::library
