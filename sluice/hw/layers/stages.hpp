// SPDX-License-Identifier: Apache-2.0
// The cycles from a word to what a module of rtl/ makes of it: the registers that it has one behind
// another. The heads of the modules say the same, and their tests hold them to it.
#pragma once

#include <algorithm>
#include <bit>
#include <cstdint>

namespace sluice::hw::stages {

inline constexpr std::int64_t kAdd = 2;     // sl_add
inline constexpr std::int64_t kBisect = 2;  // sl_bisect
inline constexpr std::int64_t kChop = 1;    // sl_chop
inline constexpr std::int64_t kClip = 1;    // sl_clip
inline constexpr std::int64_t kConcat = 1;  // sl_concat
inline constexpr std::int64_t kFork = 1;    // sl_fork
// sl_frame_max and sl_frame_sum, from a word of the last pixel.
inline constexpr std::int64_t kFrame = 2;
inline constexpr std::int64_t kMul = 2;          // sl_mul
inline constexpr std::int64_t kPingPong = 2;     // sl_ping_pong, also in sl_repeat and sl_shuffle
inline constexpr std::int64_t kPixelShift = 2;   // sl_pixel_shift, from the last word it waits for
inline constexpr std::int64_t kRegroup = 1;      // sl_regroup, from the last word of x in one of y
inline constexpr std::int64_t kRequantize = 4;   // sl_requantize
inline constexpr std::int64_t kShiftRound = 2;   // sl_shift_round
inline constexpr std::int64_t kSpread = 1;       // sl_spread
inline constexpr std::int64_t kStage = 1;        // sl_stage
inline constexpr std::int64_t kTable = 1;        // sl_table
inline constexpr std::int64_t kWindowTaps = 3;   // sl_window_taps, from the last word of a part
inline constexpr std::int64_t kWindowBegin = 1;  // and, after a reset, of a part of padding alone
inline constexpr std::int64_t kWindowSlide = 4;  // sl_window_slide, from the last word of a window

// sl_fifo of more words than two, which with two is an sl_register.
inline constexpr std::int64_t kFifo = 2;
inline constexpr std::int64_t kRegister = 1;

// What holds so many words that come at once. One fits in any stream, without a FIFO of its own.
// Two do not: the registers of a module move together, so the second would hold up what comes
// behind it after a pause.
[[nodiscard]] constexpr std::int64_t fifo(std::int64_t depth) {
  if (depth < 2) return 0;
  return depth == 2 ? kRegister : kFifo;
}
// What holds so many words besides those of a stream.
[[nodiscard]] constexpr std::int64_t queue(std::int64_t depth) {
  return depth == 1 ? kStage : fifo(depth);
}

// sl_dot: from the first cycle of a window's last beat to its first sum.
[[nodiscard]] constexpr std::int64_t dot(std::int64_t products) {
  const auto levels = std::bit_width(static_cast<std::uint64_t>(products - 1));
  return 4 + static_cast<std::int64_t>(levels);
}

// sl_reduce_max and sl_reduce_sum: from the last part of a window.
[[nodiscard]] constexpr std::int64_t reduce(std::int64_t words, std::int64_t parts) {
  const auto levels = std::bit_width(static_cast<std::uint64_t>(words - 1));
  return std::max<std::int64_t>((levels + 1) / 2 + (parts > 1 ? 1 : 0), 1);
}

}  // namespace sluice::hw::stages
