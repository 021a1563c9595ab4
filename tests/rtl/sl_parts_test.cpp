// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>
#include <gtest/gtest.h>

#include "tests/support/rtl_bench.hpp"

namespace sluice::test {
namespace {

TEST(SlParts, CutsWordsFromTheLowestBitsOn) {
  SL_NEEDS_RTL_SIMULATORS();
  constexpr std::size_t kParts = 7200;
  Rng rng(1);
  RtlBench bench;
  for (const std::size_t parts : {1U, 2U, 3U, 4U, 5U, 9U, 16U}) {
    const auto width = static_cast<std::size_t>(rng.integer(1, 40));
    const auto codes = random_codes(rng, kParts, width);
    bench.add({.name = fmt::format("p{}", parts),
               .module = "sl_parts",
               .parameters = fmt::format(".Width({}), .Parts({})", width, parts),
               .inputs = {{"x", rtl_words(codes, width, parts)}},
               .outputs = {{"y", rtl_words(codes, width)}}});
  }
  const RtlRun run = expect_passes(bench);
  ASSERT_TRUE(run.passed);
  for (const std::size_t parts : {1U, 2U, 3U, 4U, 5U, 9U, 16U}) {
    const std::string name = fmt::format("p{}", parts);
    // A word goes with its last part.
    EXPECT_EQ(run.latency(name + ".y", name + ".x"), static_cast<std::int64_t>(parts) - 1);
    EXPECT_EQ(run.cycles(name + ".y"), kParts);
  }
}

}  // namespace
}  // namespace sluice::test
