// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>
#include <gtest/gtest.h>

#include "tests/support/rtl_bench.hpp"

#include "sluice/hw/layers/stages.hpp"

namespace sluice::test {
namespace {

TEST(SlFork, CopiesEveryWordToEveryOutput) {
  SL_NEEDS_RTL_SIMULATORS();
  constexpr std::size_t kCopied = 6000;
  Rng rng(1);
  RtlBench bench;
  for (const int outputs : {1, 2, 3, 4, 8}) {
    const auto width = static_cast<std::size_t>(rng.integer(1, 60));
    const RtlWords words = rtl_words(random_codes(rng, kCopied, width), width);
    RtlInstance fork = {.name = fmt::format("f{}", outputs),
                        .module = "sl_fork",
                        .parameters = fmt::format(".Width({}), .Outputs({})", width, outputs),
                        .inputs = {{"x", words}}};
    for (int k = 0; k < outputs; ++k) fork.outputs.push_back({"y", words});
    bench.add(std::move(fork));
  }
  const RtlRun run = expect_passes(bench);
  ASSERT_TRUE(run.passed);
  EXPECT_EQ(run.latency("f3.x", "f3.y2"), hw::stages::kFork);
  for (const char* y : {"f1.y", "f2.y0", "f3.y2", "f4.y1", "f8.y7"}) {
    EXPECT_EQ(run.cycles(y), kCopied) << y;
  }
}

}  // namespace
}  // namespace sluice::test
