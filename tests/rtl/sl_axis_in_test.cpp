// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "tests/rtl/axis_words.hpp"

namespace sluice::test {
namespace {

TEST(SlAxisIn, TakesWhatTheBytesHaveBesidesAway) {
  SL_NEEDS_RTL_SIMULATORS();
  Rng rng(1);
  RtlBench bench;
  std::size_t index = 0;
  for (const AxisCase& c : axis_cases()) {
    const auto codes = random_codes(rng, axis_words(c), c.width);
    const auto fill = random_codes(rng, codes.size(), 7);
    bench.add({.name = fmt::format("a{}", index++),
               .module = "sl_axis_in",
               .parameters = c.parameters(),
               .inputs = {{"x", c.words(codes, fill)}},
               .outputs = {{"y", rtl_words(codes, c.width)}}});
  }
  const RtlRun run = expect_passes(bench);
  ASSERT_TRUE(run.passed);
  for (std::size_t i = 0; i < axis_cases().size(); ++i) {
    const std::string name = fmt::format("a{}", i);
    EXPECT_EQ(run.latency(name + ".x", name + ".y"), 0) << name;
    EXPECT_EQ(run.cycles(name + ".y"), axis_words(axis_cases()[i])) << name;
  }
}

TEST(SlAxisIn, ComplainsInSimulationOfAFrameThatEndsElsewhere) {
  SL_NEEDS_RTL_SIMULATORS();
  const AxisCase sent{8, 5};
  const AxisCase expected{8, 4};
  const std::vector<std::int64_t> codes(20, 3);
  RtlBench bench;
  bench.add({.name = "a",
             .module = "sl_axis_in",
             .parameters = expected.parameters(),
             .inputs = {{"x", sent.words(codes, codes)}},
             .outputs = {{"y", rtl_words(codes, 8)}}});
  const RtlRun run = bench.run({.simulator = RtlSimulator::Verilator});
  EXPECT_FALSE(run.passed);
  EXPECT_NE(run.output.find("last_ends_a_frame"), std::string::npos) << run.output;
}

}  // namespace
}  // namespace sluice::test
