// SPDX-License-Identifier: Apache-2.0
#include "tests/support/fast_equals_reference.hpp"

namespace sluice::runtime::onednn {
namespace {

using test::expect_fast_equals_reference;
using test::one_node;

TEST(Gemm, EqualsTheReferenceInEitherOrientation) {
  for (const bool trans_b : {false, true}) {
    for (const std::int64_t rows : {1, 3, 16}) {
      const Shape w = trans_b ? Shape{10, 37} : Shape{37, 10};
      const ir::Gemm op{.beta = 2, .trans_b = trans_b};
      EXPECT_EQ(expect_fast_equals_reference(one_node(op, {rows, 37}, {w, {10}})), 0U);
      EXPECT_EQ(expect_fast_equals_reference(one_node(op, {rows, 37}, {w, {1, 10}})), 0U);
      EXPECT_EQ(expect_fast_equals_reference(one_node(op, {rows, 37}, {w, {}})), 0U);
      EXPECT_EQ(expect_fast_equals_reference(one_node(op, {rows, 37}, {w})), 0U);
    }
  }
}

TEST(Gemm, WithWhatOnednnHasNotRunsPlain) {
  EXPECT_EQ(expect_fast_equals_reference(one_node(ir::Gemm{.alpha = 2}, {3, 4}, {{4, 5}})), 1U);
  EXPECT_EQ(expect_fast_equals_reference(one_node(ir::Gemm{.trans_a = true}, {4, 3}, {{4, 5}})),
            1U);
  EXPECT_EQ(expect_fast_equals_reference(one_node(ir::Gemm{}, {3, 4}, {{4, 5}, {3, 1}})), 1U);
}

TEST(MatMul, EqualsTheReferenceForAllRanks) {
  const std::vector<std::pair<Shape, Shape>> cases{
      {{3, 4}, {4, 5}},          {{2, 3, 4}, {4, 5}}, {{3, 4}, {2, 4, 5}}, {{2, 3, 4}, {2, 4, 5}},
      {{2, 1, 3, 4}, {3, 4, 5}}, {{4}, {4, 5}},       {{2, 3, 4}, {4}},    {{4}, {4}},
      {{4}, {2, 4, 5}}};
  for (const auto& [a, b] : cases) {
    EXPECT_EQ(expect_fast_equals_reference(one_node(ir::MatMul{}, a, {b})), 0U)
        << to_string(a) << " by " << to_string(b);
  }
}

TEST(MatMul, OfTwoComputedValuesEqualsTheReference) {
  test::Net net;
  const ir::ValueId x = net.input({2, 3, 4});
  const ir::ValueId y = net.add(ir::Transpose{{0, 2, 1}}, {x});
  EXPECT_EQ(expect_fast_equals_reference(net.finish({net.add(ir::MatMul{}, {x, y})})), 0U);
}

}  // namespace
}  // namespace sluice::runtime::onednn
