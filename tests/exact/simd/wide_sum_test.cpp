// SPDX-License-Identifier: Apache-2.0
#include "sluice/exact/simd/wide_sum.hpp"

#include <gtest/gtest.h>

#include "tests/exact/simd/random_wide_layer.hpp"
#include "tests/support/every_target.hpp"

namespace sluice::exact {
namespace {

using numeric::Arithmetic;

template <class Code>
void expect_sums(DType type, Arithmetic arithmetic, std::int32_t sign, int of_a, int of_b, int of_y,
                 const char* target) {
  Rng rng(static_cast<std::uint64_t>(of_a * 100 + of_b * 10 + of_y + 5000));
  const numeric::CodeRange codes = numeric::codes_of(type);
  const auto any = [&] {
    const std::uint64_t kind = rng.below(6);
    return kind == 0   ? codes.lowest
           : kind == 1 ? codes.highest
                       : rng.integer(codes.lowest, codes.highest);
  };
  const WideSumOperand a{std::ldexp(1.0F, of_a), any()};
  const WideSumOperand b{std::ldexp(1.0F, of_b), any()};
  const numeric::Requantizer by{.arithmetic = arithmetic,
                                .shift = of_y - std::min(of_a, of_b),
                                .zero_point = any(),
                                .codes = {codes.lowest + 1, codes.highest - 2}};
  WideSum sum{.type = type, .sign = sign};
  ASSERT_TRUE(make_wide_sum(a, b, std::ldexp(1.0F, of_y), by, sum));
  for (const std::size_t count : {1U, 7U, 16U, 100U}) {
    std::vector<Code> x(count), y(count), found(count);
    for (std::size_t i = 0; i < count; ++i) {
      x[i] = static_cast<Code>(any());
      y[i] = static_cast<Code>(any());
    }
    const auto bytes = [](auto& of) { return reinterpret_cast<std::byte*>(of.data()); };
    run_wide_sum(sum, bytes(x), bytes(y), bytes(found), static_cast<std::int64_t>(count));
    for (std::size_t i = 0; i < count; ++i) {
      const int unit = std::min(of_a, of_b);
      const std::int64_t exact = (x[i] - a.zero_point) * (std::int64_t{1} << (of_a - unit)) +
                                 sign * (y[i] - b.zero_point) * (std::int64_t{1} << (of_b - unit));
      ASSERT_EQ(found[i], static_cast<Code>(numeric::requantize_wide(exact, by)))
          << target << ' ' << to_string(type) << ' ' << of_a << ' ' << of_b << ' ' << of_y;
    }
  }
}

TEST(WideSum, EqualsTheDefinitionOnEveryTarget) {
  test::on_every_target([](const char* target) {
    for (const Arithmetic by :
         {Arithmetic::ShiftHalfEven, Arithmetic::ShiftHalfUp, Arithmetic::ShiftFloor}) {
      for (const std::int32_t sign : {1, -1}) {
        for (const int of_b : {-12, -3, 0, 4, 10}) {
          for (const int above : {-2, 0, 1, 5, 40}) {
            const int of_y = std::max(std::min(0, of_b) + above, std::max(0, of_b) - 12);
            expect_sums<std::int8_t>(DType::Int8, by, sign, 0, of_b, of_y, target);
            expect_sums<std::uint8_t>(DType::UInt8, by, sign, 0, of_b, of_y, target);
            expect_sums<std::int16_t>(DType::Int16, by, sign, 0, of_b, of_y, target);
            expect_sums<std::uint16_t>(DType::UInt16, by, sign, 0, of_b, of_y, target);
          }
        }
      }
    }
  });
}

// Codes of 8 bits leave more room.
TEST(WideSum, AddsBytesOfScalesFarApart) {
  for (const Arithmetic by :
       {Arithmetic::ShiftHalfEven, Arithmetic::ShiftHalfUp, Arithmetic::ShiftFloor}) {
    for (const int of_b : {-20, 20}) {
      for (const int of_y : {0, 3, 19, 23}) {
        expect_sums<std::int8_t>(DType::Int8, by, 1, 0, of_b, of_y, "");
        expect_sums<std::uint8_t>(DType::UInt8, by, -1, 0, of_b, of_y, "");
      }
    }
  }
}

TEST(WideSum, IsNotMadeWithoutRoom) {
  const numeric::Requantizer by{.arithmetic = Arithmetic::ShiftFloor};
  WideSum sum;
  EXPECT_FALSE(make_wide_sum({0x1p13F}, {1}, 0x1p14F, by, sum));
  EXPECT_TRUE(make_wide_sum({0x1p12F}, {1}, 0x1p14F, by, sum));
  EXPECT_FALSE(make_wide_sum({1}, {1}, 0x1p-13F, by, sum));
  sum.type = DType::Int8;
  EXPECT_TRUE(make_wide_sum({0x1p20F}, {1}, 0x1p14F, by, sum));
  EXPECT_FALSE(make_wide_sum({0x1p21F}, {1}, 0x1p14F, by, sum));
  EXPECT_FALSE(make_wide_sum({0x1p40F}, {1}, 0x1p14F, by, sum));
}

}  // namespace
}  // namespace sluice::exact
