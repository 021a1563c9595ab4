// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <limits>

#include "tests/support/apply.hpp"

namespace sluice::runtime::reference {
namespace {

using test::computed;
using test::vec;
using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::FloatEq;

TEST(CastKernel, SaturatesFloat8OnlyIfAsked) {
  const Tensor x = vec<float>({1e6F});
  const auto saturated = test::apply(ir::Cast{.to = DType::Float8E4M3Fn}, {x});
  const auto overflown = test::apply(ir::Cast{.to = DType::Float8E4M3Fn, .saturate = false}, {x});
  ASSERT_TRUE(saturated);
  ASSERT_TRUE(overflown);
  EXPECT_THAT(saturated->data<std::uint8_t>(), ElementsAre(0x7E));
  EXPECT_THAT(overflown->data<std::uint8_t>(), ElementsAre(0x7F));
}

TEST(CastKernel, RoundsToPowersAsAsked) {
  const ir::Cast op{.to = DType::Float8E8M0, .power_rounding = numeric::PowerRounding::Down};
  const auto y = test::apply(op, {vec<float>({1.9F})});
  ASSERT_TRUE(y);
  EXPECT_THAT(y->data<std::uint8_t>(), ElementsAre(127));
}

TEST(ConstantOfShapeKernel, RepeatsItsValue) {
  const ir::ConstantOfShape op{vec<std::int32_t>({-3})};
  EXPECT_THAT(computed<std::int32_t>(op, {vec<std::int64_t>({2, 2})}), ElementsAre(-3, -3, -3, -3));
  EXPECT_THAT(computed<std::int32_t>(op, {vec<std::int64_t>({0})}), ElementsAre());
  EXPECT_THAT(computed<std::int32_t>(op, {vec<std::int64_t>({})}), ElementsAre(-3));
}

TEST(DropoutKernel, InferenceKeepsEverything) {
  const auto y = test::apply_all(ir::Dropout{}, {vec<float>({1, 2})}, 2);
  ASSERT_TRUE(y);
  EXPECT_THAT(y->at(0).data<float>(), ElementsAre(1, 2));
  EXPECT_THAT(y->at(1).data<bool>(), Each(true));
}

// NumPy: RandomState(0).uniform(0, 1, 4) is 0.5488, 0.7152, 0.6028, 0.5449.
TEST(DropoutKernel, TrainingDrawsAsNumpyDoes) {
  const auto y = test::apply_all(
      ir::Dropout{},
      {vec<float>({1, 1, 1, 1}), Tensor::scalar(0.6F), Tensor::from<bool>({}, {true})}, 2);
  ASSERT_TRUE(y);
  EXPECT_THAT(y->at(1).data<bool>(), ElementsAre(false, true, true, false));
  EXPECT_THAT(y->at(0).data<float>(), ElementsAre(0, FloatEq(2.5F), FloatEq(2.5F), 0));
}

TEST(DropoutKernel, RefusesRatiosThatAreNone) {
  for (const float ratio : {1.0F, -0.1F, std::numeric_limits<float>::quiet_NaN()}) {
    EXPECT_FALSE(test::apply(
        ir::Dropout{}, {vec<float>({1}), Tensor::scalar(ratio), Tensor::from<bool>({}, {true})}));
  }
}

TEST(IdentityKernel, SharesTheBytes) {
  const Tensor x = vec<float>({1, 2});
  const auto y = test::apply(ir::Identity{}, {x});
  ASSERT_TRUE(y);
  EXPECT_EQ(y->bytes().data(), x.bytes().data());
}

TEST(ShapeKernel, GivesTheDimensions) {
  const Tensor x(DType::Int8, {2, 3, 4});
  EXPECT_THAT(computed<std::int64_t>(ir::Shape{.start = 1}, {x}), ElementsAre(3, 4));
  EXPECT_THAT(computed<std::int64_t>(ir::Shape{.end = -1}, {x}), ElementsAre(2, 3));
}

}  // namespace
}  // namespace sluice::runtime::reference
