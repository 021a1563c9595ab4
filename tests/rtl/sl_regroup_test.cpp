// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <numeric>

#include "tests/support/rtl_bench.hpp"

namespace sluice::test {
namespace {

struct Lanes {
  std::size_t in, out, beats;
};

// Both directions, with and without one number dividing the other; 5 to 4 and 2 to 3 are the
// tightest rings.
const std::vector<Lanes>& all_lanes() {
  static const auto kAll = corners_and<Lanes>(
      {{1, 1, 5},
       {3, 3, 1},
       {4, 1, 2},
       {6, 2, 3},
       {1, 4, 8},
       {2, 6, 3},
       {2, 3, 3},
       {3, 2, 2},
       {5, 4, 4},
       {4, 5, 5},
       {6, 4, 2},
       {4, 6, 3},
       {2, 7, 7},
       {8, 3, 3},
       {16, 1, 1}},
      6, [](Rng& rng) {
        const std::size_t in = draw_size(rng, 1, 16), out = draw_size(rng, 1, 16);
        return Lanes{in, out, out / std::gcd(in, out) * draw_size(rng, 1, 3)};
      });
  return kAll;
}

TEST(SlRegroup, KeepsTheCodesInOrderAtTheRateOfTheNarrowerSide) {
  SL_NEEDS_RTL_SIMULATORS();
  constexpr std::size_t kNarrowWords = 4000;
  Rng rng(1);
  RtlBench bench;
  std::size_t index = 0;
  for (const Lanes& lanes : all_lanes()) {
    const auto width = static_cast<std::size_t>(rng.integer(1, 12));
    const std::size_t channels = lanes.in * lanes.beats;
    const std::size_t pixels = kNarrowWords * std::min(lanes.in, lanes.out) / channels;
    const auto codes = random_codes(rng, pixels * channels, width);
    bench.add({.name = fmt::format("r{}", index++),
               .module = "sl_regroup",
               .parameters = fmt::format(".Width({}), .LanesIn({}), .LanesOut({}), .Beats({})",
                                         width, lanes.in, lanes.out, lanes.beats),
               .inputs = {{"x", rtl_words(codes, width, lanes.in)}},
               .outputs = {{"y", rtl_words(codes, width, lanes.out)}}});
  }
  const RtlRun run = expect_passes(bench);
  ASSERT_TRUE(run.passed);
  for (std::size_t i = 0; i < all_lanes().size(); ++i) {
    const Lanes& lanes = all_lanes()[i];
    const std::string name = fmt::format("r{}", i);
    const std::size_t channels = lanes.in * lanes.beats;
    const std::size_t narrow = std::min(lanes.in, lanes.out);
    const std::size_t words = kNarrowWords * narrow / channels * channels / narrow;
    EXPECT_EQ(run.cycles(name + (lanes.in <= lanes.out ? ".x" : ".y")), words) << name;
    const auto first_words = static_cast<std::int64_t>((lanes.out + lanes.in - 1) / lanes.in);
    EXPECT_EQ(run.latency(name + ".x", name + ".y"), first_words) << name;
  }
}

}  // namespace
}  // namespace sluice::test
