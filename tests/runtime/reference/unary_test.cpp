// SPDX-License-Identifier: Apache-2.0
#include <cmath>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/apply.hpp"
#include "tests/support/non_finite.hpp"

namespace sluice::runtime::reference {
namespace {

using test::computed;
using test::kInfinity;
using test::kNan;
using test::vec;
using ::testing::ElementsAre;
using ::testing::FloatEq;
using ::testing::FloatNear;

TEST(Unary, AbsOfTheMostNegativeIntegerWrapsToItself) {
  EXPECT_THAT(computed<std::int8_t>(ir::Abs{}, {vec<std::int8_t>({-128, -1, 127})}),
              ElementsAre(-128, 1, 127));
  EXPECT_THAT(computed<std::int64_t>(ir::Abs{}, {vec<std::int64_t>({INT64_MIN})}),
              ElementsAre(INT64_MIN));
}

TEST(Unary, AbsClearsTheSignOfZero) {
  EXPECT_FALSE(std::signbit(computed<float>(ir::Abs{}, {vec<float>({-0.0F})}).at(0)));
}

TEST(Unary, NegFlipsTheSignOfZeroAndWrapsIntegers) {
  EXPECT_TRUE(std::signbit(computed<float>(ir::Neg{}, {vec<float>({0.0F})}).at(0)));
  EXPECT_THAT(computed<std::int32_t>(ir::Neg{}, {vec<std::int32_t>({INT32_MIN, 5})}),
              ElementsAre(INT32_MIN, -5));
}

TEST(Unary, NegOfUnsignedIsRefused) {
  EXPECT_FALSE(test::apply(ir::Neg{}, {vec<std::uint8_t>({1})}));
}

TEST(Unary, ReluLetsNanThrough) {
  const auto y = computed<float>(ir::Relu{}, {vec<float>({-2, 3, kNan})});
  EXPECT_EQ(y.at(0), 0);
  EXPECT_EQ(y.at(1), 3);
  EXPECT_TRUE(std::isnan(y.at(2)));
}

TEST(Unary, ReluWorksOnSignedIntegers) {
  EXPECT_THAT(computed<std::int16_t>(ir::Relu{}, {vec<std::int16_t>({-7, 7})}), ElementsAre(0, 7));
}

TEST(Unary, SigmoidSaturatesWithoutOverflow) {
  EXPECT_THAT(computed<float>(ir::Sigmoid{}, {vec<float>({-kInfinity, -1000, 0, 1000, kInfinity})}),
              ElementsAre(0, 0, 0.5F, 1, 1));
}

TEST(Unary, SoftplusOfALargeValueIsTheValue) {
  EXPECT_THAT(computed<float>(ir::Softplus{}, {vec<float>({-1000, 0, 1000})}),
              ElementsAre(0, FloatEq(std::log(2.0F)), 1000));
}

TEST(Unary, MishIsTheIdentityForLargeValues) {
  EXPECT_THAT(computed<float>(ir::Mish{}, {vec<float>({0, 1, 1000})}),
              ElementsAre(0, FloatEq(0.86509839F), 1000));
}

TEST(Unary, ExpOfDoubleKeepsDoublePrecision) {
  EXPECT_THAT(computed<double>(ir::Exp{}, {vec<double>({1})}), ElementsAre(std::exp(1.0)));
}

TEST(Unary, LogOfZeroIsMinusInfinity) {
  EXPECT_THAT(computed<float>(ir::Log{}, {vec<float>({1, 0})}), ElementsAre(0, -kInfinity));
}

TEST(Unary, SqrtIsCorrectlyRounded) {
  EXPECT_THAT(computed<float>(ir::Sqrt{}, {vec<float>({2, 9})}), ElementsAre(std::sqrt(2.0F), 3));
}

TEST(Unary, RoundTakesHalvesToEven) {
  EXPECT_THAT(computed<float>(ir::Round{}, {vec<float>({-2.5F, -1.5F, -0.4F, 0.5F, 2.5F, 1e10F})}),
              ElementsAre(-2, -2, -0.0F, 0, 2, 1e10F));
}

TEST(Unary, TanhAndErfAreOdd) {
  EXPECT_THAT(computed<float>(ir::Tanh{}, {vec<float>({-1, 1})}),
              ElementsAre(FloatEq(-0.76159416F), FloatEq(0.76159416F)));
  EXPECT_THAT(computed<float>(ir::Erf{}, {vec<float>({-1, 1})}),
              ElementsAre(FloatEq(-0.84270079F), FloatEq(0.84270079F)));
}

TEST(Unary, EluAndSeluBendAtZero) {
  EXPECT_THAT(computed<float>(ir::Elu{.alpha = 2}, {vec<float>({-1, 0, 1})}),
              ElementsAre(FloatEq(-1.2642411F), 0, 1));
  EXPECT_THAT(computed<float>(ir::Selu{.alpha = 2, .gamma = 3}, {vec<float>({-1, 0, 1})}),
              ElementsAre(FloatEq(-3.7927234F), 0, 3));
}

TEST(Unary, LeakyReluScalesNegativesOnly) {
  EXPECT_THAT(computed<float>(ir::LeakyRelu{.alpha = 0.25F}, {vec<float>({-4, 0, 4})}),
              ElementsAre(-1, 0, 4));
}

TEST(Unary, ThresholdedReluDropsTheThresholdItself) {
  EXPECT_THAT(computed<float>(ir::ThresholdedRelu{.alpha = 2}, {vec<float>({1, 2, 2.5F})}),
              ElementsAre(0, 0, 2.5F));
}

TEST(Unary, HardSigmoidAndHardSwishAreClamped) {
  EXPECT_THAT(
      computed<float>(ir::HardSigmoid{.alpha = 0.5F, .beta = 0.5F}, {vec<float>({-2, 0, 0.5F, 2})}),
      ElementsAre(0, 0.5F, 0.75F, 1));
  EXPECT_THAT(computed<float>(ir::HardSwish{}, {vec<float>({-3, 0, 3, 6})}),
              ElementsAre(0, 0, 3, 6));
}

TEST(Unary, GeluHasAnExactAndATanhForm) {
  EXPECT_THAT(computed<float>(ir::Gelu{}, {vec<float>({1})}), ElementsAre(FloatEq(0.84134475F)));
  EXPECT_THAT(computed<float>(ir::Gelu{.tanh_approximation = true}, {vec<float>({1})}),
              ElementsAre(FloatNear(0.841192F, 1e-6F)));
}

TEST(Unary, GeluOfALargeNegativeValueKeepsItsDigits) {
  // Φ(−10) = 7.62e−24: lost if computed as 1 + erf.
  EXPECT_THAT(computed<float>(ir::Gelu{}, {vec<float>({-10})}),
              ElementsAre(FloatEq(-7.619853e-23F)));
}

TEST(Unary, ClipWithBoundsCrossedGivesTheMaximum) {
  EXPECT_THAT(computed<float>(ir::Clip{}, {vec<float>({0, 5, 9}), Tensor::scalar<float>(6),
                                           Tensor::scalar<float>(2)}),
              ElementsAre(2, 2, 2));
}

TEST(Unary, ClipWorksOnIntegersWithOneBound) {
  EXPECT_THAT(computed<std::uint8_t>(
                  ir::Clip{}, {vec<std::uint8_t>({1, 200}), {}, Tensor::scalar<std::uint8_t>(9)}),
              ElementsAre(1, 9));
  EXPECT_THAT(computed<std::int64_t>(ir::Clip{}, {vec<std::int64_t>({INT64_MIN, 2}),
                                                  Tensor::scalar<std::int64_t>(-1)}),
              ElementsAre(-1, 2));
}

TEST(Unary, AnEmptyTensorStaysEmpty) {
  const auto y = test::apply(ir::Exp{}, {Tensor(DType::Float32, {0, 3})});
  ASSERT_TRUE(y);
  EXPECT_EQ(y->shape(), (Shape{0, 3}));
}

}  // namespace
}  // namespace sluice::runtime::reference
