// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/apply.hpp"

namespace sluice::runtime::reference {
namespace {

using test::computed;
using test::f32;
using test::vec;
using ::testing::ElementsAre;

TEST(Gemm, TransposesReadTheSameMatrices) {
  const auto a = f32({2, 3}, {1, 2, 3, 4, 5, 6});
  const auto a_t = f32({3, 2}, {1, 4, 2, 5, 3, 6});
  const auto b = f32({3, 1}, {1, 10, 100});
  const auto b_t = f32({1, 3}, {1, 10, 100});
  for (const bool trans_a : {false, true}) {
    for (const bool trans_b : {false, true}) {
      EXPECT_THAT(computed<float>(ir::Gemm{.trans_a = trans_a, .trans_b = trans_b},
                                  {trans_a ? a_t : a, trans_b ? b_t : b}),
                  ElementsAre(321, 654));
    }
  }
}

TEST(Gemm, AlphaAndBetaScaleProductAndBroadcastC) {
  EXPECT_THAT(computed<float>(ir::Gemm{.alpha = 2, .beta = 0.5F},
                              {f32({2, 1}, {1, 2}), f32({1, 2}, {1, 10}), f32({2, 1}, {2, 4})}),
              ElementsAre(3, 21, 6, 42));
}

TEST(Gemm, IntegersWrap) {
  EXPECT_THAT(
      computed<std::int32_t>(ir::Gemm{.alpha = -1},
                             {Tensor::from<std::int32_t>({1, 2}, {INT32_MAX, 1}),
                              Tensor::from<std::int32_t>({2, 1}, {2, 3}), vec<std::int32_t>({5})}),
      ElementsAre(4));
}

TEST(Gemm, FractionsOfIntegersAreCut) {
  EXPECT_THAT(
      computed<std::int32_t>(ir::Gemm{.alpha = 0.5F}, {Tensor::from<std::int32_t>({1, 1}, {-7}),
                                                       Tensor::from<std::int32_t>({1, 1}, {1})}),
      ElementsAre(-3));
}

TEST(Gemm, AnEmptySumIsC) {
  EXPECT_THAT(computed<float>(ir::Gemm{}, {f32({1, 0}, {}), f32({0, 2}, {}), vec<float>({3, 4})}),
              ElementsAre(3, 4));
}

TEST(MatMul, BatchesBroadcast) {
  const auto a = f32({2, 1, 1, 2}, {1, 2, 3, 4});
  const auto b = f32({2, 2, 1}, {1, 1, 10, 10});
  const auto y = test::apply(ir::MatMul{}, {a, b});
  ASSERT_TRUE(y);
  EXPECT_EQ(y->shape(), (Shape{2, 2, 1, 1}));
  EXPECT_THAT(test::elements<float>(y), ElementsAre(3, 30, 7, 70));
}

TEST(MatMul, VectorsAreRowsOnTheLeftAndColumnsOnTheRight) {
  const auto m = f32({2, 2}, {1, 2, 3, 4});
  EXPECT_THAT(computed<float>(ir::MatMul{}, {vec<float>({1, 10}), m}), ElementsAre(31, 42));
  EXPECT_THAT(computed<float>(ir::MatMul{}, {m, vec<float>({1, 10})}), ElementsAre(21, 43));
  EXPECT_THAT(computed<float>(ir::MatMul{}, {vec<float>({1, 2}), vec<float>({3, 4})}),
              ElementsAre(11));
}

TEST(MatMul, IntegersAreExact) {
  const std::int64_t big = std::int64_t{1} << 60;
  EXPECT_THAT(computed<std::int64_t>(ir::MatMul{},
                                     {vec<std::int64_t>({big, 1}), vec<std::int64_t>({3, 1})}),
              ElementsAre(3 * big + 1));
}

TEST(MatMul, AnEmptySumIsZero) {
  EXPECT_THAT(computed<float>(ir::MatMul{}, {f32({2, 0}, {}), f32({0, 1}, {})}), ElementsAre(0, 0));
}

}  // namespace
}  // namespace sluice::runtime::reference
