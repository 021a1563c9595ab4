// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>
#include <cmath>
#include <fmt/format.h>
#include <gtest/gtest.h>

#include "tests/support/rtl_bench.hpp"

#include "sluice/hw/layers/stages.hpp"
#include "sluice/numeric/requantize.hpp"

namespace sluice::test {
namespace {

using numeric::Arithmetic;
using numeric::CodeRange;

// By the number of parameter Rounding.
constexpr std::array kByRounding = {Arithmetic::ShiftFloor, Arithmetic::ShiftHalfUp,
                                    Arithmetic::ShiftHalfEven};
constexpr std::uint64_t kShiftBeats = 4000;

struct ShiftCase {
  std::size_t x_width = 24;
  bool x_signed = true;
  std::size_t y_width = 8, lanes = 1;
  std::size_t shift_width = 0;       // 0: one shift for all
  std::vector<std::int64_t> shifts;  // of each channel
  std::size_t rounding = 2;
  std::int64_t zero_point = 0;
  CodeRange codes{-128, 127};

  [[nodiscard]] std::string parameters(const std::string& file) const {
    return fmt::format(
        ".XWidth({}), .XSigned(1'b{:d}), .YWidth({}), .Lanes({}), .Depth({}), .ShiftWidth({}), "
        ".Shift({}), .Rounding({}), .ZeroPoint({}), .Lowest({}), .Highest({}), .File(\"{}\")",
        x_width, x_signed, y_width, lanes, shift_width == 0 ? 1 : shifts.size() / lanes,
        shift_width, shifts[0], rounding, zero_point, codes.lowest, codes.highest, file);
  }

  [[nodiscard]] std::int64_t code(std::size_t channel, std::int64_t x) const {
    const auto shift = static_cast<int>(shifts[channel % shifts.size()]);
    const numeric::Requantizer by{.arithmetic = kByRounding[rounding],
                                  .factor = std::ldexp(1.0F, -shift),
                                  .shift = shift,
                                  .zero_point = zero_point,
                                  .codes = codes};
    return numeric::requantize_wide(x, by);
  }
};

// Half of the codes end in zeros, so that halves are met, and some are the least or the greatest.
std::int64_t random_sum(const ShiftCase& shift_case, std::size_t channel, Rng& rng) {
  const std::size_t width = shift_case.x_width;
  std::int64_t x = random_codes(rng, 1, width, shift_case.x_signed)[0];
  const std::int64_t shift = shift_case.shifts[channel % shift_case.shifts.size()];
  if (rng.below(2) == 0 && shift > 0 && shift <= static_cast<std::int64_t>(width)) {
    x = x >> (shift - 1) << (shift - 1);
  }
  if (rng.below(16) == 0) x = shift_case.x_signed ? -(std::int64_t{1} << (width - 1)) : 0;
  if (rng.below(16) == 0) x = (std::int64_t{1} << (width - (shift_case.x_signed ? 1 : 0))) - 1;
  return x;
}

void expect_shifts(const std::vector<ShiftCase>& cases, Rng& rng) {
  RtlBench bench;
  for (std::size_t i = 0; i < cases.size(); ++i) {
    const ShiftCase& shift_case = cases[i];
    const std::string name = fmt::format("s{}", i);
    std::vector<std::int64_t> x;
    std::vector<std::int64_t> y;
    for (std::size_t k = 0; k < kShiftBeats * shift_case.lanes; ++k) {
      x.push_back(random_sum(shift_case, k, rng));
      y.push_back(shift_case.code(k, x.back()));
    }
    if (shift_case.shift_width > 0) {
      bench.add_file(name + ".mem",
                     rtl_words(shift_case.shifts, shift_case.shift_width, shift_case.lanes));
    }
    bench.add({.name = name,
               .module = "sl_shift_round",
               .parameters = shift_case.parameters(name + ".mem"),
               .inputs = {{"x", rtl_words(x, shift_case.x_width, shift_case.lanes)}},
               .outputs = {{"y", rtl_words(y, shift_case.y_width, shift_case.lanes)}}});
  }
  const RtlRun run = expect_passes(bench);
  ASSERT_TRUE(run.passed);
  for (std::size_t i = 0; i < cases.size(); ++i) {
    EXPECT_EQ(run.latency(fmt::format("s{}.x", i), fmt::format("s{}.y", i)),
              hw::stages::kShiftRound);
    EXPECT_EQ(run.cycles(fmt::format("s{}.y", i)), kShiftBeats);
  }
}

TEST(SlShiftRound, RoundsByOneShiftInAllWays) {
  SL_NEEDS_RTL_SIMULATORS();
  Rng rng(1);
  std::vector<ShiftCase> cases;
  for (const std::size_t rounding : {0U, 1U, 2U}) {
    cases.push_back({.x_width = 20, .lanes = 2, .shifts = {8}, .rounding = rounding});
    cases.push_back({.x_width = 12, .shifts = {0}, .rounding = rounding, .zero_point = -7});
    // All bits are shifted out, and more than all.
    cases.push_back({.x_width = 10, .shifts = {10}, .rounding = rounding});
    cases.push_back({.x_width = 6, .shifts = {40}, .rounding = rounding, .zero_point = 3});
    cases.push_back({.x_width = 16,
                     .x_signed = false,
                     .y_width = 8,
                     .shifts = {8},
                     .rounding = rounding,
                     .zero_point = 12,
                     .codes = {0, 255}});
  }
  expect_shifts(cases, rng);
}

TEST(SlShiftRound, RoundsByTheShiftsOfChannels) {
  SL_NEEDS_RTL_SIMULATORS();
  Rng rng(2);
  const auto size = [&](std::int64_t low, std::int64_t high) {
    return static_cast<std::size_t>(rng.integer(low, high));
  };
  std::vector<ShiftCase> cases(12);
  for (std::size_t i = 0; i < cases.size(); ++i) {
    ShiftCase& wanted = cases[i];
    wanted = {.x_width = size(2, 40),
              .x_signed = rng.below(2) == 0,
              .y_width = size(1, 16),
              .lanes = size(1, 4),
              .shift_width = size(1, 6),
              .shifts = {},
              .rounding = i % 3};
    // As much as its sign leaves.
    const auto room = static_cast<std::int64_t>(wanted.x_width - 1);
    wanted.zero_point =
        rng.integer(-1, 1) * ((std::int64_t{1} << std::min<std::int64_t>(room, 14)) - 1);
    const std::int64_t first = rng.below(2) == 0 ? 0 : -(std::int64_t{1} << (wanted.y_width - 1));
    const std::int64_t last = first + (std::int64_t{1} << wanted.y_width) - 1;
    wanted.codes = {rng.integer(first, (first + last) / 2), last};
    wanted.shifts = random_codes(rng, wanted.lanes * size(1, 40), wanted.shift_width);
  }
  expect_shifts(cases, rng);
}

}  // namespace
}  // namespace sluice::test
