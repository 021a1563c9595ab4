// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <fmt/format.h>
#include <gtest/gtest.h>

#include "tests/support/rtl_bench.hpp"

#include "sluice/hw/layers/stages.hpp"

namespace sluice::test {
namespace {

constexpr std::uint64_t kClipBeats = 6000;

struct ClipCase {
  std::size_t width = 8;
  bool is_signed = true;
  std::size_t lanes = 1;
  std::int64_t lowest = 0, highest = 127;
};

RtlInstance random_clip(const std::string& name, const ClipCase& clip, Rng& rng) {
  const auto x = random_codes(rng, kClipBeats * clip.lanes, clip.width, clip.is_signed);
  std::vector<std::int64_t> y;
  y.reserve(x.size());
  for (const std::int64_t code : x) y.push_back(std::clamp(code, clip.lowest, clip.highest));
  return {.name = name,
          .module = "sl_clip",
          .parameters =
              fmt::format(".Width({}), .Signed(1'b{:d}), .Lanes({}), .Lowest({}), .Highest({})",
                          clip.width, clip.is_signed, clip.lanes, clip.lowest, clip.highest),
          .inputs = {{"x", rtl_words(x, clip.width, clip.lanes)}},
          .outputs = {{"y", rtl_words(y, clip.width, clip.lanes)}}};
}

TEST(SlClip, HoldsCodesBetweenItsBounds) {
  SL_NEEDS_RTL_SIMULATORS();
  std::vector<ClipCase> cases = {
      {},
      {.lowest = -128, .highest = 127},
      {.is_signed = false, .lanes = 3, .lowest = 10, .highest = 200},
      {.width = 1, .is_signed = false, .lowest = 0, .highest = 1},
      {.width = 4, .lanes = 5, .lowest = -3, .highest = -3},
  };
  Rng rng(1);
  for (int i = 0; i < 8; ++i) {
    ClipCase clip{.width = static_cast<std::size_t>(rng.integer(1, 16)),
                  .is_signed = rng.below(2) == 0,
                  .lanes = static_cast<std::size_t>(rng.integer(1, 5))};
    const std::int64_t first = clip.is_signed ? -(std::int64_t{1} << (clip.width - 1)) : 0;
    const std::int64_t last = first + (std::int64_t{1} << clip.width) - 1;
    clip.lowest = rng.integer(first, last);
    clip.highest = rng.integer(clip.lowest, last);
    cases.push_back(clip);
  }
  RtlBench bench;
  for (std::size_t i = 0; i < cases.size(); ++i) {
    bench.add(random_clip(fmt::format("c{}", i), cases[i], rng));
  }
  const RtlRun run = expect_passes(bench);
  ASSERT_TRUE(run.passed);
  for (std::size_t i = 0; i < cases.size(); ++i) {
    EXPECT_EQ(run.latency(fmt::format("c{}.x", i), fmt::format("c{}.y", i)), hw::stages::kClip);
    EXPECT_EQ(run.cycles(fmt::format("c{}.y", i)), kClipBeats);
  }
}

TEST(SlClip, RefusesBoundsThatAreNoCodes) {
  SL_NEEDS_RTL_SIMULATORS();
  Rng rng(2);
  for (const ClipCase& clip : {ClipCase{.lowest = -129}, ClipCase{.highest = 128},
                               ClipCase{.is_signed = false, .lowest = -1}}) {
    RtlBench bench;
    bench.add(random_clip("c", clip, rng));
    const RtlRun run = bench.run({.simulator = RtlSimulator::Icarus});
    EXPECT_FALSE(run.passed);
    EXPECT_NE(run.output.find("parameter_check_failed_codes"), std::string::npos) << run.output;
  }
}

}  // namespace
}  // namespace sluice::test
