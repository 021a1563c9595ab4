// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <fmt/format.h>
#include <gtest/gtest.h>

#include "tests/support/rtl_bench.hpp"

namespace sluice::test {
namespace {

constexpr std::uint64_t kMulBeats = 6000;

struct MulCase {
  std::size_t a_width = 8;
  bool a_signed = true;
  std::int64_t a_zero = 0;
  std::size_t b_width = 8;
  bool b_signed = true;
  std::int64_t b_zero = 0;
  std::size_t lanes = 1;

  // The bits of the widest product.
  [[nodiscard]] std::size_t product_width() const {
    const auto most = [](std::size_t width, bool is_signed, std::int64_t zero) {
      const std::int64_t low = is_signed ? -(std::int64_t{1} << (width - 1)) : 0;
      const std::int64_t high = low + (std::int64_t{1} << width) - 1;
      return std::max(std::abs(low - zero), std::abs(high - zero));
    };
    const std::int64_t product = most(a_width, a_signed, a_zero) * most(b_width, b_signed, b_zero);
    std::size_t width = 1;
    while (product >= std::int64_t{1} << (width - 1)) ++width;
    return width;
  }

  [[nodiscard]] std::string parameters() const {
    return fmt::format(
        ".AWidth({}), .ASigned(1'b{:d}), .AZero({}), .BWidth({}), .BSigned(1'b{:d}), .BZero({}), "
        ".Lanes({}), .ProductWidth({})",
        a_width, a_signed, a_zero, b_width, b_signed, b_zero, lanes, product_width());
  }
};

void expect_products(const std::vector<MulCase>& cases, Rng& rng) {
  RtlBench bench;
  for (std::size_t i = 0; i < cases.size(); ++i) {
    const MulCase& mul = cases[i];
    const auto a = random_codes(rng, kMulBeats * mul.lanes, mul.a_width, mul.a_signed);
    const auto b = random_codes(rng, kMulBeats * mul.lanes, mul.b_width, mul.b_signed);
    std::vector<std::int64_t> y;
    y.reserve(a.size());
    for (std::size_t k = 0; k < a.size(); ++k) {
      y.push_back((a[k] - mul.a_zero) * (b[k] - mul.b_zero));
    }
    bench.add({.name = fmt::format("m{}", i),
               .module = "sl_mul",
               .parameters = mul.parameters(),
               .inputs = {{"a", rtl_words(a, mul.a_width, mul.lanes)},
                          {"b", rtl_words(b, mul.b_width, mul.lanes)}},
               .outputs = {{"y", rtl_words(y, mul.product_width(), mul.lanes)}}});
  }
  const RtlRun run = expect_passes(bench);
  ASSERT_TRUE(run.passed);
  for (std::size_t i = 0; i < cases.size(); ++i) {
    EXPECT_EQ(run.latency(fmt::format("m{}.b", i), fmt::format("m{}.y", i)), 2);
    EXPECT_EQ(run.cycles(fmt::format("m{}.y", i)), kMulBeats);
  }
}

TEST(SlMul, MultipliesCodesLessTheirZeroPoints) {
  SL_NEEDS_RTL_SIMULATORS();
  Rng rng(1);
  expect_products(
      {
          {},
          {.a_zero = -128, .b_zero = 127, .lanes = 4},
          {.a_signed = false, .a_zero = 255, .b_signed = false, .lanes = 2},
          {.a_width = 1, .a_signed = false, .a_zero = 1, .b_width = 1},
      },
      rng);
}

TEST(SlMul, MultipliesCodesOfAnyWidths) {
  SL_NEEDS_RTL_SIMULATORS();
  Rng rng(2);
  std::vector<MulCase> cases(10);
  for (MulCase& mul : cases) {
    mul = {.a_width = static_cast<std::size_t>(rng.integer(1, 18)),
           .a_signed = rng.below(2) == 0,
           .b_width = static_cast<std::size_t>(rng.integer(1, 18)),
           .b_signed = rng.below(2) == 0,
           .lanes = static_cast<std::size_t>(rng.integer(1, 4))};
    // A zero point is one of the codes.
    mul.a_zero = random_codes(rng, 1, mul.a_width, mul.a_signed)[0];
    mul.b_zero = random_codes(rng, 1, mul.b_width, mul.b_signed)[0];
  }
  expect_products(cases, rng);
}

TEST(SlMul, RefusesAProductWiderThanItCanBe) {
  SL_NEEDS_RTL_SIMULATORS();
  RtlBench bench;
  bench.add({.name = "m",
             .module = "sl_mul",
             .parameters = ".ProductWidth(21)",
             .inputs = {{"a", rtl_words(std::vector<std::int64_t>{1}, 8)},
                        {"b", rtl_words(std::vector<std::int64_t>{1}, 8)}},
             .outputs = {{"y", rtl_words(std::vector<std::int64_t>{1}, 21)}}});
  const RtlRun run = bench.run({.simulator = RtlSimulator::Icarus});
  EXPECT_FALSE(run.passed);
  EXPECT_NE(run.output.find("parameter_check_failed_product"), std::string::npos) << run.output;
}

}  // namespace
}  // namespace sluice::test
