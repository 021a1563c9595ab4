// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/exact/one_op.hpp"

#include "sluice/base/rng.hpp"
#include "sluice/numeric/sum_rescaler.hpp"

namespace sluice::exact::reference {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

ir::AveragePool pool(const ir::Window& window) {
  return {.window = window};
}

// Zero points do not matter: 1/2 and −1/2 of the codes go away from zero.
TEST(AveragePool, HalvesOfCodesGoAwayFromZero) {
  const Quantization x = int8(0.1F, 77);
  for (const Arithmetic arithmetic : {Arithmetic::TfliteDouble, Arithmetic::Xnnpack}) {
    EXPECT_THAT(
        codes_of_op(pool({.kernel = {2}, .strides = {2}}),
                    {{{1, 1, 10}, {1, 2, -1, -2, 0, 1, 0, -1, -128, -127}, x}}, x, arithmetic),
        ElementsAre(2, -2, 1, -1, -128));
  }
}

TEST(AveragePool, ThirdsGoToTheNearestCode) {
  const Quantization x = uint8(1, 255);
  EXPECT_THAT(
      codes_of_op(pool({.kernel = {3}, .strides = {3}}),
                  {{{1, 1, 9}, {0, 0, 1, 0, 1, 1, 255, 255, 254}, x}}, x, Arithmetic::TfliteDouble),
      ElementsAre(0, 1, 255));
}

TEST(AveragePool, PaddingDoesNotCount) {
  const Quantization x = int8(1, -5);
  const ir::Window window{.kernel = {2, 2}, .pads = {1, 1, 1, 1}};
  EXPECT_THAT(codes_of_op(pool(window), {{{1, 1, 2, 2}, {10, 21, -30, 44}, x}}, x,
                          Arithmetic::TfliteDouble),
              ElementsAre(10, 16, 21, -10, 11, 33, -30, 7, 44));
}

TEST(AveragePool, OfPaddingAloneIsTheZeroPoint) {
  const Quantization x = int8(1, -5);
  EXPECT_THAT(codes_of_op(pool({.kernel = {1}, .pads = {1, 0}}), {{{1, 1, 1}, {9}, x}}, x,
                          Arithmetic::TfliteDouble),
              ElementsAre(-5, 9));
}

TEST(AveragePool, EachPlaneOfEachImageHasItsOwn) {
  const Quantization x = uint8(1);
  EXPECT_THAT(
      codes_of_op(pool({.kernel = {1, 2}}), {{{2, 2, 1, 2}, {0, 2, 10, 20, 100, 200, 255, 255}, x}},
                  x, Arithmetic::Xnnpack),
      ElementsAre(1, 15, 150, 255));
}

// Of an image as wide as the window, with a column of padding on either side of it.
TEST(AveragePool, OfShiftsIsARescaledSumOfCodes) {
  sluice::Rng rng(1);
  const Quantization x = int8(0.25F, -7);
  const Quantization y = int8(0.125F, 20);
  for (const Arithmetic arithmetic : kShifts) {
    for (const bool counts_padding : {false, true}) {
      for (const std::int64_t count : {2, 3, 7, 12}) {
        const ir::Window window{.kernel = {count + 2}, .pads = {1, 1}};
        const auto by =
            numeric::SumRescaler::make(arithmetic, x, y, count, counts_padding ? count + 2 : count);
        ASSERT_TRUE(by) << by.error().text();
        for (int image = 0; image < 50; ++image) {
          Codes codes;
          codes.reserve(static_cast<std::size_t>(count));
          for (std::int64_t i = 0; i < count; ++i) codes.push_back(rng.integer(-40, 40));
          const ir::AveragePool op{.window = window, .count_include_pad = counts_padding};
          const auto sum = std::accumulate(codes.begin(), codes.end(), std::int64_t{0});
          EXPECT_THAT(codes_of_op(op, {{{1, 1, count}, codes, x}}, y, arithmetic),
                      ElementsAre(by->code(sum)));
        }
      }
    }
  }
}

// 0.25 and 0.75 above the zero point 1, as real numbers of halves: rounded to even.
TEST(AveragePool, InOnnxTheMeanIsOfRealNumbers) {
  const Operand x({1, 1, 4}, {1, 2, 2, 3}, int8(0.5F, 1));
  for (const Arithmetic arithmetic : {Arithmetic::Onnx, Arithmetic::OnnxRuntime}) {
    EXPECT_THAT(codes_of_op(pool({.kernel = {2}, .strides = {2}}), {x}, int8(0.5F, 1), arithmetic),
                ElementsAre(1, 3));
  }
}

TEST(AveragePool, OtherGridsAndCountedPaddingAreRefused) {
  const Operand x({1, 1, 2}, {1, 2}, int8(1));
  const ir::Window window{.kernel = {2}};
  EXPECT_THAT(refusal(pool(window), {x}, int8(2), Arithmetic::TfliteDouble),
              HasSubstr("changes scale or zero point"));
  EXPECT_THAT(refusal(pool(window), {x}, int8(1, 3), Arithmetic::Xnnpack),
              HasSubstr("changes scale or zero point"));
  EXPECT_THAT(refusal(ir::AveragePool{.window = window, .count_include_pad = true}, {x}, int8(1),
                      Arithmetic::TfliteDouble),
              HasSubstr("counts the padding"));
}

}  // namespace
}  // namespace sluice::exact::reference
