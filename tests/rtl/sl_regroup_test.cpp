// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <fmt/format.h>
#include <gtest/gtest.h>

#include "tests/support/rtl_bench.hpp"

namespace sluice::test {
namespace {

struct Lanes {
  std::size_t in, out, beats;
};

std::string name_of(const Lanes& lanes) {
  return fmt::format("r{}to{}", lanes.in, lanes.out);
}

// Both directions, with and without one number dividing the other; 5 to 4 and 2 to 3 are the
// tightest rings.
constexpr std::array kLanes = {Lanes{1, 1, 5},  Lanes{3, 3, 1}, Lanes{4, 1, 2}, Lanes{6, 2, 3},
                               Lanes{1, 4, 8},  Lanes{2, 6, 3}, Lanes{2, 3, 3}, Lanes{3, 2, 2},
                               Lanes{5, 4, 4},  Lanes{4, 5, 5}, Lanes{6, 4, 2}, Lanes{4, 6, 3},
                               Lanes{5, 2, 2},  Lanes{2, 7, 7}, Lanes{8, 3, 3}, Lanes{3, 8, 8},
                               Lanes{16, 1, 1}, Lanes{12, 8, 4}};

TEST(SlRegroup, KeepsTheCodesInOrderAtTheRateOfTheNarrowerSide) {
  SL_NEEDS_RTL_SIMULATORS();
  constexpr std::size_t kNarrowWords = 4000;
  Rng rng(1);
  RtlBench bench;
  for (const Lanes& lanes : kLanes) {
    const auto width = static_cast<std::size_t>(rng.integer(1, 12));
    const std::size_t channels = lanes.in * lanes.beats;
    const std::size_t pixels = kNarrowWords * std::min(lanes.in, lanes.out) / channels;
    const auto codes = random_codes(rng, pixels * channels, width);
    bench.add({.name = name_of(lanes),
               .module = "sl_regroup",
               .parameters = fmt::format(".Width({}), .LanesIn({}), .LanesOut({}), .Beats({})",
                                         width, lanes.in, lanes.out, lanes.beats),
               .inputs = {{"x", rtl_words(codes, width, lanes.in)}},
               .outputs = {{"y", rtl_words(codes, width, lanes.out)}}});
  }
  const RtlRun run = expect_passes(bench);
  ASSERT_TRUE(run.passed);
  for (const Lanes& lanes : kLanes) {
    const std::string name = name_of(lanes);
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
