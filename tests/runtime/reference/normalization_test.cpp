// SPDX-License-Identifier: Apache-2.0
#include <cmath>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/apply.hpp"

namespace sluice::runtime::reference {
namespace {

using test::computed;
using test::f32;
using test::vec;
using ::testing::ElementsAre;
using ::testing::FloatEq;

TEST(BatchNormalization, UsesTheGivenStatisticsOfEachChannel) {
  const auto x = f32({1, 2, 2}, {1, 2, 3, 4});
  EXPECT_THAT(computed<float>(ir::BatchNormalization{.epsilon = 1},
                              {x, vec<float>({2, 1}), vec<float>({0, 10}), vec<float>({1, 3}),
                               vec<float>({3, 0})}),
              ElementsAre(0, 1, 10, 11));
}

TEST(BatchNormalization, TrainingUsesAndReportsTheBatchs) {
  const auto x = f32({2, 1, 2}, {1, 3, 1, 3});
  const ir::BatchNormalization op{.epsilon = 0, .momentum = 0.75F, .training_mode = true};
  const auto outputs = test::apply_all(
      op, {x, vec<float>({1}), vec<float>({0}), vec<float>({10}), vec<float>({5})}, 3);
  ASSERT_TRUE(outputs);
  EXPECT_THAT(outputs->at(0).data<float>(), ElementsAre(-1, 1, -1, 1));
  EXPECT_THAT(outputs->at(1).data<float>(), ElementsAre(8)) << "0.75·10 + 0.25·2";
  EXPECT_THAT(outputs->at(2).data<float>(), ElementsAre(4)) << "0.75·5 + 0.25·1, population";
}

TEST(BatchNormalization, AVectorIsOneChannel) {
  EXPECT_THAT(computed<float>(ir::BatchNormalization{.epsilon = 0},
                              {vec<float>({1, 2}), vec<float>({3}), vec<float>({0}),
                               vec<float>({1}), vec<float>({1})}),
              ElementsAre(0, 3));
}

TEST(GroupNormalization, EachGroupOfEachImageHasItsOwnMoments) {
  const auto x = f32({2, 2, 2}, {1, 1, 3, 3, 10, 10, 30, 30});
  const ir::GroupNormalization op{.epsilon = 0, .num_groups = 1};
  EXPECT_THAT(computed<float>(op, {x, vec<float>({1, 2}), vec<float>({0, 5})}),
              ElementsAre(-1, -1, 7, 7, -1, -1, 7, 7));
}

TEST(GroupNormalization, ScaleMayBePerGroup) {
  const auto x = f32({1, 4, 1}, {1, 3, 1, 3});
  const auto scale = vec<float>({1, 2});
  const auto bias = vec<float>({0, 5});
  EXPECT_THAT(computed<float>(
                  ir::GroupNormalization{.epsilon = 0, .num_groups = 2, .scale_per_group = true},
                  {x, scale, bias}),
              ElementsAre(-1, 1, 3, 7));
}

TEST(InstanceNormalization, IsOneChannelAGroup) {
  const auto x = f32({1, 2, 2}, {1, 3, 10, 30});
  EXPECT_THAT(
      computed<float>(ir::InstanceNormalization{.epsilon = 3},
                      {x, vec<float>({2, 1}), vec<float>({0, 0})}),
      ElementsAre(-1, 1, FloatEq(-10 / std::sqrt(103.0F)), FloatEq(10 / std::sqrt(103.0F))));
}

TEST(InstanceNormalization, AnEmptyBatchStaysEmpty) {
  const auto y = test::apply(ir::InstanceNormalization{}, {Tensor(DType::Float32, {0, 2, 3}),
                                                           vec<float>({1, 1}), vec<float>({0, 0})});
  ASSERT_TRUE(y);
  EXPECT_EQ(y->num_elements(), 0);
}

}  // namespace
}  // namespace sluice::runtime::reference
