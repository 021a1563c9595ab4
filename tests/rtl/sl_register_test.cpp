// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>
#include <gtest/gtest.h>

#include "tests/support/rtl_bench.hpp"

#include "sluice/hw/layers/stages.hpp"

namespace sluice::test {
namespace {

constexpr std::size_t kRegisterWords = 10000;

TEST(SlRegister, PassesEveryWordOnAtFullRate) {
  SL_NEEDS_RTL_SIMULATORS();
  Rng rng(1);
  RtlBench bench;
  for (const std::size_t width : {1U, 8U, 33U, 40U, 60U, 63U}) {
    const RtlWords words = rtl_words(random_codes(rng, kRegisterWords, width), width);
    bench.add({.name = fmt::format("w{}", width),
               .module = "sl_register",
               .parameters = fmt::format(".Width({})", width),
               .inputs = {{"x", words}},
               .outputs = {{"y", words}}});
  }
  const RtlRun run = expect_passes(bench);
  ASSERT_TRUE(run.passed);
  EXPECT_EQ(run.latency("w8.x", "w8.y"), hw::stages::kRegister);
  EXPECT_EQ(run.cycles("w8.y"), kRegisterWords);
}

TEST(SlRegister, CarriesWordsOfHundredsOfBits) {
  SL_NEEDS_RTL_SIMULATORS();
  Rng rng(2);
  const RtlWords words = rtl_words(random_codes(rng, std::size_t{13} * 8000, 24), 24, 13);
  RtlBench bench;
  bench.add({.name = "wide",
             .module = "sl_register",
             .parameters = ".Width(312)",
             .inputs = {{"x", words}},
             .outputs = {{"y", words}}});
  EXPECT_TRUE(bench.run({.simulator = RtlSimulator::Icarus}).passed);
}

}  // namespace
}  // namespace sluice::test
