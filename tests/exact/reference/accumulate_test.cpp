// SPDX-License-Identifier: Apache-2.0
#include "sluice/exact/reference/accumulate.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <random>

#include "tests/exact/one_op.hpp"

namespace sluice::exact::reference {
namespace {

using numeric::Accumulator;
using numeric::Overflow;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

__extension__ using Wide = __int128;

class Accumulate : public testing::TestWithParam<Arithmetic> {};
INSTANTIATE_TEST_SUITE_P(Shifts, Accumulate, testing::ValuesIn(kShifts));

struct Rng {
  std::mt19937_64 random;
  std::int64_t between(std::int64_t low, std::int64_t high) {
    return low + static_cast<std::int64_t>(random() % static_cast<std::uint64_t>(high - low + 1));
  }
};

// Powers of two and zero points, one for each of `count` slices along an axis.
Quantization random_grid(DType dtype, std::optional<int> bits, std::int64_t count,
                         std::int64_t axis, int least_exponent, int most_exponent, Rng& rng) {
  Quantization grid{dtype, {}, {}, axis, bits};
  const numeric::CodeRange codes = numeric::codes_of(Quantization{.dtype = dtype, .bits = bits});
  for (std::int64_t i = 0; i < count; ++i) {
    const auto exponent = static_cast<int>(rng.between(least_exponent, most_exponent));
    grid.scales.push_back(std::ldexp(1.0F, exponent));
    grid.zero_points.push_back(rng.between(codes.lowest, codes.highest));
  }
  return grid;
}

Codes random_codes(std::int64_t count, const Quantization& grid, Rng& rng) {
  const numeric::CodeRange range = numeric::codes_of(grid);
  Codes codes;
  for (std::int64_t i = 0; i < count; ++i) {
    const std::int64_t kind = rng.between(0, 5);
    codes.push_back(kind == 0   ? range.lowest
                    : kind == 1 ? range.highest
                                : rng.between(range.lowest, range.highest));
  }
  return codes;
}

// real·2^kUnit of a code, exactly.
constexpr int kUnit = 20;
Wide in_units(std::int64_t code, const Quantization& grid, std::int64_t slice) {
  const auto at = static_cast<std::size_t>(grid.is_per_channel() ? slice : 0);
  return static_cast<Wide>(code - grid.zero_points[at]) *
         (static_cast<Wide>(1) << (kUnit + std::ilogb(grid.scales[at])));
}

// The code of real·2^unit.
std::int64_t code_of(Wide real, int unit, const Quantization& grid, std::int64_t slice,
                     Arithmetic arithmetic) {
  const auto at = static_cast<std::size_t>(grid.is_per_channel() ? slice : 0);
  const Wide step = static_cast<Wide>(1) << (unit + std::ilogb(grid.scales[at]));
  Wide floor = real / step;
  if (floor * step > real) --floor;
  const Wide rest = real - floor * step;
  const bool is_up = arithmetic == Arithmetic::ShiftHalfUp ? 2 * rest >= step
                     : arithmetic == Arithmetic::ShiftHalfEven
                         ? 2 * rest > step || (2 * rest == step && floor % 2 != 0)
                         : false;
  const numeric::CodeRange codes = numeric::codes_of(grid);
  return static_cast<std::int64_t>(std::clamp<Wide>(floor + (is_up ? 1 : 0) + grid.zero_points[at],
                                                    codes.lowest, codes.highest));
}

struct Width {
  DType dtype;
  std::optional<int> bits;
};
const std::vector<Width> kWidths{{DType::Int8, 2},
                                 {DType::UInt8, 3},
                                 {DType::Int8, std::nullopt},
                                 {DType::UInt8, std::nullopt},
                                 {DType::Int16, 11},
                                 {DType::Int16, std::nullopt},
                                 {DType::UInt16, std::nullopt},
                                 {DType::Int32, 24},
                                 {DType::UInt32, 19},
                                 {DType::Int32, std::nullopt},
                                 {DType::UInt32, std::nullopt}};

// A convolution of [2, 4, 5, 4] by 3 x 2 with stride 2 down, dilation 2 across, pads, two groups;
// scales for each channel on any side. The real result, exactly, is rounded once.
TEST_P(Accumulate, ConvolutionsAreTheRealResultRoundedOnce) {
  Rng rng{std::mt19937_64(7)};
  for (const Width& width : kWidths) {
    for (int sides = 0; sides < 8; ++sides) {
      const auto count = [&](int side) { return (sides >> side & 1) != 0 ? 4 : 1; };
      const Quantization x = random_grid(width.dtype, width.bits, count(0), 1, -8, -5, rng);
      const Width of_weights = kWidths[static_cast<std::size_t>(rng.between(0, 6))];
      const Quantization w =
          random_grid(of_weights.dtype, of_weights.bits, count(1), 0, -9, -6, rng);
      const Quantization y = random_grid(width.dtype, width.bits, count(2), 1, -7, -2, rng);
      const Quantization b = random_grid(DType::Int32, 20, 4, 0, -11, -9, rng);
      const Codes of_x = random_codes(160, x, rng);
      const Codes of_w = random_codes(48, w, rng);
      const Codes of_b = random_codes(4, b, rng);
      const ir::Conv op{.window = {.strides = {2, 1}, .dilations = {1, 2}, .pads = {1, 0, 0, 1}},
                        .group = 2};
      const Codes found = codes_of_op(
          op, {{{2, 4, 5, 4}, of_x, x}, {{4, 2, 3, 2}, of_w, w}, {{4}, of_b, b}}, y, GetParam());
      ASSERT_EQ(found.size(), 2U * 4 * 2 * 3);
      for (std::int64_t i = 0; i < 48; ++i) {
        const std::int64_t n = i / 24;
        const std::int64_t m = i / 6 % 4;
        Wide sum = in_units(of_b[static_cast<std::size_t>(m)], b, m) << kUnit;
        for (std::int64_t t = 0; t < 12; ++t) {
          const std::int64_t c = m / 2 * 2 + t / 6;
          const std::int64_t row = i / 3 % 2 * 2 - 1 + t / 2 % 3;
          const std::int64_t column = i % 3 + t % 2 * 2;
          if (row < 0 || row >= 5 || column >= 4) continue;
          const auto at = static_cast<std::size_t>(((n * 4 + c) * 5 + row) * 4 + column);
          sum +=
              in_units(of_x[at], x, c) * in_units(of_w[static_cast<std::size_t>(m * 12 + t)], w, m);
        }
        ASSERT_EQ(found[static_cast<std::size_t>(i)], code_of(sum, 2 * kUnit, y, m, GetParam()))
            << to_string(width.dtype) << " sides " << sides << " element " << i;
      }
    }
  }
}

TEST_P(Accumulate, TransposedConvolutionsAndMatrixProductsAreToo) {
  const ir::ConvTranspose op{.window = {.strides = {2}, .pads = {1, 0}}};
  const Operand x({1, 1, 3}, {4, 1, 6}, int8(1, 3));
  const Operand w({1, 2, 3}, {4, -5, 6, 1, 0, 0}, per_channel({0.5F, 0.25F}, 1));
  const auto rounded = [&](double sum, int shift) {
    return static_cast<std::int64_t>(scaled_by_power(GetParam(), sum, shift, 0));
  };
  const Operand bias({2}, {1, 2}, {DType::Int32, {0.5F, 0.25F}, {0, 0}, 0});
  EXPECT_THAT(codes_of_op(op, {x, w, bias}, int8(1), GetParam()),
              ElementsAre(rounded(-4, 1), rounded(-1, 1), rounded(11, 1), rounded(1, 1),
                          rounded(-14, 1), rounded(19, 1), rounded(2, 2), rounded(0, 2),
                          rounded(2, 2), rounded(5, 2), rounded(2, 2), rounded(2, 2)));
  const Operand a({2, 2}, {1, 2, -3, 4}, int8(1));
  const Operand b({2, 2}, {5, 6, -7, 8}, per_channel({0.5F, 0.125F}, 1));
  const Operand transposed({2, 2}, {5, -7, 6, 8}, per_channel({0.5F, 0.125F}, 0));
  const auto products =
      ElementsAre(rounded(-9, 1), rounded(22, 3), rounded(-43, 1), rounded(14, 3));
  EXPECT_THAT(codes_of_op(ir::Gemm{}, {a, b}, int8(1), GetParam()), products);
  EXPECT_THAT(codes_of_op(ir::Gemm{.trans_b = true}, {a, transposed}, int8(1), GetParam()),
              products);
  EXPECT_THAT(codes_of_op(ir::Gemm{.trans_a = true}, {Operand({2, 2}, {1, -3, 2, 4}, int8(1)), b},
                          int8(1), GetParam()),
              products);
  EXPECT_THAT(codes_of_op(ir::MatMul{}, {a, b}, int8(1), GetParam()), products);
  const Operand stack({2, 1, 2}, {1, 2, -3, 4}, int8(1));
  EXPECT_THAT(codes_of_op(ir::MatMul{}, {stack, b}, int8(1), GetParam()), products);
}

// The columns of the input have their own scales; so do those of the output.
TEST_P(Accumulate, MatrixProductsOfBlocks) {
  const Operand a({1, 2}, {3, 5}, per_channel({0.25F, 2}, 1));
  const Operand b({2, 2}, {1, -2, 4, 3}, int8(0.5F));
  // In units of 1/8: 3·1 + 40·4 and 3·−2 + 40·3.
  const auto rounded = [&](double sum, int shift) {
    return static_cast<std::int64_t>(scaled_by_power(GetParam(), sum, shift, 0));
  };
  EXPECT_THAT(codes_of_op(ir::Gemm{}, {a, b}, per_channel({0.5F, 4}, 1), GetParam()),
              ElementsAre(rounded(163, 2), rounded(114, 5)));
  EXPECT_THAT(codes_of_op(ir::MatMul{}, {a, b}, per_channel({0.5F, 4}, 1), GetParam()),
              ElementsAre(rounded(163, 2), rounded(114, 5)));
}

// One number for all, one a row, one a column, one an element.
TEST_P(Accumulate, BiasesOfMatrixProductsBroadcast) {
  const Operand a({2, 1}, {1, 2}, int8(1));
  const Operand b({1, 2}, {10, 20}, int8(1));
  const Quantization of_bias{DType::Int32, {2}, {0}};
  const auto sums = [&](const sluice::Shape& shape, const Codes& bias) {
    return codes_of_op(ir::Gemm{}, {a, b, {shape, bias, of_bias}}, int8(1), GetParam());
  };
  EXPECT_THAT(sums({}, {3}), ElementsAre(16, 26, 26, 46));
  EXPECT_THAT(sums({2, 1}, {1, 3}), ElementsAre(12, 22, 26, 46));
  EXPECT_THAT(sums({2}, {1, 3}), ElementsAre(12, 26, 22, 46));
  EXPECT_THAT(sums({2, 2}, {1, 2, 3, 4}), ElementsAre(12, 24, 26, 48));
}

// ---- accumulators of a width

// x of [1, 2, 2], weights 1, as the stream has them: both channels of the first position first.
std::int64_t sum_of(const Codes& x, std::int64_t bias, const Accumulator& in, Arithmetic by) {
  const Quantization wide{DType::Int16, {1}, {0}};
  const Quantization of_bias{DType::Int32, {1}, {0}};
  return codes_of_op(
      ir::Conv{}, {{{1, 2, 2}, x, wide}, {{1, 2, 2}, {1, 1, 1, 1}, wide}, {{1}, {bias}, of_bias}},
      wide, by, in)[0];
}

TEST_P(Accumulate, SaturatesInTheOrderOfTheStream) {
  const Accumulator in{6, Overflow::Saturate};
  // Channels are rows of x. In the stream: bias, x(0, 0), x(1, 0), x(0, 1), x(1, 1).
  EXPECT_EQ(sum_of({20, -10, 15, 1}, 0, in, GetParam()), 22);   // 20, 35 → 31, 21, 22
  EXPECT_EQ(sum_of({20, 15, -10, 1}, 0, in, GetParam()), 26);   // 20, 10, 25, 26
  EXPECT_EQ(sum_of({-10, 0, 0, 0}, 40, in, GetParam()), 21);    // the bias is 31 first
  EXPECT_EQ(sum_of({-30, 0, -30, 5}, 0, in, GetParam()), -27);  // −30, −32, −32, −27
}

TEST_P(Accumulate, WrapsModuloItsWidth) {
  for (int bits = 2; bits <= 16; ++bits) {
    const Accumulator in{bits, Overflow::Wrap};
    const std::int64_t sum = 20'000 + 20'000 - 32'768 + 11 + 30'000;
    const std::int64_t period = std::int64_t{1} << bits;
    std::int64_t rest = (sum % period + period) % period;
    if (rest >= period / 2) rest -= period;
    EXPECT_EQ(sum_of({20'000, -32'768, 20'000, 11}, 30'000, in, GetParam()), rest) << bits;
  }
}

TEST(AccumulateOthers, AccumulatorsAreOfAnyArithmetic) {
  const Accumulator saturate{6, Overflow::Saturate};
  const Accumulator wrap{6, Overflow::Wrap};
  const Operand x({1, 4}, {20, 15, -10, 1}, int8(1));
  const Operand w({4, 1}, {1, 1, 1, 1}, int8(1));
  const Operand bias({1}, {7}, {DType::Int32, {1}, {0}});
  for (const Arithmetic arithmetic : kArithmetics) {
    EXPECT_THAT(codes_of_op(ir::Gemm{}, {x, w}, int8(1), arithmetic, saturate), ElementsAre(22));
    EXPECT_THAT(codes_of_op(ir::Gemm{}, {x, w, bias}, int8(1), arithmetic, wrap),
                ElementsAre(33 - 64));
    EXPECT_THAT(codes_of_op(ir::Gemm{}, {x, w, bias}, int8(1), arithmetic, Accumulator{}),
                ElementsAre(33));
  }
}

// ---- refusals

TEST_P(Accumulate, RefusesWhat64BitsDoNotHold) {
  const Quantization wide{DType::UInt32, {1}, {0}};
  const Codes most(4, 0xFFFFFFFF);
  EXPECT_THAT(refusal(ir::Gemm{}, {{{1, 4}, most, wide}, {{4, 1}, most, wide}}, wide, GetParam()),
              HasSubstr("multiplies numbers whose product 64 bits do not hold"));
  const Quantization large{DType::Int32, {1}, {0}};
  const Codes large_codes(4, INT32_MAX);
  const std::vector<Operand> operands{{{1, 4}, large_codes, large}, {{4, 1}, large_codes, large}};
  EXPECT_THAT(refusal(ir::Gemm{}, operands, large, GetParam()),
              HasSubstr("its accumulator reaches numbers that 64 bits do not hold"));
  EXPECT_EQ(refusal(ir::Gemm{}, operands, large, GetParam(), Accumulator{}), "");
  EXPECT_THAT(refusal(ir::Gemm{},
                      {{{1, 2}, {100, 1}, per_channel({0x1p60F, 1}, 1)}, {{2, 1}, {1, 1}, int8(1)}},
                      int8(1), GetParam()),
              HasSubstr("counts 100 in a unit 2^60 times that of its accumulator"));
}

TEST_P(Accumulate, RefusesFinerBiasesAndOtherAxes) {
  const Operand x({1, 2}, {1, 1}, int8(0.5F));
  const Operand w({2, 2}, {1, 1, 1, 1}, int8(0.5F));
  EXPECT_THAT(refusal(ir::Gemm{}, {x, w, {{2}, {1, 1}, {DType::Int32, {0.125F}, {0}}}}, int8(1),
                      GetParam()),
              HasSubstr("has a bias in units of 2^-3, finer than those of its accumulator, 2^-2"));
  EXPECT_THAT(refusal(ir::Gemm{}, {x, w}, per_channel({1}, 0), GetParam()), "");
  const Operand rows({2, 2}, {1, 1, 1, 1}, int8(1));
  EXPECT_THAT(refusal(ir::Gemm{}, {rows, w}, per_channel({1, 2}, 0), GetParam()),
              HasSubstr("its output has a scale for each index of dimension 0"));
}

// What sums of integers are not is computed on real numbers, and rounded once all the same.
TEST_P(Accumulate, IsNotAskedWhereIntegersAreNotAllThereIs) {
  const Operand x({1, 2}, {3, 2}, int8(1));
  const Operand w({2, 2}, {1, 2, 3, 4}, int8(0.5F));
  const Operand reals(Tensor::from<float>({2, 2}, {0.5F, 1, 1.5F, 2}));
  const auto y = [&](const std::vector<Operand>& operands) {
    return codes_of_op(ir::Gemm{}, operands, int8(0.5F), GetParam());
  };
  EXPECT_THAT(y({x, reals}), ElementsAre(9, 14));
  EXPECT_THAT(y({x, w, Tensor::from<float>({2}, {1, -1})}), ElementsAre(11, 12));
  EXPECT_THAT(y({x, {{2, 2}, {1, 2, 3, 4}, per_channel({0.5F, 1}, 0)}}), ElementsAre(15, 22));
  const auto real = run_op(ir::Gemm{}, {x, w}, std::nullopt, GetParam());
  ASSERT_TRUE(real) << real.error().text();
  EXPECT_THAT(numeric::to_doubles(*real), ElementsAre(4.5, 7));
}

}  // namespace
}  // namespace sluice::exact::reference
