// SPDX-License-Identifier: Apache-2.0
#include <cmath>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <limits>

#include "tests/support/apply.hpp"
#include "tests/support/non_finite.hpp"

namespace sluice::runtime::reference {
namespace {

using test::computed;
using test::kNan;
using test::vec;
using ::testing::ElementsAre;

TEST(Binary, AddBroadcastsBothWays) {
  const auto column = Tensor::from<float>({2, 1}, {10, 20});
  const auto y = test::apply(ir::Add{}, {column, vec<float>({1, 2, 3})});
  ASSERT_TRUE(y);
  EXPECT_EQ(y->shape(), (Shape{2, 3}));
  EXPECT_THAT(test::elements<float>(y), ElementsAre(11, 12, 13, 21, 22, 23));
}

TEST(Binary, IntegerArithmeticWraps) {
  EXPECT_THAT(
      computed<std::uint8_t>(ir::Add{}, {vec<std::uint8_t>({200}), vec<std::uint8_t>({100})}),
      ElementsAre(44));
  EXPECT_THAT(
      computed<std::int32_t>(ir::Sub{}, {vec<std::int32_t>({INT32_MIN}), vec<std::int32_t>({1})}),
      ElementsAre(INT32_MAX));
  EXPECT_THAT(
      computed<std::int64_t>(ir::Mul{}, {vec<std::int64_t>({INT64_MAX}), vec<std::int64_t>({2})}),
      ElementsAre(-2));
  EXPECT_THAT(computed<std::uint16_t>(ir::Mul{},
                                      {vec<std::uint16_t>({65535}), vec<std::uint16_t>({65535})}),
              ElementsAre(1));
}

TEST(Binary, IntegerDivisionTruncatesTowardZero) {
  EXPECT_THAT(
      computed<std::int8_t>(ir::Div{}, {vec<std::int8_t>({-7, 7}), vec<std::int8_t>({2, -2})}),
      ElementsAre(-3, -3));
}

TEST(Binary, IntegerDivisionNeverTraps) {
  EXPECT_THAT(computed<std::int32_t>(
                  ir::Div{}, {vec<std::int32_t>({5, INT32_MIN}), vec<std::int32_t>({0, -1})}),
              ElementsAre(0, INT32_MIN));
  EXPECT_THAT(
      computed<std::uint64_t>(ir::Div{}, {vec<std::uint64_t>({5}), vec<std::uint64_t>({0})}),
      ElementsAre(0));
}

TEST(Binary, FloatDivisionByZeroIsInfinite) {
  EXPECT_THAT(computed<float>(ir::Div{}, {vec<float>({1}), vec<float>({0})}),
              ElementsAre(std::numeric_limits<float>::infinity()));
}

TEST(Binary, EqualComparesAnyTypeButNotNan) {
  EXPECT_THAT(computed<bool>(ir::Equal{}, {vec<float>({1, kNan}), vec<float>({1, kNan})}),
              ElementsAre(true, false));
  EXPECT_THAT(computed<bool>(ir::Equal{},
                             {vec<std::int64_t>({INT64_MAX}), vec<std::int64_t>({INT64_MAX - 1})}),
              ElementsAre(false));
  EXPECT_THAT(computed<bool>(ir::Equal{}, {vec<bool>({true, false}), vec<bool>({true, true})}),
              ElementsAre(true, false));
}

TEST(Binary, MaxAndMinTakeAnyNumberOfInputs) {
  EXPECT_THAT(computed<float>(ir::Max{}, {vec<float>({1, 2})}), ElementsAre(1, 2));
  EXPECT_THAT(
      computed<std::int8_t>(ir::Max{}, {vec<std::int8_t>({1, -5}), Tensor::scalar<std::int8_t>(-1),
                                        vec<std::int8_t>({0, -9})}),
      ElementsAre(1, -1));
  EXPECT_THAT(computed<float>(ir::Min{}, {vec<float>({1, 2}), vec<float>({3, 1})}),
              ElementsAre(1, 1));
}

TEST(Binary, MaxAndMinPropagateNanFromEitherSide) {
  for (const float value :
       computed<float>(ir::Max{}, {vec<float>({kNan, 1}), vec<float>({1, kNan})})) {
    EXPECT_TRUE(std::isnan(value));
  }
  for (const float value :
       computed<float>(ir::Min{}, {vec<float>({kNan, 1}), vec<float>({1, kNan})})) {
    EXPECT_TRUE(std::isnan(value));
  }
}

TEST(Binary, PowMixesTypesAndKeepsTheBase) {
  EXPECT_THAT(
      computed<std::int32_t>(ir::Pow{}, {vec<std::int32_t>({1, 2, 3}), vec<float>({4, 5, 6})}),
      ElementsAre(1, 32, 729));
  EXPECT_THAT(computed<float>(ir::Pow{}, {vec<float>({2, 4}), vec<std::int64_t>({-1, 3})}),
              ElementsAre(0.5F, 64));
}

TEST(Binary, WholePowersAreExactAndWrap) {
  EXPECT_THAT(computed<std::int64_t>(
                  ir::Pow{}, {vec<std::int64_t>({3, 2, -3}), vec<std::int64_t>({39, 64, 3})}),
              ElementsAre(4052555153018976267, 0, -27));
}

TEST(Binary, NegativeWholePowersAreCutToWhole) {
  EXPECT_THAT(computed<std::int32_t>(ir::Pow{}, {vec<std::int32_t>({1, -1, -1, 2, 0}),
                                                 vec<std::int32_t>({-5, -3, -2, -1, -1})}),
              ElementsAre(1, -1, 1, 0, 0));
}

TEST(Binary, PowersBeyondAnIntegerTypeSaturate) {
  EXPECT_THAT(computed<std::int8_t>(ir::Pow{}, {vec<std::int8_t>({100, -100}), vec<float>({3, 3})}),
              ElementsAre(127, -128));
  EXPECT_THAT(
      computed<std::int64_t>(ir::Pow{}, {vec<std::int64_t>({-8, 10}), vec<float>({0.5F, 40})}),
      ElementsAre(0, INT64_MAX));
}

TEST(Binary, PReluTakesASlopePerChannelAndIntegers) {
  const auto x = Tensor::from<float>({1, 2, 2}, {-1, 2, -3, 4});
  EXPECT_THAT(computed<float>(ir::PRelu{}, {x, Tensor::from<float>({2, 1}, {0.5F, 2})}),
              ElementsAre(-0.5F, 2, -6, 4));
  EXPECT_THAT(
      computed<std::int32_t>(ir::PRelu{}, {vec<std::int32_t>({-3, 3}), vec<std::int32_t>({2, 2})}),
      ElementsAre(-6, 3));
}

TEST(Binary, WhereMovesElementsOfAnyType) {
  const auto condition = vec<bool>({true, false});
  EXPECT_THAT(computed<std::int64_t>(ir::Where{}, {condition, Tensor::scalar<std::int64_t>(7),
                                                   vec<std::int64_t>({1, 2})}),
              ElementsAre(7, 2));
  EXPECT_THAT(
      computed<bool>(ir::Where{}, {condition, vec<bool>({false, false}), vec<bool>({true, true})}),
      ElementsAre(false, true));
  Tensor halves(DType::Float16, {2});
  halves.mutable_data<std::uint16_t>()[1] = 0x3C00;
  const auto y = test::apply(ir::Where{}, {condition, Tensor(DType::Float16, {}), halves});
  ASSERT_TRUE(y);
  EXPECT_EQ(y->data<std::uint16_t>()[1], 0x3C00);
}

TEST(Binary, AConditionWithAnOddByteIsTrue) {
  Tensor condition(DType::Bool, {1});
  condition.mutable_data<std::uint8_t>()[0] = 2;
  EXPECT_THAT(computed<float>(ir::Where{}, {condition, vec<float>({1}), vec<float>({0})}),
              ElementsAre(1));
}

TEST(Binary, AnEmptyOperandGivesAnEmptyResult) {
  const auto y = test::apply(ir::Mul{}, {Tensor(DType::Float32, {2, 0}), Tensor::scalar<float>(3)});
  ASSERT_TRUE(y);
  EXPECT_EQ(y->shape(), (Shape{2, 0}));
}

}  // namespace
}  // namespace sluice::runtime::reference
