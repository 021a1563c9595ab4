// SPDX-License-Identifier: Apache-2.0
#include <bit>
#include <gtest/gtest.h>

#include "tests/rtl/window_reduction.hpp"

namespace sluice::test {
namespace {

TEST(SlReduceSum, AddsUpAWindowInParts) {
  SL_NEEDS_RTL_SIMULATORS();
  Rng rng(1);
  RtlBench bench;
  std::size_t index = 0;
  for (const WindowReduction& c : window_reductions()) {
    const auto x =
        random_codes(rng, c.windows() * c.parts * c.words * c.lanes, c.width, c.is_signed);
    auto y = c.reduced(x, [](std::int64_t a, std::int64_t b) { return a + b; });
    // Half of them begin with a number of their own.
    const std::int64_t constant = index % 2 == 0 ? 0 : rng.integer(-1000, 1000);
    for (std::int64_t& sum : y) sum += constant;
    // As few bits as the module takes, and more.
    const std::size_t sum_width =
        c.width + static_cast<std::size_t>(std::bit_width(c.words * c.parts - 1)) + index % 3;
    bench.add({.name = fmt::format("s{}", index++),
               .module = "sl_reduce_sum",
               .parameters = fmt::format("{}, .SumWidth({}), .Constant({})", c.parameters(),
                                         sum_width, constant),
               .inputs = {{"x", rtl_words(x, c.width, c.words * c.lanes)}},
               .outputs = {{"y", rtl_words(y, sum_width, c.lanes)}}});
  }
  const RtlRun run = expect_passes(bench);
  ASSERT_TRUE(run.passed);
  for (std::size_t i = 0; i < window_reductions().size(); ++i) {
    const WindowReduction& c = window_reductions()[i];
    const std::string name = fmt::format("s{}", i);
    EXPECT_EQ(run.cycles(name + ".x"), c.windows() * c.parts) << name;
    EXPECT_EQ(run.latency(name + ".x", name + ".y"),
              static_cast<std::int64_t>(c.parts) - 1 + c.latency_cycles())
        << name;
  }
}

}  // namespace
}  // namespace sluice::test
