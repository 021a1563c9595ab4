// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <gtest/gtest.h>

#include "tests/rtl/window_reduction.hpp"

namespace sluice::test {
namespace {

TEST(SlReduceMax, FindsTheGreatestOfAWindowInParts) {
  SL_NEEDS_RTL_SIMULATORS();
  Rng rng(1);
  RtlBench bench;
  std::size_t index = 0;
  for (const WindowReduction& c : kWindowReductions) {
    const auto x =
        random_codes(rng, c.windows() * c.parts * c.words * c.lanes, c.width, c.is_signed);
    const auto y = c.reduced(x, [](std::int64_t a, std::int64_t b) { return std::max(a, b); });
    bench.add({.name = fmt::format("m{}", index++),
               .module = "sl_reduce_max",
               .parameters = c.parameters(),
               .inputs = {{"x", rtl_words(x, c.width, c.words * c.lanes)}},
               .outputs = {{"y", rtl_words(y, c.width, c.lanes)}}});
  }
  const RtlRun run = expect_passes(bench);
  ASSERT_TRUE(run.passed);
  for (std::size_t i = 0; i < kWindowReductions.size(); ++i) {
    const WindowReduction& c = kWindowReductions[i];
    const std::string name = fmt::format("m{}", i);
    EXPECT_EQ(run.cycles(name + ".x"), c.windows() * c.parts) << name;
    EXPECT_EQ(run.latency(name + ".x", name + ".y"),
              static_cast<std::int64_t>(c.parts) - 1 + c.latency_cycles())
        << name;
  }
}

}  // namespace
}  // namespace sluice::test
