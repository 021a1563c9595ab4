// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>
#include <gtest/gtest.h>

#include "tests/support/rtl_bench.hpp"

#include "sluice/hw/layers/stages.hpp"

namespace sluice::test {
namespace {

TEST(SlStage, PassesEveryWordOnAtFullRate) {
  SL_NEEDS_RTL_SIMULATORS();
  constexpr std::size_t kStaged = 10000;
  Rng rng(1);
  RtlBench bench;
  for (const std::size_t width : {1U, 8U, 17U, 32U, 63U}) {
    const RtlWords words = rtl_words(random_codes(rng, kStaged, width), width);
    bench.add({.name = fmt::format("w{}", width),
               .module = "sl_stage",
               .parameters = fmt::format(".Width({})", width),
               .inputs = {{"x", words}},
               .outputs = {{"y", words}}});
  }
  const RtlRun run = expect_passes(bench);
  ASSERT_TRUE(run.passed);
  EXPECT_EQ(run.latency("w8.x", "w8.y"), hw::stages::kStage);
  EXPECT_EQ(run.cycles("w8.y"), kStaged);
}

}  // namespace
}  // namespace sluice::test
