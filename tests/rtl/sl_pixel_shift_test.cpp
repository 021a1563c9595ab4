// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <fmt/format.h>
#include <gtest/gtest.h>

#include "tests/support/rtl_bench.hpp"

namespace sluice::test {
namespace {

struct PixelShift {
  std::size_t width, lanes, rows, cols, beats;
  std::vector<std::int64_t> taps = {1, 3, 4, 5, 7};
  std::int64_t fill = 0;

  [[nodiscard]] std::size_t channels() const { return beats * lanes; }
  [[nodiscard]] std::size_t words() const { return rows * cols * beats; }
  [[nodiscard]] std::size_t frames() const { return 9000 / words() + 2; }
  // The taps only if they are not the module's own.
  [[nodiscard]] std::string parameters() const {
    std::string text = fmt::format(".Width({}), .Lanes({}), .Rows({}), .Cols({}), .Beats({})",
                                   width, lanes, rows, cols, beats);
    if (taps.size() == 5) return text;
    std::string entries;  // the first in the lowest bits
    for (const std::int64_t tap : taps) {
      entries = fmt::format("4'd{}{}{}", tap, entries.empty() ? "" : ", ", entries);
    }
    return text +
           fmt::format(", .Period({}), .Taps({{{}}}), .Fill({})", taps.size(), entries, fill);
  }
};

std::vector<std::int64_t> shifted(const PixelShift& c, const std::vector<std::int64_t>& x) {
  const auto rows = static_cast<std::int64_t>(c.rows);
  const auto cols = static_cast<std::int64_t>(c.cols);
  const std::size_t frame_codes = c.words() * c.lanes;
  std::vector<std::int64_t> y(x.size(), c.fill);
  for (std::size_t i = 0; i < x.size(); ++i) {
    const std::size_t channel = i % c.channels();
    const std::int64_t tap = c.taps[channel % c.taps.size()];
    const auto pixel = static_cast<std::int64_t>(i % frame_codes / c.channels());
    const std::int64_t row = pixel / cols + tap / 3 - 1;
    const std::int64_t col = pixel % cols + tap % 3 - 1;
    if (row < 0 || row >= rows || col < 0 || col >= cols) continue;
    y[i] = x[i / frame_codes * frame_codes +
             static_cast<std::size_t>(row * cols + col) * c.channels() + channel];
  }
  return y;
}

const std::vector<PixelShift>& pixel_shifts() {
  static const std::vector<PixelShift> all = {
      {.width = 4, .lanes = 1, .rows = 5, .cols = 6, .beats = 7},
      {.width = 8, .lanes = 4, .rows = 7, .cols = 3, .beats = 3},
      {.width = 1, .lanes = 5, .rows = 8, .cols = 8, .beats = 1},
      // Frames shorter than what a word waits for in a long one.
      {.width = 3, .lanes = 2, .rows = 1, .cols = 1, .beats = 5},
      {.width = 3, .lanes = 1, .rows = 1, .cols = 9, .beats = 2},
      {.width = 6, .lanes = 3, .rows = 6, .cols = 1, .beats = 2},
      {.width = 5, .lanes = 2, .rows = 2, .cols = 2, .beats = 4},
      // All nine places in turn, and all to one side.
      {.width = 4,
       .lanes = 3,
       .rows = 4,
       .cols = 5,
       .beats = 6,
       .taps = {0, 1, 2, 3, 4, 5, 6, 7, 8},
       .fill = 9},
      {.width = 2, .lanes = 1, .rows = 30, .cols = 28, .beats = 2, .taps = {8}, .fill = 1}};
  return all;
}

TEST(SlPixelShift, MovesEachChannelByItsTap) {
  SL_NEEDS_RTL_SIMULATORS();
  Rng rng(1);
  RtlBench bench;
  std::size_t index = 0;
  for (const PixelShift& c : pixel_shifts()) {
    const auto x = random_codes(rng, c.frames() * c.words() * c.lanes, c.width);
    bench.add({.name = fmt::format("p{}", index++),
               .module = "sl_pixel_shift",
               .parameters = c.parameters(),
               .inputs = {{"x", rtl_words(x, c.width, c.lanes)}},
               .outputs = {{"y", rtl_words(shifted(c, x), c.width, c.lanes)}}});
  }
  const RtlRun run = expect_passes(bench);
  ASSERT_TRUE(run.passed);
  for (std::size_t i = 0; i < pixel_shifts().size(); ++i) {
    const PixelShift& c = pixel_shifts()[i];
    const std::string name = fmt::format("p{}", i);
    const std::size_t reach = (c.cols + 1) * c.beats;
    EXPECT_EQ(run.latency(name + ".x", name + ".y"),
              static_cast<std::int64_t>(std::min(reach + 2, c.words() + 1)))
        << name;
    EXPECT_EQ(run.cycles(name + ".x"), c.frames() * c.words()) << name;
    EXPECT_EQ(run.cycles(name + ".y"), c.frames() * c.words()) << name;
  }
}

}  // namespace
}  // namespace sluice::test
