// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>
#include <gtest/gtest.h>

#include "tests/support/rtl_bench.hpp"

namespace sluice::test {
namespace {

constexpr std::uint64_t kTableBeats = 10000;

struct TableCase {
  std::size_t x_width = 8;
  bool x_signed = true;
  std::size_t y_width = 8;
  std::size_t lanes = 1;
};

void add_table(RtlBench& bench, const std::string& name, const TableCase& of, Rng& rng) {
  const std::size_t depth = std::size_t{1} << of.x_width;
  const auto words = random_codes(rng, depth, of.y_width);
  const auto x = random_codes(rng, kTableBeats * of.lanes, of.x_width, of.x_signed);
  std::vector<std::int64_t> y;
  y.reserve(x.size());
  for (const std::int64_t code : x) y.push_back(words[static_cast<std::size_t>(code) % depth]);
  bench.add_file(name + ".mem", rtl_words(words, of.y_width));
  bench.add({.name = name,
             .module = "sl_table",
             .parameters = fmt::format(".XWidth({}), .YWidth({}), .Lanes({}), .File(\"{}.mem\")",
                                       of.x_width, of.y_width, of.lanes, name),
             .inputs = {{"x", rtl_words(x, of.x_width, of.lanes)}},
             .outputs = {{"y", rtl_words(y, of.y_width, of.lanes)}}});
}

TEST(SlTable, LooksUpEachCodeByItsBits) {
  SL_NEEDS_RTL_SIMULATORS();
  Rng rng(1);
  std::vector<TableCase> cases = {
      {},
      {.x_signed = false, .lanes = 3},
      {.x_width = 4, .y_width = 9, .lanes = 2},
      {.x_width = 1, .x_signed = false, .y_width = 1},
      {.x_width = 10, .y_width = 12},
      {.x_width = 12, .y_width = 16},
  };
  for (int i = 0; i < 6; ++i) {
    cases.push_back({.x_width = static_cast<std::size_t>(rng.integer(2, 10)),
                     .x_signed = rng.below(2) == 0,
                     .y_width = static_cast<std::size_t>(rng.integer(1, 20)),
                     .lanes = static_cast<std::size_t>(rng.integer(1, 4))});
  }
  RtlBench bench;
  for (std::size_t i = 0; i < cases.size(); ++i) {
    add_table(bench, fmt::format("t{}", i), cases[i], rng);
  }
  const RtlRun run = expect_passes(bench);
  ASSERT_TRUE(run.passed);
  for (std::size_t i = 0; i < cases.size(); ++i) {
    EXPECT_EQ(run.latency(fmt::format("t{}.x", i), fmt::format("t{}.y", i)), 1);
    EXPECT_EQ(run.cycles(fmt::format("t{}.y", i)), kTableBeats);
  }
}

TEST(SlTable, RefusesCodesTooWideToLookUp) {
  SL_NEEDS_RTL_SIMULATORS();
  Rng rng(2);
  RtlBench bench;
  add_table(bench, "t", {.x_width = 13}, rng);
  const RtlRun run = bench.run({.simulator = RtlSimulator::Icarus});
  EXPECT_FALSE(run.passed);
  EXPECT_NE(run.output.find("parameter_check_failed_depth"), std::string::npos) << run.output;
}

}  // namespace
}  // namespace sluice::test
