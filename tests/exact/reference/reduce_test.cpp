// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <random>

#include "tests/exact/one_op.hpp"

namespace sluice::exact::reference {
namespace {

using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

// ---- means and sums

// Of 2, 1, 0, −1, −2 … over 4 of the zero point 3: ±1/4, ±1/2, ±3/4 and their likes.
TEST(ReduceMean, TiesOfEveryArithmetic) {
  Codes x;
  for (std::int64_t sum = -20; sum <= 20; ++sum) x.insert(x.end(), {3, 3 + sum, 3, 3});
  const Operand operand({41, 4}, x, int8(1, 3));
  const auto means = [&](Arithmetic arithmetic, std::int64_t zero_point) {
    return codes_of_op(ir::ReduceMean{}, {operand, integers({1})}, int8(1, zero_point), arithmetic);
  };
  for (const std::int64_t zero_point : {0, 1}) {
    for (std::int64_t sum = -20; sum <= 20; ++sum) {
      const auto at = static_cast<std::size_t>(sum + 20);
      const double mean = static_cast<double>(sum) / 4;
      const auto z = static_cast<double>(zero_point);
      EXPECT_EQ(means(Arithmetic::TfliteDouble, zero_point)[at],
                scaled_by_power(Arithmetic::TfliteDouble, static_cast<double>(sum), 2, z))
          << mean;
      EXPECT_EQ(means(Arithmetic::TfliteSingle, zero_point)[at], half_up(mean) + z) << mean;
      EXPECT_EQ(means(Arithmetic::Xnnpack, zero_point)[at], half_even(mean + z)) << mean;
      EXPECT_EQ(means(Arithmetic::Onnx, zero_point)[at], half_even(mean) + z) << mean;
    }
  }
}

TEST(ReduceMean, AxesMayGoOrStayAsOnes) {
  const Operand x({2, 2, 2}, {1, 3, 5, 7, -1, -3, -5, -7}, int8(1));
  for (const Arithmetic arithmetic : {Arithmetic::TfliteDouble, Arithmetic::Xnnpack}) {
    for (const bool keep_dims : {false, true}) {
      const ir::ReduceMean op{.keep_dims = keep_dims};
      EXPECT_THAT(codes_of_op(op, {x, integers({1})}, int8(1), arithmetic),
                  ElementsAre(3, 5, -3, -5));
      EXPECT_THAT(codes_of_op(op, {x, integers({0, 2})}, int8(1), arithmetic), ElementsAre(0, 0));
      EXPECT_THAT(codes_of_op(op, {x}, int8(1), arithmetic), ElementsAre(0));
      const auto y = run_op(op, {x, integers({-1})}, int8(1), arithmetic);
      ASSERT_TRUE(y) << y.error().text();
      EXPECT_EQ(y->shape(), keep_dims ? (sluice::Shape{2, 2, 1}) : (sluice::Shape{2, 2}));
    }
  }
}

TEST(ReduceMean, ChangesScaleAndZeroPoint) {
  const Operand x({1, 3}, {255, 254, 250}, uint8(0.5F, 250));  // 2.5, 2 and 0: 1.5
  for (const Arithmetic arithmetic : {Arithmetic::TfliteDouble, Arithmetic::Xnnpack}) {
    EXPECT_THAT(codes_of_op(ir::ReduceMean{}, {x, integers({1})}, uint8(0.125F, 7), arithmetic),
                ElementsAre(19));
    EXPECT_THAT(codes_of_op(ir::ReduceMean{}, {x, integers({1})}, uint8(0.001F, 7), arithmetic),
                ElementsAre(255));
  }
}

TEST(ReduceMean, OfNothingIsRefused) {
  EXPECT_THAT(refusal(ir::ReduceMean{}, {{{2, 0}, {}, int8(1)}, integers({1})}, int8(1),
                      Arithmetic::TfliteDouble),
              HasSubstr("is the mean of nothing"));
}

TEST(ReduceSum, OfCodesLessTheirZeroPoints) {
  const Operand x({2, 3}, {10, 20, 30, -128, -128, 127}, int8(1, 5));
  for (const Arithmetic arithmetic : {Arithmetic::TfliteDouble, Arithmetic::TfliteSingle}) {
    EXPECT_THAT(codes_of_op(ir::ReduceSum{}, {x, integers({1})}, int8(2, -3), arithmetic),
                ElementsAre(20, -75));  // 45/2 and −144/2
  }
  EXPECT_THAT(codes_of_op(ir::ReduceSum{}, {x, integers({1})}, int8(2, -3), Arithmetic::Xnnpack),
              ElementsAre(20, -75));  // 22.5 − 3 is 19.5
  EXPECT_THAT(codes_of_op(ir::ReduceSum{}, {x, integers({1})}, int8(2, -2), Arithmetic::Xnnpack),
              ElementsAre(20, -74));  // 20.5
}

TEST(Reduce, MixedWithRealValuesIsRefused) {
  const Operand x({1, 2}, {0, 0}, int8(1));
  EXPECT_THAT(refusal(ir::ReduceMean{}, {x}, std::nullopt, Arithmetic::TfliteDouble),
              HasSubstr("mixes quantized and real values"));
  EXPECT_THAT(refusal(ir::ReduceSum{}, {Tensor::scalar(1.0F)}, int8(1), Arithmetic::TfliteDouble),
              HasSubstr("mixes quantized and real values"));
}

// ---- Softmax

class Softmax : public testing::TestWithParam<Arithmetic> {};
INSTANTIATE_TEST_SUITE_P(Arithmetics, Softmax,
                         testing::Values(Arithmetic::TfliteDouble, Arithmetic::Xnnpack));

Codes codes_of_any_value(std::size_t count, DType dtype) {
  std::mt19937 random(static_cast<unsigned>(count));
  Codes codes(count);
  for (std::int64_t& code : codes) {
    code = numeric::codes_of(dtype).lowest + static_cast<std::int64_t>(random() % 256);
  }
  return codes;
}

TEST_P(Softmax, IsWithinAHairOfTheNearestCode) {
  for (const std::int64_t length : {1, 10, 1001}) {
    for (const float scale : {0.05F, 0.2F, 1.0F, 8.0F}) {
      for (const auto& [x, y] : {std::pair{int8(scale, 9), int8(0x1p-8F, -128)},
                                 std::pair{uint8(scale, 9), uint8(0x1p-8F)}}) {
        const Codes logits = codes_of_any_value(static_cast<std::size_t>(length), x.dtype);
        const Codes codes = codes_of_op(ir::Softmax{}, {{{1, length}, logits, x}}, y, GetParam());
        ASSERT_EQ(codes.size(), logits.size());
        double sum = 0;
        const std::int64_t largest = *std::ranges::max_element(logits);
        const auto exponential = [&](std::int64_t logit) {
          return std::exp(static_cast<double>(scale) * static_cast<double>(logit - largest));
        };
        for (const std::int64_t logit : logits) sum += exponential(logit);
        for (std::size_t i = 0; i < codes.size(); ++i) {
          const double steps = 256 * exponential(logits[i]) / sum;
          if (std::abs(steps - std::floor(steps) - 0.5) < 1e-3) continue;
          const auto lowest = static_cast<double>(numeric::codes_of(y.dtype).lowest);
          ASSERT_EQ(codes[i], clamped(half_up(steps) + lowest, y.dtype)) << steps;
        }
      }
    }
  }
}

TEST_P(Softmax, OfOneLogitIsTheHighestCode) {
  for (const std::int64_t logit : {-128, 0, 127}) {
    EXPECT_THAT(codes_of_op(ir::Softmax{}, {{{1, 1}, {logit}, int8(0.1F)}}, int8(0x1p-8F, -128),
                            GetParam()),
                ElementsAre(127));
  }
}

TEST_P(Softmax, OfEqualLogitsIsEven) {
  EXPECT_THAT(
      codes_of_op(ir::Softmax{}, {{{1, 4}, {7, 7, 7, 7}, uint8(3)}}, uint8(0x1p-8F), GetParam()),
      Each(64));
  // 512 and more, which abort LiteRT's reference kernels, are all below half a code.
  EXPECT_THAT(codes_of_op(ir::Softmax{}, {{{1, 1001}, Codes(1001, 7), uint8(3)}}, uint8(0x1p-8F),
                          GetParam()),
              Each(0));
}

// A difference of 31 is the largest that TFLite looks at; that is nothing anyway.
TEST_P(Softmax, FarLogitsAreTheLowestCode) {
  EXPECT_THAT(codes_of_op(ir::Softmax{}, {{{1, 3}, {127, -128, 100}, int8(4)}}, int8(0x1p-8F, -128),
                          GetParam()),
              ElementsAre(127, -128, -128));
}

TEST_P(Softmax, GoesAlongItsAxis) {
  const Operand x({1, 2, 2}, {0, 3, 0, 3}, int8(0x1p-2F));
  EXPECT_THAT(codes_of_op(ir::Softmax{.axis = 1}, {x}, int8(0x1p-8F, -128), GetParam()), Each(0));
  EXPECT_THAT(codes_of_op(ir::Softmax{.axis = 2}, {x}, int8(0x1p-8F, -128), GetParam()),
              ElementsAre(-46, 46, -46, 46));  // 256/(1 + e^±0.75) = 82.1 and 173.9
}

TEST_P(Softmax, OtherOutputsAreRefused) {
  const Operand x({1, 2}, {0, 3}, int8(1));
  for (const Quantization& y : {int8(0x1p-8F, 0), int8(0x1p-7F, -128), uint8(0x1p-8F, 1)}) {
    EXPECT_THAT(refusal(ir::Softmax{}, {x}, y, GetParam()),
                HasSubstr("a Softmax in integers makes 1/256 and"));
  }
}

TEST(SoftmaxInOnnx, HasAnyOutput) {
  EXPECT_THAT(
      codes_of_op(ir::Softmax{}, {{{1, 2}, {0, 0}, int8(1)}}, int8(0.25F, 3), Arithmetic::Onnx),
      ElementsAre(5, 5));
}

}  // namespace
}  // namespace sluice::exact::reference
