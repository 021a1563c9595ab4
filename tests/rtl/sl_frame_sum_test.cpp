// SPDX-License-Identifier: Apache-2.0
#include <bit>
#include <fmt/format.h>
#include <gtest/gtest.h>

#include "tests/support/rtl_bench.hpp"

#include "sluice/hw/layers/stages.hpp"

namespace sluice::test {
namespace {

struct Frames {
  std::size_t width;
  bool is_signed;
  std::size_t lanes, positions, beats;
  [[nodiscard]] std::size_t words() const { return positions * beats; }
  [[nodiscard]] std::size_t frames() const { return 10000 / words() + 2; }
};

// One word in a pixel, and two: as soon again as a channel can come.
const std::vector<Frames>& all_frames() {
  static const auto kAll = corners_and<Frames>(
      {{8, true, 1, 16, 4},
       {8, false, 2, 49, 1},
       {4, true, 3, 9, 2},
       {6, false, 1, 1, 5},
       {5, true, 2, 1, 1},
       {3, true, 1, 196, 40}},
      4, [](Rng& rng) {
        return Frames{draw_size(rng, 1, 12), rng.below(2) != 0, draw_size(rng, 1, 4),
                      draw_size(rng, 2, 70), draw_size(rng, 1, 7)};
      });
  return kAll;
}

TEST(SlFrameSum, AddsUpEachChannelOverAFrame) {
  SL_NEEDS_RTL_SIMULATORS();
  Rng rng(1);
  RtlBench bench;
  std::size_t index = 0;
  for (const Frames& c : all_frames()) {
    const std::size_t channels = c.beats * c.lanes;
    const auto x = random_codes(rng, c.frames() * c.positions * channels, c.width, c.is_signed);
    // Half of them begin with a number of their own.
    const std::int64_t constant = index % 2 == 0 ? 0 : rng.integer(-1000, 1000);
    std::vector<std::int64_t> y(c.frames() * channels, constant);
    for (std::size_t i = 0; i < x.size(); ++i) {
      y[i / (c.positions * channels) * channels + i % channels] += x[i];
    }
    const std::size_t sum_width =
        c.width + static_cast<std::size_t>(std::bit_width(c.positions - 1)) + index % 2;
    bench.add({.name = fmt::format("f{}", index++),
               .module = "sl_frame_sum",
               .parameters = fmt::format(".Width({}), .Signed({}), .Lanes({}), .Positions({}), "
                                         ".Beats({}), .SumWidth({}), .Constant({})",
                                         c.width, c.is_signed ? 1 : 0, c.lanes, c.positions,
                                         c.beats, sum_width, constant),
               .inputs = {{"x", rtl_words(x, c.width, c.lanes)}},
               .outputs = {{"y", rtl_words(y, sum_width, c.lanes), c.beats}}});
  }
  const RtlRun run = expect_passes(bench);
  ASSERT_TRUE(run.passed);
  for (std::size_t i = 0; i < all_frames().size(); ++i) {
    const Frames& c = all_frames()[i];
    const std::string name = fmt::format("f{}", i);
    EXPECT_EQ(run.cycles(name + ".x"), c.frames() * c.words()) << name;
    const auto until_last = static_cast<std::int64_t>((c.positions - 1) * c.beats);
    EXPECT_EQ(run.latency(name + ".x", name + ".y"), until_last + hw::stages::kFrame) << name;
    // The sums of a frame leave in a row.
    EXPECT_EQ(run.times.at(name + ".y").back().cycles(), c.beats) << name;
  }
}

}  // namespace
}  // namespace sluice::test
