// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>
#include <gtest/gtest.h>

#include "tests/support/rtl_bench.hpp"
#include "tests/support/rtl_window.hpp"

#include "sluice/hw/layers/stages.hpp"

namespace sluice::test {
namespace {

// Columns that a row goes through, of a cycle each for each beat.
std::int64_t sweep_of(const RtlWindow& window) {
  return (window.out_cols - 1) * window.stride_cols + window.reach_cols() - window.pad_left;
}

std::int64_t sweep_cycles(const RtlWindow& window) {
  return window.out_rows * sweep_of(window) * window.beats;
}

// The head's formula.
std::vector<std::int64_t> whole_windows(const RtlWindow& window,
                                        const std::vector<std::int64_t>& maps,
                                        std::int64_t frames) {
  std::vector<std::int64_t> words;
  window.for_each_window(frames, [&](std::int64_t frame, std::int64_t oy, std::int64_t ox) {
    for (std::int64_t beat = 0; beat < window.beats; ++beat) {
      for (std::int64_t c = 0; c < window.kernel_cols; ++c) {
        for (std::int64_t r = 0; r < window.kernel_rows; ++r) {
          window.append(words, maps, frame,
                        oy * window.stride_rows - window.pad_top + r * window.dilation_rows,
                        ox * window.stride_cols - window.pad_left + c * window.dilation_cols, beat);
        }
      }
    }
  });
  return words;
}

RtlRun expect_slides(const std::vector<RtlWindow>& windows, std::int64_t cycles, Rng& rng) {
  RtlBench bench;
  for (std::size_t i = 0; i < windows.size(); ++i) {
    const RtlWindow& window = windows[i];
    const std::int64_t frames =
        std::max<std::int64_t>(4, cycles / std::max(sweep_cycles(window), window.frame_words()));
    const auto width = static_cast<std::size_t>(window.width);
    const auto lanes = static_cast<std::size_t>(window.lanes);
    const auto codes = static_cast<std::size_t>(window.kernel_rows * window.kernel_cols) * lanes;
    const std::vector<std::int64_t> maps =
        random_codes(rng, static_cast<std::size_t>(frames * window.frame_words()) * lanes, width);
    bench.add({.name = fmt::format("s{}", i),
               .module = "sl_window_slide",
               .parameters = window.parameters(),
               .inputs = {{"x", rtl_words(maps, width, lanes)}},
               .outputs = {
                   {"y", rtl_words(whole_windows(window, maps, frames), width, codes),
                    static_cast<std::size_t>(window.out_rows * window.out_cols * window.beats)}}});
  }
  RtlRun run = expect_passes(bench);
  if (!run.passed) return run;
  for (std::size_t i = 0; i < windows.size(); ++i) {
    expect_window_rate(run, fmt::format("s{}.y", i), windows[i], sweep_cycles(windows[i]));
  }
  return run;
}

TEST(SlWindowSlide, CutsTheWindowsOfCommonLayers) {
  SL_NEEDS_RTL_SIMULATORS();
  Rng rng(1);
  const RtlRun run = expect_slides(
      {
          {.rows = 8, .cols = 7, .kernel_rows = 3, .kernel_cols = 3, .out_rows = 6, .out_cols = 5},
          {.rows = 9,
           .cols = 8,
           .kernel_rows = 3,
           .kernel_cols = 3,
           .pad_top = 1,
           .pad_left = 1,
           .out_rows = 9,
           .out_cols = 8,
           .pad_word = 5},
          {.width = 4,
           .lanes = 2,
           .rows = 6,
           .cols = 5,
           .beats = 3,
           .kernel_rows = 3,
           .kernel_cols = 3,
           .out_rows = 4,
           .out_cols = 3,
           .spare_rows = 2},
          {.rows = 9,
           .cols = 9,
           .kernel_rows = 7,
           .kernel_cols = 7,
           .stride_rows = 2,
           .stride_cols = 2,
           .pad_top = 3,
           .pad_left = 3,
           .out_rows = 5,
           .out_cols = 5,
           .pad_word = 200},
          {.rows = 6,
           .cols = 6,
           .kernel_rows = 2,
           .kernel_cols = 2,
           .stride_rows = 2,
           .stride_cols = 2,
           .out_rows = 3,
           .out_cols = 3},
          {.rows = 7,
           .cols = 7,
           .beats = 2,
           .stride_rows = 3,
           .stride_cols = 3,
           .out_rows = 3,
           .out_cols = 3},
          {.rows = 3, .cols = 4, .kernel_rows = 3, .kernel_cols = 4, .spare_rows = 2},
      },
      5000, rng);
  ASSERT_TRUE(run.passed);
  // From the word of row 2, column 2 and, with padding, of row 1, column 1.
  EXPECT_EQ(run.latency("s0.x", "s0.y"), 2 * 7 + 2 + hw::stages::kWindowSlide);
  EXPECT_EQ(run.latency("s1.x", "s1.y"), 1 * 8 + 1 + hw::stages::kWindowSlide);
}

TEST(SlWindowSlide, CutsMapsOfOneRowAndOneColumn) {
  SL_NEEDS_RTL_SIMULATORS();
  Rng rng(2);
  const RtlRun run = expect_slides(
      {
          {.rows = 1,
           .cols = 9,
           .kernel_rows = 1,
           .kernel_cols = 3,
           .pad_left = 2,
           .out_cols = 9,
           .pad_word = 1},
          {.rows = 9, .cols = 1, .kernel_rows = 3, .kernel_cols = 1, .pad_top = 1, .out_rows = 9},
          {.rows = 1,
           .cols = 1,
           .beats = 4,
           .kernel_rows = 3,
           .kernel_cols = 3,
           .pad_top = 1,
           .pad_left = 1,
           .pad_word = 7},
          {.rows = 1, .cols = 1},
          // All of the kernel but its last column is padding.
          {.rows = 2,
           .cols = 1,
           .kernel_rows = 2,
           .kernel_cols = 5,
           .dilation_cols = 2,
           .pad_left = 8,
           .spare_rows = 1,
           .pad_word = 4},
      },
      2000, rng);
  EXPECT_TRUE(run.passed);
}

TEST(SlWindowSlide, CutsAnyWindows) {
  SL_NEEDS_RTL_SIMULATORS();
  Rng rng(3);
  std::vector<RtlWindow> windows(12);
  for (RtlWindow& window : windows) window = random_window(rng);
  EXPECT_TRUE(expect_slides(windows, 3000, rng).passed);
}

}  // namespace
}  // namespace sluice::test
