// SPDX-License-Identifier: Apache-2.0
#include "sluice/exact/simd/wide_channel_sum.hpp"

#include <gtest/gtest.h>

#include "tests/exact/simd/random_wide_layer.hpp"
#include "tests/support/every_target.hpp"

namespace sluice::exact {
namespace {

using numeric::Arithmetic;

// Each channel like a sum of its own.
template <class Code>
void expect_sums(DType type, std::size_t channels, std::size_t rows, const char* target) {
  Rng rng(channels * 100 + rows);
  const numeric::CodeRange codes = numeric::codes_of(type);
  const auto any = [&] { return rng.integer(codes.lowest, codes.highest); };
  const auto sign = static_cast<std::int32_t>(1 - 2 * rng.integer(0, 1));
  std::vector<WideSum> sums(channels, {.type = type, .sign = sign});
  for (WideSum& sum : sums) {
    const auto power = [&](int least, int most) {
      return std::ldexp(1.0F, static_cast<int>(rng.integer(least, most)));
    };
    constexpr std::array kShifts{Arithmetic::ShiftHalfEven, Arithmetic::ShiftHalfUp,
                                 Arithmetic::ShiftFloor};
    const std::int64_t lowest = any();
    const numeric::Requantizer by{.arithmetic = kShifts[rng.below(3)],
                                  .zero_point = any(),
                                  .codes = {lowest, rng.integer(lowest, codes.highest)}};
    ASSERT_TRUE(make_wide_sum({power(-3, 3), any()}, {power(-3, 3), any()}, power(-3, 6), by, sum));
  }
  std::vector<Code> a(channels * rows), b(channels * rows), found(channels * rows);
  for (Code& code : a) code = static_cast<Code>(any());
  for (Code& code : b) code = static_cast<Code>(any());
  const auto bytes = [](auto& of, std::size_t from) {
    return reinterpret_cast<std::byte*>(of.data() + from);
  };
  WideChannelSum(sums).run(bytes(a, 0), bytes(b, 0), bytes(found, 0),
                           static_cast<std::int64_t>(rows));
  for (std::size_t i = 0; i < found.size(); ++i) {
    Code expected{};
    run_wide_sum(sums[i % channels], bytes(a, i), bytes(b, i),
                 reinterpret_cast<std::byte*>(&expected), 1);
    ASSERT_EQ(found[i], expected) << target << ' ' << to_string(type) << ' ' << channels
                                  << " channels, element " << i;
  }
}

TEST(WideChannelSum, EqualsASumAChannelOnEveryTarget) {
  test::on_every_target([](const char* target) {
    for (const std::size_t channels : {1U, 3U, 16U, 24U, 47U, 96U}) {
      for (const std::size_t rows : {1U, 2U, 33U}) {
        expect_sums<std::int8_t>(DType::Int8, channels, rows, target);
        expect_sums<std::uint8_t>(DType::UInt8, channels, rows, target);
        expect_sums<std::int16_t>(DType::Int16, channels, rows, target);
        expect_sums<std::uint16_t>(DType::UInt16, channels, rows, target);
      }
    }
  });
}

}  // namespace
}  // namespace sluice::exact
