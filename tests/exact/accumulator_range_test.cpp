// SPDX-License-Identifier: Apache-2.0
#include "sluice/exact/accumulator_range.hpp"

#include <algorithm>
#include <gtest/gtest.h>

#include "tests/exact/one_op.hpp"
#include "tests/support/quantized_net.hpp"

#include "sluice/exact/reference/linear.hpp"

namespace sluice::exact {
namespace {

TEST(BitsOf, AreThoseOfTwosComplement) {
  EXPECT_EQ(bits_of({0, 0}), 1);
  EXPECT_EQ(bits_of({-1, 0}), 1);
  EXPECT_EQ(bits_of({0, 1}), 2);
  EXPECT_EQ(bits_of({-128, 127}), 8);
  EXPECT_EQ(bits_of({-129, 0}), 9);
  EXPECT_EQ(bits_of({0, 128}), 9);
  EXPECT_EQ(bits_of({INT64_MIN, INT64_MAX}), 64);
}

// A graph of one layer on an input with codes; weights and bias are its constants.
ir::Graph one_layer(ir::Op op, const Operand& x, const Operand& w, const Operand* b = nullptr) {
  ir::Graph graph;
  const ir::ValueId in = graph.add_input("x", x.tensor.dtype(), x.tensor.shape());
  graph[in].quantization = x.quantization;
  std::vector<ir::ValueId> inputs{in};
  for (const Operand* operand : {&w, b}) {
    if (operand == nullptr) continue;
    inputs.push_back(graph.add_constant("c", operand->tensor));
    graph[inputs.back()].quantization = operand->quantization;
  }
  graph.add_node("n", std::move(op), inputs);
  graph.outputs = graph.nodes[0].outputs;
  graph[graph.outputs[0]].quantization = int8(1);
  const std::vector<sluice::Shape> shapes{x.tensor.shape()};
  EXPECT_TRUE(ir::infer_types(graph, shapes, runtime::reference::evaluate));
  return graph;
}

Operand int32_bias(const Codes& numbers) {
  Quantization of = int8(1);
  of.dtype = DType::Int32;
  return {{static_cast<std::int64_t>(numbers.size())}, numbers, of};
}

TEST(ProvenRange, IsTheWorstOfTheChannelsWithSigns) {
  // x − 2 in −130 … 125. Channel 0: 3 and −5; channel 1: 1 and 1, bias 1000.
  const Operand bias = int32_bias({-7, 1000});
  const ir::Graph graph = one_layer(ir::Gemm{.trans_b = true}, {{1, 2}, {0, 0}, int8(1, 2)},
                                    {{2, 2}, {3, -5, 1, 1}, int8(1)}, &bias);
  const auto range = proven_range(graph, graph.nodes[0], {-128, 127});
  ASSERT_TRUE(range) << range.error().text();
  EXPECT_EQ(range->lowest, 3 * -130 + -5 * 125 - 7);
  EXPECT_EQ(range->highest, 250 + 1000);
  const auto narrow = proven_range(graph, graph.nodes[0], {2, 3});
  ASSERT_TRUE(narrow);
  EXPECT_EQ(narrow->lowest, -5 - 7);
  EXPECT_EQ(narrow->highest, 2 + 1000);
}

TEST(ProvenRange, MayDoWithoutBiasAndCentresEachChannelsWeights) {
  Quantization w = per_channel({1, 1}, 0);
  w.zero_points = {0, 10};
  const ir::Graph graph =
      one_layer(ir::Conv{}, {{1, 1, 1, 1}, {0}, int8(1, 0)}, {{2, 1, 1, 1}, {4, 7}, w});
  const auto range = proven_range(graph, graph.nodes[0], {0, 100});
  ASSERT_TRUE(range) << range.error().text();
  EXPECT_EQ(range->lowest, -300);
  EXPECT_EQ(range->highest, 400);
}

TEST(ProvenRange, OfATransposedConvolutionOnlyTapsThatMeetAdd) {
  // Stride 2, four taps: two meet in each output.
  const ir::Graph graph =
      one_layer(ir::ConvTranspose{{.strides = {2}}}, {{1, 1, 5}, {0, 0, 0, 0, 0}, int8(1)},
                {{1, 1, 4}, {1, 10, 100, 20}, int8(1)});
  const auto range = proven_range(graph, graph.nodes[0], {0, 1});
  ASSERT_TRUE(range) << range.error().text();
  EXPECT_EQ(range->highest, 101);
}

TEST(ProvenRange, UnknownWeightsAreUnsupported) {
  test::QuantizedNet net(1);
  const ir::ValueId a = net.input({2, 3});
  const ir::ValueId b = net.input({3, 2});
  const ir::Graph graph = net.finish({net.add(ir::MatMul{}, {a, b}, net.grid())});
  EXPECT_FALSE(proven_range(graph, graph.nodes[0], {-128, 127}));
}

// No input's accumulators leave it, and the worst input's reach it.
TEST(ProvenRange, HoldsAndIsReached) {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    test::QuantizedNet net(seed);
    const ir::ValueId x = net.input({1, 4, 3, 3});
    const ir::ValueId w = net.weights_per_channel({6, 2, 3, 3}, DType::Int8, 0, true);
    const ir::ValueId b = net.bias({6}, x, w);
    const ir::Graph graph = net.finish({net.add(ir::Conv{.group = 2}, {x, w, b}, net.grid())});
    const ir::Node& node = graph.nodes[0];
    const auto range = proven_range(graph, node, {-128, 127});
    ASSERT_TRUE(range) << range.error().text();
    const auto weights = numeric::to_integers(*graph[w].constant);
    std::int64_t highest = 0;
    for (std::size_t m = 0; m < 6; ++m) {
      // Every input as its weight wants it.
      Tensor codes(DType::Int8, {1, 4, 3, 3});
      const auto data = codes.mutable_data<std::int8_t>();
      for (std::size_t k = 0; k < 18; ++k) {
        const std::int64_t centred = weights[m * 18 + k] - net.grid_of(w).zero_points[m];
        data[m / 3 * 18 + k] = static_cast<std::int8_t>(centred > 0 ? 127 : -128);
      }
      const std::vector<const Tensor*> inputs{&codes, &*graph[w].constant, &*graph[b].constant};
      const auto sums =
          reference::accumulators_of({graph, node, inputs, numeric::Arithmetic::TfliteDouble});
      ASSERT_TRUE(sums);
      const std::int64_t bias = numeric::to_integers(*graph[b].constant)[m];
      highest = std::max(highest, (*sums)[m] - std::min<std::int64_t>(bias, 0));
      EXPECT_LE(std::ranges::max(*sums), range->highest);
      EXPECT_GE(std::ranges::min(*sums), range->lowest);
    }
    EXPECT_EQ(highest, range->highest);
  }
}

}  // namespace
}  // namespace sluice::exact
