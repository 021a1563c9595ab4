// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>
#include <gtest/gtest.h>

#include "tests/support/rtl_bench.hpp"

namespace sluice::test {
namespace {

struct Spread {
  std::size_t rows, cols, beats, row_step, col_step, lanes;
  [[nodiscard]] std::size_t rows_out() const { return (rows - 1) * row_step + 1; }
  [[nodiscard]] std::size_t cols_out() const { return (cols - 1) * col_step + 1; }
  [[nodiscard]] std::size_t words_in() const { return rows * cols * beats; }
  [[nodiscard]] std::size_t words_out() const { return rows_out() * cols_out() * beats; }
  [[nodiscard]] std::size_t frames() const { return 10000 / words_out() + 2; }
};

std::vector<std::int64_t> spread(const Spread& c, const std::vector<std::int64_t>& x,
                                 std::int64_t fill) {
  const std::size_t channels = c.beats * c.lanes;
  const std::size_t frames = x.size() / (c.words_in() * c.lanes);
  std::vector<std::int64_t> y(frames * c.words_out() * c.lanes, fill);
  std::size_t at = 0;
  for (std::size_t frame = 0; frame < frames; ++frame) {
    for (std::size_t row = 0; row < c.rows; ++row) {
      for (std::size_t col = 0; col < c.cols; ++col) {
        const std::size_t pixel =
            (frame * c.rows_out() + row * c.row_step) * c.cols_out() + col * c.col_step;
        for (std::size_t i = 0; i < channels; ++i) y[pixel * channels + i] = x[at++];
      }
    }
  }
  return y;
}

const std::vector<Spread>& all_spreads() {
  static const auto kAll = corners_and<Spread>(
      {{3, 5, 2, 2, 2, 1},
       {1, 1, 1, 2, 2, 2},
       {2, 3, 1, 1, 4, 1},
       {4, 1, 3, 3, 1, 2},
       {5, 4, 4, 1, 1, 1},
       {1, 6, 1, 3, 2, 1},
       {6, 1, 1, 3, 2, 3},
       {7, 9, 3, 2, 2, 2}},
      4, [](Rng& rng) {
        return Spread{draw_size(rng, 1, 5), draw_size(rng, 1, 9), draw_size(rng, 1, 6),
                      draw_size(rng, 1, 4), draw_size(rng, 1, 4), draw_size(rng, 1, 3)};
      });
  return kAll;
}

TEST(SlSpread, PutsTheFillBetweenPixelsAndRows) {
  SL_NEEDS_RTL_SIMULATORS();
  Rng rng(1);
  RtlBench bench;
  std::size_t index = 0;
  for (const Spread& c : all_spreads()) {
    const auto width = static_cast<std::size_t>(rng.integer(1, 12));
    const std::int64_t fill = rng.integer(0, (std::int64_t{1} << width) - 1);
    const auto x = random_codes(rng, c.frames() * c.words_in() * c.lanes, width);
    bench.add({.name = fmt::format("s{}", index++),
               .module = "sl_spread",
               .parameters = fmt::format(
                   ".Width({}), .Lanes({}), .Rows({}), .Cols({}), .Beats({}), .RowStep({}), "
                   ".ColStep({}), .Fill({}'d{})",
                   width, c.lanes, c.rows, c.cols, c.beats, c.row_step, c.col_step, width, fill),
               .inputs = {{"x", rtl_words(x, width, c.lanes)}},
               .outputs = {{"y", rtl_words(spread(c, x, fill), width, c.lanes)}}});
  }
  const RtlRun run = expect_passes(bench);
  ASSERT_TRUE(run.passed);
  for (std::size_t i = 0; i < all_spreads().size(); ++i) {
    const std::string name = fmt::format("s{}", i);
    EXPECT_EQ(run.latency(name + ".x", name + ".y"), 1) << name;
    // No cycle is lost, between frames neither.
    EXPECT_EQ(run.cycles(name + ".y"), all_spreads()[i].frames() * all_spreads()[i].words_out())
        << name;
  }
}

// The zeros of the last row and of the first of the next frame come when words do.
TEST(SlSpread, NothingIsBehindTheLastWord) {
  SL_NEEDS_RTL_SIMULATORS();
  Rng rng(2);
  const Spread one{2, 2, 1, 3, 3, 1};
  const auto x = random_codes(rng, one.words_in(), 8);
  RtlBench bench;
  bench.add({.name = "s",
             .module = "sl_spread",
             .parameters = ".Width(8), .Rows(2), .Cols(2), .RowStep(3), .ColStep(3)",
             .inputs = {{"x", rtl_words(x, 8)}},
             .outputs = {{"y", rtl_words(spread(one, x, 0), 8)}}});
  EXPECT_TRUE(expect_passes(bench).passed);
}

TEST(SlSpread, RefusesAStepOfNone) {
  SL_NEEDS_RTL_SIMULATORS();
  RtlBench bench;
  bench.add({.name = "s",
             .module = "sl_spread",
             .parameters = ".RowStep(0)",
             .inputs = {{"x", rtl_words(std::vector<std::int64_t>{1}, 8)}},
             .outputs = {{"y", rtl_words(std::vector<std::int64_t>{1}, 8)}}});
  const RtlRun run = bench.run({.simulator = RtlSimulator::Icarus});
  EXPECT_FALSE(run.passed);
  EXPECT_NE(run.output.find("parameter_check_failed_step"), std::string::npos) << run.output;
}

}  // namespace
}  // namespace sluice::test
