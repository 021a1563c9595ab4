// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>
#include <gtest/gtest.h>

#include "tests/support/rtl_bench.hpp"

namespace sluice::test {
namespace {

struct Shuffle {
  std::size_t channels, groups, lanes;
  [[nodiscard]] std::size_t pixels() const { return 9000 * lanes / channels; }
  [[nodiscard]] std::size_t words() const { return pixels() * channels / lanes; }
};

TEST(SlShuffle, TransposesGroupsAndChannelsOfEachPixel) {
  SL_NEEDS_RTL_SIMULATORS();
  constexpr std::array kShuffles = {Shuffle{8, 2, 1},  Shuffle{1, 1, 1},  Shuffle{12, 3, 1},
                                    Shuffle{58, 2, 1}, Shuffle{16, 4, 4}, Shuffle{24, 3, 8},
                                    Shuffle{6, 6, 1},  Shuffle{12, 2, 12}};
  Rng rng(1);
  RtlBench bench;
  std::size_t index = 0;
  for (const Shuffle& c : kShuffles) {
    const auto width = static_cast<std::size_t>(rng.integer(1, 12));
    const auto x = random_codes(rng, c.pixels() * c.channels, width);
    const std::size_t group_size = c.channels / c.groups;
    std::vector<std::int64_t> y(x.size());
    for (std::size_t i = 0; i < x.size(); ++i) {
      const std::size_t group = i % c.channels / group_size, member = i % group_size;
      y[i / c.channels * c.channels + member * c.groups + group] = x[i];
    }
    bench.add({.name = fmt::format("s{}", index++),
               .module = "sl_shuffle",
               .parameters = fmt::format(".Width({}), .Lanes({}), .Channels({}), .Groups({})",
                                         width, c.lanes, c.channels, c.groups),
               .inputs = {{"x", rtl_words(x, width, c.lanes)}},
               .outputs = {{"y", rtl_words(y, width, c.lanes)}}});
  }
  const RtlRun run = expect_passes(bench);
  ASSERT_TRUE(run.passed);
  for (std::size_t i = 0; i < kShuffles.size(); ++i) {
    const std::string x = fmt::format("s{}.x", i);
    EXPECT_EQ(run.cycles(x), kShuffles[i].words()) << x;
  }
}

}  // namespace
}  // namespace sluice::test
