// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <fmt/format.h>
#include <gtest/gtest.h>

#include "tests/support/rtl_bench.hpp"

#include "sluice/hw/layers/stages.hpp"

namespace sluice::test {
namespace {

constexpr std::uint64_t kAddBeats = 5000;

struct AddCase {
  std::size_t a_width = 8;
  bool a_signed = true;
  std::size_t b_width = 8;
  bool b_signed = true;
  std::size_t lanes = 1;
  std::int64_t factor_a = 1, factor_b = 1;

  // Of a signed number that holds every sum.
  [[nodiscard]] std::size_t sum_width() const {
    const auto reach = [](std::size_t width, std::int64_t factor) {
      return (std::int64_t{1} << width) * std::abs(factor);
    };
    const std::int64_t most = reach(a_width, factor_a) + reach(b_width, factor_b);
    std::size_t width = std::max(a_width, b_width) + 1;
    while (most >= std::int64_t{1} << (width - 1)) ++width;
    return width;
  }

  [[nodiscard]] std::string parameters() const {
    return fmt::format(
        ".AWidth({}), .ASigned(1'b{:d}), .BWidth({}), .BSigned(1'b{:d}), .Lanes({}), "
        ".FactorA({}), .FactorB({}), .SumWidth({})",
        a_width, a_signed, b_width, b_signed, lanes, factor_a, factor_b, sum_width());
  }
};

void expect_sums(const std::vector<AddCase>& cases, Rng& rng) {
  RtlBench bench;
  for (std::size_t i = 0; i < cases.size(); ++i) {
    const AddCase& add = cases[i];
    const auto a = random_codes(rng, kAddBeats * add.lanes, add.a_width, add.a_signed);
    const auto b = random_codes(rng, kAddBeats * add.lanes, add.b_width, add.b_signed);
    std::vector<std::int64_t> y;
    y.reserve(a.size());
    for (std::size_t k = 0; k < a.size(); ++k) {
      y.push_back(a[k] * add.factor_a + b[k] * add.factor_b);
    }
    bench.add({.name = fmt::format("a{}", i),
               .module = "sl_add",
               .parameters = add.parameters(),
               .inputs = {{"a", rtl_words(a, add.a_width, add.lanes)},
                          {"b", rtl_words(b, add.b_width, add.lanes)}},
               .outputs = {{"y", rtl_words(y, add.sum_width(), add.lanes)}}});
  }
  const RtlRun run = expect_passes(bench);
  ASSERT_TRUE(run.passed);
  for (std::size_t i = 0; i < cases.size(); ++i) {
    EXPECT_EQ(run.latency(fmt::format("a{}.b", i), fmt::format("a{}.y", i)), hw::stages::kAdd);
    EXPECT_EQ(run.cycles(fmt::format("a{}.y", i)), kAddBeats);
  }
}

TEST(SlAdd, AddsAndSubtracts) {
  SL_NEEDS_RTL_SIMULATORS();
  Rng rng(1);
  expect_sums(
      {
          {},
          {.lanes = 4, .factor_b = -1},
          {.a_signed = false, .b_signed = false, .lanes = 2},
          {.a_width = 1, .a_signed = false, .b_width = 1, .factor_a = -3, .factor_b = 0},
      },
      rng);
}

TEST(SlAdd, WeighsCodesOfAnyWidths) {
  SL_NEEDS_RTL_SIMULATORS();
  Rng rng(2);
  std::vector<AddCase> cases(10);
  for (AddCase& add : cases) {
    add = {.a_width = static_cast<std::size_t>(rng.integer(1, 20)),
           .a_signed = rng.below(2) == 0,
           .b_width = static_cast<std::size_t>(rng.integer(1, 20)),
           .b_signed = rng.below(2) == 0,
           .lanes = static_cast<std::size_t>(rng.integer(1, 5)),
           .factor_a = rng.integer(-40'000, 40'000) >> rng.integer(0, 15),
           .factor_b = rng.integer(-40'000, 40'000) >> rng.integer(0, 15)};
  }
  expect_sums(cases, rng);
}

}  // namespace
}  // namespace sluice::test
