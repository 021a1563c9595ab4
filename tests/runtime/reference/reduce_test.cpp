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

Tensor axes(const std::vector<std::int64_t>& values) {
  return vec<std::int64_t>(values);
}

TEST(Reduce, AlongInnerOuterAndAllAxes) {
  const auto x = Tensor::from<float>({2, 3}, {1, 2, 3, 4, 5, 6});
  EXPECT_THAT(computed<float>(ir::ReduceSum{}, {x, axes({1})}), ElementsAre(6, 15));
  EXPECT_THAT(computed<float>(ir::ReduceMean{}, {x, axes({0})}), ElementsAre(2.5F, 3.5F, 4.5F));
  EXPECT_THAT(computed<float>(ir::ReduceMax{}, {x}), ElementsAre(6));
  EXPECT_THAT(computed<float>(ir::ReduceMin{}, {x, axes({-2})}), ElementsAre(1, 2, 3));
}

TEST(Reduce, EmptyAxesMayMeanNothingToDo) {
  EXPECT_THAT(
      computed<float>(ir::ReduceSum{.noop_with_empty_axes = true}, {vec<float>({1, 2}), axes({})}),
      ElementsAre(1, 2));
}

TEST(Reduce, OfNothingIsTheNeutralElement) {
  const Tensor x(DType::Float32, {2, 0});
  EXPECT_THAT(computed<float>(ir::ReduceMax{}, {x, axes({1})}),
              ElementsAre(-kInfinity, -kInfinity));
  EXPECT_THAT(computed<float>(ir::ReduceMin{}, {x, axes({1})}), ElementsAre(kInfinity, kInfinity));
  EXPECT_THAT(computed<float>(ir::ReduceSum{}, {x, axes({1})}), ElementsAre(0, 0));
  EXPECT_TRUE(std::isnan(computed<float>(ir::ReduceMean{}, {x, axes({1})}).at(0)));
}

TEST(Reduce, OfNoIntegersIsTheEndOfTheType) {
  const Tensor x(DType::Int8, {0});
  EXPECT_THAT(computed<std::int8_t>(ir::ReduceMax{}, {x}), ElementsAre(-128));
  EXPECT_THAT(computed<std::int8_t>(ir::ReduceMin{}, {x}), ElementsAre(127));
  EXPECT_THAT(computed<std::int8_t>(ir::ReduceMean{}, {x}), ElementsAre(0));
}

TEST(Reduce, ExtremesOfBoolAreOrAndAnd) {
  const auto x = Tensor::from<bool>({2, 2}, {true, false, false, false});
  EXPECT_THAT(computed<bool>(ir::ReduceMax{}, {x, axes({1})}), ElementsAre(true, false));
  EXPECT_THAT(computed<bool>(ir::ReduceMin{}, {x, axes({1})}), ElementsAre(false, false));
  const Tensor none(DType::Bool, {0});
  EXPECT_THAT(computed<bool>(ir::ReduceMax{}, {none}), ElementsAre(false));
  EXPECT_THAT(computed<bool>(ir::ReduceMin{}, {none}), ElementsAre(true));
}

TEST(Reduce, NanPropagates) {
  EXPECT_TRUE(std::isnan(computed<float>(ir::ReduceMax{}, {vec<float>({1, kNan, 2})}).at(0)));
  EXPECT_TRUE(std::isnan(computed<float>(ir::ReduceMin{}, {vec<float>({kNan, 1})}).at(0)));
}

TEST(Reduce, IntegerSumsWrapAndMeansTruncate) {
  EXPECT_THAT(computed<std::int32_t>(ir::ReduceSum{}, {vec<std::int32_t>({INT32_MAX, 1})}),
              ElementsAre(INT32_MIN));
  EXPECT_THAT(computed<std::int32_t>(ir::ReduceMean{}, {vec<std::int32_t>({-3, -4})}),
              ElementsAre(-3));
  EXPECT_THAT(computed<std::int8_t>(ir::ReduceMean{}, {vec<std::int8_t>({127, 127, 127})}),
              ElementsAre(127))
      << "the sum does not wrap before the division";
}

TEST(Reduce, AScalarIsItsOwnReduction) {
  EXPECT_THAT(computed<float>(ir::ReduceMean{}, {Tensor::scalar<float>(5)}), ElementsAre(5));
}

TEST(ArgMax, TheFirstOrTheLastOfEquals) {
  const auto x = Tensor::from<float>({2, 3}, {1, 3, 3, 2, 2, 1});
  EXPECT_THAT(computed<std::int64_t>(ir::ArgMax{.axis = 1}, {x}), ElementsAre(1, 0));
  EXPECT_THAT(computed<std::int64_t>(ir::ArgMax{.axis = 1, .select_last_index = true}, {x}),
              ElementsAre(2, 1));
}

TEST(ArgMax, AlongAnOuterAxis) {
  const auto x = Tensor::from<std::uint8_t>({2, 2}, {1, 200, 3, 100});
  EXPECT_THAT(computed<std::int64_t>(ir::ArgMax{}, {x}), ElementsAre(1, 0));
}

TEST(ArgMax, NanIsTheLargest) {
  EXPECT_THAT(computed<std::int64_t>(ir::ArgMax{}, {vec<float>({1, kNan, kInfinity, kNan})}),
              ElementsAre(1));
  EXPECT_THAT(computed<std::int64_t>(ir::ArgMax{.select_last_index = true},
                                     {vec<float>({1, kNan, kInfinity, kNan, 2})}),
              ElementsAre(3));
}

TEST(Softmax, LargeValuesDoNotOverflow) {
  EXPECT_THAT(computed<float>(ir::Softmax{}, {vec<float>({1000, 1000})}), ElementsAre(0.5F, 0.5F));
}

TEST(Softmax, AlongAnyAxis) {
  const auto x = Tensor::from<float>({2, 2}, {0, std::log(3.0F), 0, 0});
  EXPECT_THAT(computed<float>(ir::Softmax{.axis = 1}, {x}),
              ElementsAre(FloatEq(0.25F), FloatEq(0.75F), 0.5F, 0.5F));
  EXPECT_THAT(computed<float>(ir::Softmax{.axis = 0}, {x}),
              ElementsAre(0.5F, FloatEq(0.75F), 0.5F, FloatEq(0.25F)));
}

TEST(Softmax, FlattenNormalizesOverAllInnerDimensions) {
  const auto x = Tensor::from<float>({1, 2, 2}, {5, 5, 5, 5});
  EXPECT_THAT(computed<float>(ir::Softmax{.axis = 1, .flatten = true}, {x}),
              ElementsAre(0.25F, 0.25F, 0.25F, 0.25F));
  EXPECT_THAT(computed<float>(ir::Softmax{.axis = 1}, {x}), ElementsAre(0.5F, 0.5F, 0.5F, 0.5F));
}

}  // namespace
}  // namespace sluice::runtime::reference
