// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>
#include <gtest/gtest.h>

#include "tests/rtl/parts.hpp"

#include "sluice/hw/layers/stages.hpp"

namespace sluice::test {
namespace {

TEST(SlConcat, PutsTheChannelsOfEachPixelBehindOneAnother) {
  SL_NEEDS_RTL_SIMULATORS();
  Rng rng(1);
  RtlBench bench;
  std::vector<Parts> all;
  for (const std::size_t inputs : {2U, 2U, 3U, 4U, 5U, 8U}) {
    const Parts& parts = all.emplace_back(random_parts(rng, inputs));
    RtlInstance concat = {.name = fmt::format("c{}", all.size()),
                          .module = "sl_concat",
                          .parameters = parts.parameters("Inputs"),
                          .outputs = {{"y", parts.whole_words()}}};
    for (const auto& part : parts.codes) concat.inputs.push_back({"x", parts.words(part)});
    bench.add(std::move(concat));
  }
  const RtlRun run = expect_passes(bench);
  ASSERT_TRUE(run.passed);
  EXPECT_EQ(run.latency("c1.x0", "c1.y"), hw::stages::kConcat);
  for (std::size_t i = 0; i < all.size(); ++i) {
    const std::string y = fmt::format("c{}.y", i + 1);
    EXPECT_EQ(run.cycles(y), all[i].whole_words().size()) << y;
  }
}

}  // namespace
}  // namespace sluice::test
