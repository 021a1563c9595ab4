// SPDX-License-Identifier: Apache-2.0
#include "sluice/ir/filter_order.hpp"

#include <gmock/gmock.h>
#include <vector>

namespace sluice::ir {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

std::vector<std::size_t> places(const FilterOrder& order, std::int64_t filter) {
  std::vector<std::size_t> result;
  result.reserve(static_cast<std::size_t>(order.weights));
  for (std::int64_t k = 0; k < order.weights; ++k) result.push_back(order.place(filter, k));
  return result;
}

FilterOrder order_of(const ir::Op& op, const sluice::Shape& weights) {
  const auto order = filter_order(op, weights);
  EXPECT_TRUE(order) << order.error().text();
  return order ? *order : FilterOrder();
}

std::string refusal_of_order(const ir::Op& op, const sluice::Shape& weights) {
  const auto order = filter_order(op, weights);
  EXPECT_FALSE(order);
  return order ? "" : order.error().text();
}

TEST(FilterOrder, FiltersOfAConvolutionAreRows) {
  const FilterOrder order = order_of(ir::Conv{}, {5, 2, 1, 3});
  EXPECT_EQ(order.filters, 5);
  EXPECT_EQ(order.channel_axis, 0);
  EXPECT_THAT(places(order, 1), ElementsAre(6, 7, 8, 9, 10, 11));
}

TEST(FilterOrder, FiltersOfAMatrixAreColumnsUnlessItIsTransposed) {
  for (const ir::Op& op : {ir::Op(ir::MatMul{}), ir::Op(ir::Gemm{})}) {
    const FilterOrder order = order_of(op, {3, 4});
    EXPECT_EQ(order.filters, 4);
    EXPECT_EQ(order.channel_axis, 1);
    EXPECT_THAT(places(order, 1), ElementsAre(1, 5, 9));
  }
  ir::Gemm gemm;
  gemm.trans_b = true;
  EXPECT_THAT(places(order_of(gemm, {3, 4}), 1), ElementsAre(4, 5, 6, 7));
}

// Two input channels, three filters, a kernel of 2 x 2.
TEST(FilterOrder, KernelsOfATransposedConvolutionAreTurned) {
  const FilterOrder order = order_of(ir::ConvTranspose{}, {2, 3, 2, 2});
  EXPECT_EQ(order.filters, 3);
  EXPECT_EQ(order.weights, 8);
  EXPECT_EQ(order.channel_axis, 1);
  EXPECT_THAT(places(order, 0), ElementsAre(3, 2, 1, 0, 15, 14, 13, 12));
  EXPECT_THAT(places(order, 2), ElementsAre(11, 10, 9, 8, 23, 22, 21, 20));
}

TEST(FilterOrder, NoWeightIsReadTwice) {
  for (const ir::Op& op : {ir::Op(ir::Conv{}), ir::Op(ir::ConvTranspose{})}) {
    const FilterOrder order = order_of(op, {4, 3, 3, 2});
    std::vector<int> reads(72);
    for (std::int64_t m = 0; m < order.filters; ++m) {
      for (const std::size_t place : places(order, m)) ++reads.at(place);
    }
    EXPECT_THAT(reads, testing::Each(1));
  }
}

TEST(FilterOrder, WhatIsNoMatrixIsRefused) {
  EXPECT_THAT(refusal_of_order(ir::MatMul{}, {3, 4, 5}), HasSubstr("its weights are no matrix"));
  EXPECT_THAT(refusal_of_order(ir::MatMul{}, {3}), HasSubstr("its weights are no matrix"));
}

TEST(FilterOrder, TransposedGroupsAreRefused) {
  ir::ConvTranspose op;
  op.group = 2;
  EXPECT_THAT(refusal_of_order(op, {4, 3, 2, 2}), HasSubstr("is transposed and has groups"));
}

}  // namespace
}  // namespace sluice::ir
