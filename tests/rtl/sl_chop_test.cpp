// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>
#include <gtest/gtest.h>

#include "tests/rtl/parts.hpp"

#include "sluice/hw/layers/stages.hpp"

namespace sluice::test {
namespace {

TEST(SlChop, GivesEachOutputItsChannelsOfEachPixel) {
  SL_NEEDS_RTL_SIMULATORS();
  Rng rng(2);
  RtlBench bench;
  std::vector<Parts> all;
  for (const std::size_t outputs : {2U, 2U, 3U, 4U, 5U, 8U}) {
    const Parts& parts = all.emplace_back(random_parts(rng, outputs));
    RtlInstance chop = {.name = fmt::format("c{}", all.size()),
                        .module = "sl_chop",
                        .parameters = parts.parameters("Outputs"),
                        .inputs = {{"x", parts.whole_words()}}};
    for (const auto& part : parts.codes) chop.outputs.push_back({"y", parts.words(part)});
    bench.add(std::move(chop));
  }
  const RtlRun run = expect_passes(bench);
  ASSERT_TRUE(run.passed);
  EXPECT_EQ(run.latency("c1.x", "c1.y0"), hw::stages::kChop);
  for (std::size_t i = 0; i < all.size(); ++i) {
    const std::string x = fmt::format("c{}.x", i + 1);
    EXPECT_EQ(run.cycles(x), all[i].whole_words().size()) << x;
  }
}

}  // namespace
}  // namespace sluice::test
