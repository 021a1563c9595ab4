// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <fmt/format.h>
#include <gtest/gtest.h>

#include "tests/support/rtl_bench.hpp"

namespace sluice::test {
namespace {

constexpr std::size_t kBisectBeats = 5000;

struct BisectCase {
  std::size_t x_width = 24;
  bool x_signed = true;
  std::size_t lanes = 1, depth = 1;
  std::size_t steps = 8;
  std::int64_t lowest = -128;

  [[nodiscard]] std::size_t channels() const { return lanes * depth; }
  [[nodiscard]] std::size_t y_width() const { return steps + (lowest < 0 ? 1 : 0); }
};

using Thresholds = std::vector<std::vector<std::int64_t>>;  // of each channel, sorted

// Some stand at the ends, some twice, some beyond all sums.
Thresholds random_thresholds(const BisectCase& of, Rng& rng) {
  Thresholds result(of.channels());
  const std::int64_t low = of.x_signed ? -(std::int64_t{1} << (of.x_width - 1)) : 0;
  const std::int64_t beyond = low + (std::int64_t{1} << of.x_width);
  for (auto& list : result) {
    list.resize((std::size_t{1} << of.steps) - 1);
    for (std::int64_t& each : list) {
      const std::uint64_t kind = rng.below(16);
      each = kind == 0 ? low : kind == 1 ? beyond : rng.integer(low, beyond);
    }
    std::ranges::sort(list);
  }
  return result;
}

// Half of the sums lie where the count changes.
std::vector<std::int64_t> random_sums(const BisectCase& of, const Thresholds& by, Rng& rng) {
  auto x = random_codes(rng, kBisectBeats * of.lanes, of.x_width, of.x_signed);
  const std::int64_t low = of.x_signed ? -(std::int64_t{1} << (of.x_width - 1)) : 0;
  const std::int64_t high = low + (std::int64_t{1} << of.x_width) - 1;
  for (std::size_t i = 0; i < x.size(); ++i) {
    if (rng.below(2) == 0) continue;
    const auto& list = by[i % of.channels()];
    x[i] = std::clamp(list[rng.below(list.size())] - rng.integer(0, 1), low, high);
  }
  return x;
}

// A step's words: what was found above the sum.
std::vector<std::int64_t> words_before(const BisectCase& of, const Thresholds& by,
                                       const std::vector<std::int64_t>& x, std::size_t step) {
  std::vector<std::int64_t> words;
  words.reserve(x.size());
  for (std::size_t i = 0; i < x.size(); ++i) {
    const auto& list = by[i % of.channels()];
    const auto count = std::ranges::upper_bound(list, x[i]) - list.begin();
    const std::int64_t found = count >> (of.steps - step);
    const std::int64_t mask = (std::int64_t{1} << of.x_width) - 1;
    words.push_back(found << of.x_width | (x[i] & mask));
  }
  return words;
}

RtlWords step_file(const BisectCase& of, const Thresholds& by, std::size_t step) {
  std::vector<std::int64_t> words;
  words.reserve(of.channels() << step);
  for (std::size_t c = 0; c < of.depth; ++c) {
    for (std::size_t found = 0; found < std::size_t{1} << step; ++found) {
      const std::size_t at = (2 * found + 1) << (of.steps - 1 - step);
      for (std::size_t lane = 0; lane < of.lanes; ++lane) {
        words.push_back(by[c * of.lanes + lane][at - 1]);
      }
    }
  }
  return rtl_words(words, of.x_width + 1, of.lanes);
}

// Each step alone: the words of the one before come in.
void add_steps(RtlBench& bench, const std::string& name, const BisectCase& of, Rng& rng) {
  const Thresholds by = random_thresholds(of, rng);
  const auto x = random_sums(of, by, rng);
  for (std::size_t step = 0; step < of.steps; ++step) {
    const bool is_last = step + 1 == of.steps;
    const std::string instance = fmt::format("{}_{}", name, step);
    auto y = words_before(of, by, x, step + 1);
    if (is_last) {
      for (std::int64_t& word : y) word = of.lowest + (word >> of.x_width);
    }
    bench.add_file(instance + ".mem", step_file(of, by, step));
    bench.add(
        {.name = instance,
         .module = "sl_bisect",
         .parameters =
             fmt::format(".XWidth({}), .XSigned(1'b{:d}), .Lanes({}), .Depth({}), .Step({}), "
                         ".IsLast(1'b{:d}), .YWidth({}), .Lowest({}), .File(\"{}.mem\")",
                         of.x_width, of.x_signed, of.lanes, of.depth, step, is_last, of.y_width(),
                         of.lowest, instance),
         .inputs = {{"x", rtl_words(words_before(of, by, x, step), of.x_width + step, of.lanes)}},
         .outputs = {
             {"y", rtl_words(y, is_last ? of.y_width() : of.x_width + step + 1, of.lanes)}}});
  }
}

TEST(SlBisect, EachStepFindsOneMoreBitOfTheCount) {
  SL_NEEDS_RTL_SIMULATORS();
  Rng rng(1);
  std::vector<BisectCase> cases = {
      {},
      {.x_width = 20, .lanes = 2, .depth = 5, .steps = 4, .lowest = 0},
      {.x_width = 9, .x_signed = false, .lanes = 3, .depth = 2, .steps = 3, .lowest = -4},
      {.x_width = 3, .depth = 7, .steps = 1, .lowest = 0},
  };
  for (int i = 0; i < 3; ++i) {
    cases.push_back({.x_width = draw_size(rng, 2, 40),
                     .x_signed = rng.below(2) == 0,
                     .lanes = draw_size(rng, 1, 3),
                     .depth = draw_size(rng, 1, 6),
                     .steps = draw_size(rng, 1, 6),
                     .lowest = rng.integer(0, 1) == 0 ? 0 : -1});
  }
  RtlBench bench;
  for (std::size_t i = 0; i < cases.size(); ++i) {
    add_steps(bench, fmt::format("b{}", i), cases[i], rng);
  }
  const RtlRun run = expect_passes(bench);
  ASSERT_TRUE(run.passed);
  for (std::size_t i = 0; i < cases.size(); ++i) {
    for (std::size_t step = 0; step < cases[i].steps; ++step) {
      const std::string name = fmt::format("b{}_{}", i, step);
      EXPECT_EQ(run.latency(name + ".x", name + ".y"), 2) << name;
      EXPECT_EQ(run.cycles(name + ".y"), kBisectBeats) << name;
    }
  }
}

TEST(SlBisect, RefusesCodesOfMoreThanSixteenBits) {
  SL_NEEDS_RTL_SIMULATORS();
  Rng rng(2);
  RtlBench bench;
  bench.add_file("b.mem", rtl_words(std::vector<std::int64_t>{1}, 25));
  bench.add({.name = "b",
             .module = "sl_bisect",
             .parameters = ".IsLast(1'b1), .YWidth(17), .File(\"b.mem\")",
             .inputs = {{"x", rtl_words(std::vector<std::int64_t>{1}, 24)}},
             .outputs = {{"y", rtl_words(std::vector<std::int64_t>{1}, 17)}}});
  const RtlRun run = bench.run({.simulator = RtlSimulator::Icarus});
  EXPECT_FALSE(run.passed);
  EXPECT_NE(run.output.find("parameter_check_failed_codes"), std::string::npos) << run.output;
}

}  // namespace
}  // namespace sluice::test
