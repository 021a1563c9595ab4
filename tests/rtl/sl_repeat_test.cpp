// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>
#include <gtest/gtest.h>

#include "tests/support/rtl_bench.hpp"

#include "sluice/hw/layers/stages.hpp"

namespace sluice::test {
namespace {

struct Repeat {
  std::size_t rows, cols, beats, row_scale, col_scale, lanes;
  [[nodiscard]] std::size_t words_in() const { return rows * cols * beats; }
  [[nodiscard]] std::size_t words_out() const { return words_in() * row_scale * col_scale; }
  [[nodiscard]] std::size_t frames() const { return 8000 / words_out() + 2; }
};

std::vector<std::int64_t> repeated(const Repeat& c, const std::vector<std::int64_t>& x) {
  std::vector<std::int64_t> y;
  const std::size_t channels = c.beats * c.lanes;
  for (std::size_t frame = 0; frame < c.frames(); ++frame) {
    for (std::size_t row = 0; row < c.rows * c.row_scale; ++row) {
      for (std::size_t col = 0; col < c.cols * c.col_scale; ++col) {
        const std::size_t pixel = (frame * c.rows + row / c.row_scale) * c.cols + col / c.col_scale;
        for (std::size_t i = 0; i < channels; ++i) y.push_back(x[pixel * channels + i]);
      }
    }
  }
  return y;
}

const std::vector<Repeat>& all_repeats() {
  static const auto kAll = corners_and<Repeat>(
      {{3, 5, 2, 2, 2, 1},
       {1, 1, 1, 1, 1, 2},
       {2, 3, 1, 1, 4, 1},
       {4, 1, 3, 3, 1, 2},
       {5, 4, 4, 1, 1, 1},
       {2, 2, 5, 1, 2, 1},
       {7, 13, 3, 4, 4, 1},
       {1, 1, 1, 2, 2, 1}},
      4, [](Rng& rng) {
        return Repeat{draw_size(rng, 1, 5), draw_size(rng, 1, 9), draw_size(rng, 1, 6),
                      draw_size(rng, 1, 4), draw_size(rng, 1, 4), draw_size(rng, 1, 3)};
      });
  return kAll;
}

TEST(SlRepeat, RepeatsPixelsAndRows) {
  SL_NEEDS_RTL_SIMULATORS();
  Rng rng(1);
  RtlBench bench;
  std::size_t index = 0;
  for (const Repeat& c : all_repeats()) {
    const auto width = static_cast<std::size_t>(rng.integer(1, 12));
    const auto x = random_codes(rng, c.frames() * c.words_in() * c.lanes, width);
    bench.add({.name = fmt::format("r{}", index++),
               .module = "sl_repeat",
               .parameters =
                   fmt::format(".Width({}), .Lanes({}), .Rows({}), .Cols({}), .Beats({}), "
                               ".RowScale({}), .ColScale({})",
                               width, c.lanes, c.rows, c.cols, c.beats, c.row_scale, c.col_scale),
               .inputs = {{"x", rtl_words(x, width, c.lanes)}},
               .outputs = {{"y", rtl_words(repeated(c, x), width, c.lanes)}}});
  }
  const RtlRun run = expect_passes(bench);
  ASSERT_TRUE(run.passed);
  for (std::size_t i = 0; i < all_repeats().size(); ++i) {
    const std::string name = fmt::format("r{}", i);
    EXPECT_EQ(run.latency(name + ".x", name + ".y"), hw::stages::kPingPong) << name;
    // No cycle is lost, between frames neither.
    EXPECT_EQ(run.cycles(name + ".y"), all_repeats()[i].frames() * all_repeats()[i].words_out())
        << name;
  }
}

}  // namespace
}  // namespace sluice::test
