// SPDX-License-Identifier: Apache-2.0
#include "sluice/sparse/conv_windows.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/sparse/random_conv.hpp"

namespace sluice::sparse {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

numeric::Quantization codes_with(std::vector<std::int64_t> zero_points, std::int64_t axis) {
  numeric::Quantization quantization;
  quantization.scales.assign(zero_points.size(), 1);
  quantization.zero_points = std::move(zero_points);
  quantization.axis = axis;
  return quantization;
}

// One Conv on codes; weights [2][1][1][3].
ir::Graph conv_of_codes(const std::vector<std::int64_t>& weight_zeros) {
  ir::Graph graph;
  const auto x = graph.add_input("x", DType::Int8, {1, 1, 1, 5});
  const auto w = graph.add_constant(
      "w", Tensor::from<std::int8_t>({2, 1, 1, 3}, std::vector<std::int8_t>{0, 7, 3, 7, 7, 0}));
  graph[x].type = ir::ValueType{DType::Int8, {1, 1, 1, 5}};
  graph[x].quantization = codes_with({-3}, 0);
  graph[w].type = ir::ValueType{DType::Int8, {2, 1, 1, 3}};
  graph[w].quantization = codes_with(weight_zeros, 0);
  graph.add_node("c", ir::Conv{}, {x, w});
  return graph;
}

TEST(ConvWindows, SayWhichKernelAFilterHasForAChannel) {
  test::Net net;
  const auto x = net.input({1, 4, 5, 5});
  Tensor weights(DType::Float32, {6, 2, 1, 2});
  for (std::size_t i = 0; i < 24; ++i) weights.mutable_data<float>()[i] = i % 5 == 0 ? 0 : 1;
  const auto y = net.add(ir::Conv{.group = 2}, {x, net.constant(weights)});
  const ir::Graph graph = net.finish({y});
  const ConvWindows conv = *conv_windows(graph, graph.nodes[0]);
  EXPECT_EQ(conv.channels, 4);
  EXPECT_EQ(conv.filters_a_group(), 3);
  EXPECT_EQ(conv.kernel_size(), 2);
  EXPECT_EQ(conv.windows(), 5 * 4);
  EXPECT_EQ(conv.meetings(), 5 * 4 * 3);
  EXPECT_THAT(conv.kernel(0, 0), ElementsAre(0, 1));  // weights 0 and 1
  EXPECT_THAT(conv.kernel(1, 1), ElementsAre(1, 1));  // filter 1, channel 1: weights 6 and 7
  EXPECT_THAT(conv.kernel(2, 2), ElementsAre(0, 1));  // filter 5, channel 0: weights 20 and 21
}

TEST(ConvWindows, ZeroIsTheZeroPointOfCodes) {
  const ir::Graph graph = conv_of_codes({7});
  const ConvWindows conv = *conv_windows(graph, graph.nodes[0]);
  EXPECT_EQ(conv.input_zero(0), -3);
  EXPECT_THAT(conv.weights, ElementsAre(1, 0, 1, 0, 0, 1));
}

TEST(ConvWindows, EachFilterMayHaveItsOwnZeroPoint) {
  const ir::Graph graph = conv_of_codes({0, 7});
  EXPECT_THAT(conv_windows(graph, graph.nodes[0])->weights, ElementsAre(0, 1, 1, 0, 0, 1));
}

TEST(ConvWindows, WeightsThatAreNotConstantAreRefusedByName) {
  test::Net net;
  const auto x = net.input({1, 1, 5, 5});
  const auto w = net.add(ir::Relu{}, {net.input({1, 1, 3, 3})});
  const ir::Graph graph = net.finish({net.add(ir::Conv{}, {x, w})});
  const auto conv = conv_windows(graph, graph.nodes.back());
  ASSERT_FALSE(conv);
  EXPECT_EQ(conv.error().code, ErrorCode::Unsupported);
  EXPECT_THAT(conv.error().text(), HasSubstr("not constant"));
  EXPECT_THAT(conv.error().where, HasSubstr("Conv"));
}

TEST(ConvWindows, PaddingBeyondAllMeasureIsRefused) {
  const test::ConvShape shape{
      "huge",
      {1, 1, 2, 2},
      {1, 1, 1, 1},
      {.strides = {1 << 16, 1 << 16}, .pads = {1 << 16, 1 << 16, 1 << 16, 1 << 16}}};
  const ir::Graph graph = test::one_conv(shape, 0);
  const auto conv = conv_windows(graph, graph.nodes[0]);
  ASSERT_FALSE(conv);
  EXPECT_THAT(conv.error().text(), HasSubstr("too large"));
}

}  // namespace
}  // namespace sluice::sparse
