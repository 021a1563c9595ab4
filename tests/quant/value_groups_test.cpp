// SPDX-License-Identifier: Apache-2.0
#include "sluice/quant/value_groups.hpp"

#include <gmock/gmock.h>

#include "tests/support/net.hpp"

namespace sluice::quant {
namespace {

using test::Net;
using ::testing::ElementsAre;

// The groups of a network, with a range for each value that is a multiple of `range_of` it.
struct Grouped {
  Grouped(ir::Graph made, LoweringOptions with)
      : graph(std::move(made)),
        options(std::move(with)),
        groups(graph, values_to_calibrate(graph), options) {}
  Grouped(const Grouped&) = delete;
  Grouped& operator=(const Grouped&) = delete;
  ~Grouped() = default;

  ir::Graph graph;
  LoweringOptions options;
  ValueGroups groups;
};

LoweringOptions in(std::string_view format) {
  return {.format = *parse_integer_format(format)};
}

TEST(DataInputs, AreTheNumbersComputedWith) {
  const auto count = [](ir::Op op, std::size_t inputs) {
    return data_inputs({"n", std::move(op), std::vector(inputs, ir::ValueId{0}), {}}).size();
  };
  EXPECT_EQ(count(ir::Conv{}, 3), 2U);
  EXPECT_EQ(count(ir::Add{}, 2), 2U);
  EXPECT_EQ(count(ir::Concat{}, 5), 5U);
  EXPECT_EQ(count(ir::Clip{}, 3), 1U);
  EXPECT_EQ(count(ir::Resize{}, 3), 1U);
}

TEST(ValueGroups, MovedAndRectifiedValuesAreOneGroup) {
  Net net;
  const ir::ValueId x = net.input({1, 2, 4, 4});
  const ir::ValueId conv = net.add(ir::Conv{}, {x, net.weight({2, 2, 1, 1})});
  const ir::ValueId relu = net.add(ir::Relu{}, {conv});
  const ir::ValueId flat = net.add(ir::Flatten{}, {relu});
  const Grouped g(net.finish({net.add(ir::Neg{}, {flat})}), in("int8"));
  EXPECT_TRUE(g.groups.are_joined(conv, relu));
  EXPECT_TRUE(g.groups.are_joined(relu, flat));
  EXPECT_FALSE(g.groups.are_joined(x, conv));
  EXPECT_FALSE(g.groups.are_joined(flat, g.graph.outputs[0]));
  // What the rectifier takes away does not widen the range.
  const auto q = g.groups.quantizations({{x, {{-1, 1}}},
                                         {conv, {{-50, 10}}},
                                         {relu, {{0, 10}}},
                                         {flat, {{0, 10}}},
                                         {g.graph.outputs[0], {{-10, 0}}}});
  ASSERT_TRUE(q) << q.error().text();
  EXPECT_FLOAT_EQ(q->at(conv).scales[0], 10.0F / 255);
  EXPECT_EQ(q->at(conv), q->at(flat));
}

TEST(ValueGroups, WhatOthersReadIsNotClamped) {
  Net net;
  const ir::ValueId x = net.input({1, 4});
  const ir::ValueId doubled = net.add(ir::Add{}, {x, x});
  const ir::ValueId relu = net.add(ir::Relu{}, {doubled});
  const Grouped g(net.finish({net.add(ir::Add{}, {doubled, relu})}), in("int8"));
  EXPECT_FALSE(g.groups.are_joined(doubled, relu));
}

TEST(ValueGroups, ConcatenatedValuesCoverOneRangeAndTheConstantsAmongThem) {
  Net net;
  const ir::ValueId x = net.input({1, 2, 2, 2});
  const ir::ValueId a = net.add(ir::Neg{}, {x});
  const ir::ValueId b = net.add(ir::Abs{}, {x});
  const ir::ValueId c = net.constant(Tensor::from<float>({1, 1, 2, 2}, {{0, 0, 0, 60}}));
  const ir::ValueId y = net.add(ir::Concat{1}, {a, b, c});
  const Grouped g(net.finish({y}), in("int8"));
  const auto q =
      g.groups.quantizations({{x, {{-1, 1}}}, {a, {{-4, 1}}}, {b, {{0, 7}}}, {y, {{-4, 7}}}});
  ASSERT_TRUE(q) << q.error().text();
  EXPECT_FLOAT_EQ(q->at(y).scales[0], 64.0F / 255);
  EXPECT_EQ(q->at(a), q->at(b));
}

TEST(ValueGroups, ChannelsKeepTheirRangesWhereTheyStayInPlace) {
  Net net;
  const ir::ValueId x = net.input({1, 2, 2, 2});
  const ir::ValueId pooled = net.add(ir::MaxPool{{.kernel = {2, 2}}}, {x});
  const ir::ValueId flat = net.add(ir::Flatten{}, {pooled});
  const Grouped g(net.finish({flat}), in("sbfp8-channel"));
  EXPECT_TRUE(g.groups.are_joined(x, pooled));
  EXPECT_FALSE(g.groups.are_joined(pooled, flat));
  const std::vector<numeric::Range> two{{0, 1}, {0, 4}};
  const auto q = g.groups.quantizations({{x, two}, {pooled, two}, {flat, two}});
  ASSERT_TRUE(q) << q.error().text();
  EXPECT_THAT(q->at(x).scales, ElementsAre(0x1p-6F, 0x1p-4F));
  EXPECT_THAT(q->at(flat).scales, ElementsAre(0x1p-4F));  // a matrix has one range
}

TEST(HasIntegerKernel, OfArithmeticButNotOfFunctions) {
  Net net;
  const ir::ValueId x = net.input({1, 2, 4, 4});
  const ir::ValueId a = net.add(ir::Sigmoid{}, {x});
  const ir::ValueId b = net.add(ir::Mul{}, {x, a});
  const ir::ValueId c = net.add(ir::LeakyRelu{-0.5F}, {b});
  const ir::Graph graph = net.finish({net.add(ir::LeakyRelu{0.5F}, {c})});
  const auto has = [&](std::size_t n) { return has_integer_kernel(graph, graph.nodes[n]); };
  EXPECT_FALSE(has(0));
  EXPECT_TRUE(has(1));
  EXPECT_FALSE(has(2));
  EXPECT_TRUE(has(3));
}

}  // namespace
}  // namespace sluice::quant
