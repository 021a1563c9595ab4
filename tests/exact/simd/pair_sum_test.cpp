// SPDX-License-Identifier: Apache-2.0
#include "sluice/exact/simd/pair_sum.hpp"

#include <algorithm>
#include <cmath>
#include <gtest/gtest.h>

#include "tests/exact/simd/random_layer.hpp"
#include "tests/support/every_target.hpp"

namespace sluice::exact {
namespace {

// The sums as pair_sum.hpp has them, before the bounds.
std::int64_t steps(const FusedSum& by, std::int64_t a, std::int64_t b) {
  const float of_b = std::fma(static_cast<float>(b), by.factor_b, by.fixed);
  return std::llrint(std::fma(static_cast<float>(a), by.factor_a, of_b));
}
std::int64_t steps(const RealSum& by, std::int64_t a, std::int64_t b) {
  const float real_a = by.scale_a * static_cast<float>(a - by.zero_a);
  const float real_b = by.scale_b * static_cast<float>(b - by.zero_b);
  const float quotient = (real_a + real_b) / by.scale_y;
  return std::llrint(std::clamp(quotient, -1e9F, 1e9F)) + by.zero_y;
}
std::int64_t steps(const FixedSum& by, std::int64_t a, std::int64_t b) {
  return ((a * by.factor_a + b * by.factor_b + by.offset) >> by.shift) + by.zero_y;
}

// All pairs of codes, in pieces of `count`.
template <class Code, class By>
void expect_sums_of_all_pairs(const By& by, DType type, std::int64_t count, const char* target) {
  const numeric::CodeRange all = numeric::code_range(8, type == DType::Int8);
  const numeric::CodeRange codes{all.lowest + 1, all.highest - 2};
  const PairSum sum{by, type, codes};
  if (!can_run(sum)) return;
  std::vector<Code> a(65536), b(65536), found(65536);
  for (std::size_t i = 0; i < a.size(); ++i) {
    a[i] = static_cast<Code>(i >> 8);
    b[i] = static_cast<Code>(i);
  }
  const auto bytes = [](auto& of, std::int64_t at) {
    return reinterpret_cast<std::byte*>(of.data() + at);
  };
  for (std::int64_t i = 0; i < 65536; i += count) {
    const std::int64_t some = std::min<std::int64_t>(count, 65536 - i);
    run_pair_sum(sum, bytes(a, i), bytes(b, i), bytes(found, i), some);
  }
  for (std::size_t i = 0; i < a.size(); ++i) {
    ASSERT_EQ(found[i], std::clamp(steps(by, a[i], b[i]), codes.lowest, codes.highest))
        << target << ' ' << to_string(type) << ' ' << int{a[i]} << " + " << int{b[i]};
  }
}

template <class By>
void expect_sums(const By& by) {
  test::on_every_target([&](const char* target) {
    for (const std::int64_t count : {65536, 100, 7}) {
      expect_sums_of_all_pairs<std::int8_t>(by, DType::Int8, count, target);
      expect_sums_of_all_pairs<std::uint8_t>(by, DType::UInt8, count, target);
    }
  });
}

TEST(PairSum, FusedEqualsItsDefinition) {
  expect_sums(FusedSum{0.5F, 0.25F, -3});  // ties
  expect_sums(FusedSum{0.7123F, 1.91F, 60.3F});
  expect_sums(FusedSum{1e8F, 3e-5F, 0});
}

TEST(PairSum, OfRealNumbersEqualsItsDefinition) {
  expect_sums(RealSum{0.5F, 0.25F, 1, 3, -4, 5});
  expect_sums(RealSum{0.013F, -0.0371F, 0.0411F, 128, 100, 12});
  expect_sums(RealSum{3e20F, 1e-20F, 1e-12F, 1, 0, 0});
}

TEST(PairSum, OfFixedFactorsEqualsItsDefinition) {
  expect_sums(FixedSum{1, 1, 1, 1, -2});
  expect_sums(FixedSum{(1 << 21) - 1, -1234567, 87654321, 22, 30});
  expect_sums(FixedSum{700000, 300000, -(1 << 29), 0, 0});
}

TEST(PairSum, MayReplaceAnInput) {
  std::vector<std::int8_t> a(100, 5), b(100, -7);
  auto* bytes = reinterpret_cast<std::byte*>(a.data());
  run_pair_sum({FixedSum{.factor_a = 2, .factor_b = 3}}, bytes,
               reinterpret_cast<const std::byte*>(b.data()), bytes, 100);
  EXPECT_EQ(a, std::vector<std::int8_t>(100, -11));
}

}  // namespace
}  // namespace sluice::exact
