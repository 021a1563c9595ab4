// SPDX-License-Identifier: Apache-2.0
// And sl_row_walk and sl_row_buffer, which sl_window_taps walks by and reads.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include "tests/support/rtl_bench.hpp"
#include "tests/support/rtl_window.hpp"

#include "sluice/hw/layers/stages.hpp"

namespace sluice::test {
namespace {

struct TapsCase {
  std::string name;
  RtlWindow window;
  bool columns = false;

  // That leave in a cycle each.
  [[nodiscard]] std::int64_t parts() const {
    return window.out_rows * window.out_cols * window.beats * window.kernel_cols *
           (columns ? 1 : window.kernel_rows);
  }
};

// The head's formula.
std::vector<std::int64_t> taps_of(const RtlWindow& window, const std::vector<std::int64_t>& maps,
                                  std::int64_t frames) {
  std::vector<std::int64_t> taps;
  window.for_each_window(frames, [&](std::int64_t frame, std::int64_t oy, std::int64_t ox) {
    for (std::int64_t beat = 0; beat < window.beats; ++beat) {
      for (std::int64_t part = 0; part < window.kernel_rows * window.kernel_cols; ++part) {
        window.append(taps, maps, frame,
                      oy * window.stride_rows - window.pad_top +
                          part % window.kernel_rows * window.dilation_rows,
                      ox * window.stride_cols - window.pad_left +
                          part / window.kernel_rows * window.dilation_cols,
                      beat);
      }
    }
  });
  return taps;
}

// Of the parts of a frame those that leave before its first word comes.
std::int64_t leading_parts(const TapsCase& taps) {
  const RtlWindow& window = taps.window;
  const std::int64_t row_parts = taps.parts() / window.out_rows;
  const std::int64_t kernel = row_parts / (window.out_cols * window.beats);
  for (std::int64_t i = 0; i < taps.parts(); ++i) {
    const std::int64_t first_row = i / row_parts * window.stride_rows - window.pad_top;
    const std::int64_t part = i % kernel;
    const std::int64_t row =
        first_row +
        (taps.columns ? window.reach_rows() - 1 : part % window.kernel_rows * window.dilation_rows);
    const std::int64_t kernel_col = taps.columns ? part : part / window.kernel_rows;
    const std::int64_t col = i % row_parts / (kernel * window.beats) * window.stride_cols -
                             window.pad_left + kernel_col * window.dilation_cols;
    const bool needs_word = row >= 0 && col >= 0 && col < window.cols;
    const bool gives_up_rows = (i + 1) % row_parts == 0 && first_row + window.stride_rows > 0;
    const bool ends_window = (i + 1) % kernel == 0;
    if (needs_word || gives_up_rows || ends_window) return i;
  }
  return taps.parts();
}

// Frames for about so many cycles.
void add_taps(RtlBench& bench, const TapsCase& taps, std::int64_t cycles, Rng& rng) {
  const RtlWindow& window = taps.window;
  const std::int64_t frames =
      std::max<std::int64_t>(4, cycles / std::max(taps.parts(), window.frame_words()));
  const auto width = static_cast<std::size_t>(window.width);
  const auto lanes = static_cast<std::size_t>(window.lanes);
  const std::vector<std::int64_t> maps =
      random_codes(rng, static_cast<std::size_t>(frames * window.frame_words()) * lanes, width);
  std::vector<std::int64_t> out = taps_of(window, maps, frames);
  const std::size_t words = taps.columns ? static_cast<std::size_t>(window.kernel_rows) : 1;
  // And what the frame after the last begins with.
  out.insert(out.end(), static_cast<std::size_t>(leading_parts(taps)) * words * lanes,
             window.pad_word);
  bench.add({.name = taps.name,
             .module = "sl_window_taps",
             .parameters = fmt::format("{}, .Columns(1'b{:d})", window.parameters(), taps.columns),
             .inputs = {{"x", rtl_words(maps, width, lanes)}},
             .outputs = {{"y", rtl_words(out, width, words * lanes),
                          static_cast<std::size_t>(taps.parts())}}});
}

RtlRun expect_taps(const std::vector<TapsCase>& cases, std::int64_t cycles, Rng& rng) {
  RtlBench bench;
  for (const TapsCase& taps : cases) add_taps(bench, taps, cycles, rng);
  RtlRun run = expect_passes(bench);
  if (!run.passed) return run;
  for (const TapsCase& taps : cases) {
    expect_window_rate(run, taps.name + ".y", taps.window, taps.parts());
  }
  return run;
}

// Both forms of windows.
std::vector<TapsCase> in_words_and_columns(const std::vector<RtlWindow>& windows) {
  std::vector<TapsCase> cases;
  cases.reserve(2 * windows.size());
  for (const RtlWindow& window : windows) {
    cases.push_back({fmt::format("words{}", cases.size()), window, false});
    cases.push_back({fmt::format("columns{}", cases.size()), window, true});
  }
  return cases;
}

TEST(SlWindowTaps, CutsTheWindowsOfCommonLayers) {
  SL_NEEDS_RTL_SIMULATORS();
  Rng rng(1);
  const std::vector<RtlWindow> windows = {
      {.rows = 8,
       .cols = 7,
       .kernel_rows = 3,
       .kernel_cols = 3,
       .pad_top = 1,
       .pad_left = 1,
       .out_rows = 8,
       .out_cols = 7,
       .pad_word = 5},
      // Without padding, of channels in several beats and lanes.
      {.width = 4,
       .lanes = 2,
       .rows = 6,
       .cols = 5,
       .beats = 2,
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
      // A subsampling, and all of a map at once.
      {.rows = 7,
       .cols = 7,
       .beats = 2,
       .stride_rows = 3,
       .stride_cols = 2,
       .out_rows = 3,
       .out_cols = 4},
      {.rows = 3, .cols = 4, .kernel_rows = 3, .kernel_cols = 4, .spare_rows = 2},
      // Padding alone: windows of one word, whole rows of them outside the map.
      {.rows = 3,
       .cols = 4,
       .beats = 2,
       .pad_top = 2,
       .pad_left = 2,
       .out_rows = 8,
       .out_cols = 7,
       .pad_word = 9},
  };
  const RtlRun run = expect_taps(in_words_and_columns(windows), 3000, rng);
  ASSERT_TRUE(run.passed);
  // The first part of a padded window needs nothing, that of another one a word.
  EXPECT_EQ(run.latency("words0.x", "words0.y"), hw::stages::kWindowBegin);
  EXPECT_EQ(run.latency("words2.x", "words2.y"), hw::stages::kWindowTaps);
  EXPECT_EQ(run.latency("columns3.x", "columns3.y"),
            std::int64_t{2} * 5 * 2 + hw::stages::kWindowTaps);
}

TEST(SlWindowTaps, CutsMapsOfOneRowAndOneColumn) {
  SL_NEEDS_RTL_SIMULATORS();
  Rng rng(2);
  const std::vector<RtlWindow> windows = {
      {.rows = 1,
       .cols = 9,
       .kernel_rows = 1,
       .kernel_cols = 3,
       .pad_left = 2,
       .out_cols = 9,
       .spare_rows = 0,
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
      {.rows = 9, .cols = 1, .beats = 5, .stride_rows = 2, .out_rows = 5},
  };
  EXPECT_TRUE(expect_taps(in_words_and_columns(windows), 1500, rng).passed);
}

TEST(SlWindowTaps, PadsByMoreThanTheKernelReaches) {
  SL_NEEDS_RTL_SIMULATORS();
  Rng rng(3);
  const std::vector<RtlWindow> windows = {
      // Windows wholly above and to the left of the map, and wholly to its right and below.
      {.rows = 3,
       .cols = 4,
       .kernel_rows = 2,
       .kernel_cols = 2,
       .pad_top = 5,
       .pad_left = 3,
       .out_rows = 9,
       .out_cols = 9,
       .pad_word = 9},
      {.rows = 2,
       .cols = 2,
       .stride_rows = 2,
       .pad_top = 4,
       .pad_left = 1,
       .out_rows = 4,
       .out_cols = 4,
       .pad_word = 3},
  };
  EXPECT_TRUE(expect_taps(in_words_and_columns(windows), 2000, rng).passed);
}

TEST(SlWindowTaps, CutsAnyWindows) {
  SL_NEEDS_RTL_SIMULATORS();
  Rng rng(4);
  std::vector<RtlWindow> windows(7);
  for (RtlWindow& window : windows) window = random_window(rng);
  EXPECT_TRUE(expect_taps(in_words_and_columns(windows), 1500, rng).passed);
}

TEST(SlWindowTaps, RefusesRowsThatDoNotFit) {
  SL_NEEDS_RTL_SIMULATORS();
  Rng rng(5);
  const std::vector<std::pair<RtlWindow, std::string>> refused = {
      {{.rows = 9, .cols = 3, .kernel_rows = 2, .out_rows = 2, .out_cols = 3},
       "slots_hold_the_end"},
  };
  for (const auto& [window, check] : refused) {
    RtlBench bench;
    add_taps(bench, {"a", window}, 10, rng);
    const RtlRun run = bench.run({.simulator = RtlSimulator::Icarus});
    EXPECT_FALSE(run.passed);
    EXPECT_NE(run.output.find("parameter_check_failed_" + check), std::string::npos) << run.output;
  }
}

}  // namespace
}  // namespace sluice::test
