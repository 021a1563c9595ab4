// SPDX-License-Identifier: Apache-2.0
#include "sluice/hw/layers/window_flow.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <numeric>

#include "tests/hw/sample_layers.hpp"
#include "tests/hw/word_simulation.hpp"

#include "sluice/hw/layers/stages.hpp"

namespace sluice::hw {
namespace {

Flow windows_of(const Layer& layer, const WindowWork& work) {
  return window_flow(window_task(layer), work, steady_flow(layer));
}

// A row of 5, a word beside, and the cycle in which it is there; then the window's stages.
TEST(WindowFlow, BeginsWithTheLastWordOfTheFirstWindow) {
  const Layer layer = test::convolution({4, 5, 1, 1}, 1, 2, 0, 1, {.fine = 2});
  const Flow ends = windows_of(layer, {.beat_cycles = 2});
  // The second column's word comes as the seventh, in cycle 6.
  EXPECT_EQ(ends.first_cycle(), 6 + stages::kWindowTaps + 1);
}

TEST(WindowFlow, SpendsNoCyclesOnPadding) {
  const Layer layer = test::convolution({4, 5, 1, 1}, 1, 3, 1, 1, {.fine = 3});
  const Flow ends = windows_of(layer, {.beat_cycles = 3});
  // The column beside the first pixel, whose lowest word is the seventh.
  EXPECT_EQ(ends.first_cycle(), 6 + stages::kWindowTaps + 1);
  EXPECT_EQ(ends.pixels.size(), 20U);
}

TEST(WindowFlow, WorksOnWordsAsTheyComeWhereAWindowIsAWord) {
  const Layer layer = test::convolution({2, 3, 1, 4}, 1, 1);
  const Flow ends = windows_of(layer, {.beat_cycles = 1, .first_beats = 4});
  EXPECT_EQ(ends.first_cycle(), 4);  // the fourth word of the first pixel
  EXPECT_EQ(ends.last_cycle(), 24);
}

// Rows that no window needs are waited for before the map is given up.
TEST(WindowFlow, EndsWithTheLastWord) {
  const Layer layer = test::convolution({6, 6, 1, 1}, 1, 3, 0, 2, {.fine = 3});
  EXPECT_EQ(windows_of(layer, {.beat_cycles = 3}).last_cycle(), 35 + stages::kWindowTaps + 1);
}

TEST(WindowFlow, GivesFirstWordsWhenTheirGroupIsDone) {
  Layer layer = test::convolution({4, 4, 1, 4}, 4, 1);
  layer.as<Convolution>()->groups = 4;
  const Flow ends = windows_of(layer, {.beat_cycles = 2, .first_beats = 1});
  EXPECT_EQ(ends.pixels[0], (PixelTimes{2, 8}));
}

// Every reader, to the cycle, against the words one by one.
TEST(WindowFlow, IsThatOfTheWords) {
  for (std::uint64_t seed = 0; seed < 1500; ++seed) {
    SCOPED_TRACE(seed);
    Rng rng(seed);
    const std::int64_t kernel = rng.integer(1, 4);
    Layer layer = test::convolution(
        {rng.integer(kernel, 10), rng.integer(kernel, 10), 1, rng.integer(1, 3)}, 6, kernel,
        rng.integer(0, kernel / 2), rng.integer(1, std::min<std::int64_t>(kernel, 3)));
    layer.folding.fine = test::one_of(rng, folding_values(layer).fine);
    layer.folding.coarse_out = test::one_of<std::int64_t>(rng, {1, 2, 3, 6});
    const WindowTask task = window_task(layer);
    const WindowForm form = window_form(task);
    const Flow flow =
        windows_of(layer, {.beat_cycles = real(task.busy_cycles), .first_beats = task.in.channels});
    SCOPED_TRACE(fmt::format("{}x{}x{}, window of {}, {} at a time, {} beside, {} apart, {} cycles",
                             task.in.rows, task.in.cols, task.in.channels, kernel, task.words,
                             task.padding.top, task.step.rows, task.busy_cycles));
    const double part = real(task.busy_cycles) / real(task.kernel.size() / form.words);
    test::Cycles in(static_cast<std::size_t>(task.in.words()));
    std::iota(in.begin(), in.end(), 0);
    const test::Cycles begins = test::SimulatedWindows(task, part, in).begins();
    const std::size_t beats = begins.size() / flow.pixels.size();
    for (std::size_t p = 0; p < flow.pixels.size(); ++p) {
      ASSERT_EQ(flow.pixels[p].last, begins[(p + 1) * beats - 1] + part) << p;
    }
  }
}

}  // namespace
}  // namespace sluice::hw
