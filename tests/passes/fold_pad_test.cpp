// SPDX-License-Identifier: Apache-2.0
#include "sluice/passes/fold_pad.hpp"

#include "tests/support/random_net.hpp"

namespace sluice::passes {
namespace {

using test::Net;

struct Case {
  ir::Pad pad;
  std::vector<std::int64_t> pads = {0, 0, 1, 2, 0, 0, 3, 0};
  std::optional<float> value;
  ir::Window window;
};

// Relu, Pad, Conv: the number of nodes left; outputs must be the same bits.
std::size_t nodes_left(const Case& c) {
  Net net;
  std::vector<ir::ValueId> inputs = {net.add(ir::Relu{}, {net.input({2, 3, 5, 6})}),
                                     net.integers(c.pads)};
  if (c.value) inputs.push_back(net.scalar(*c.value));
  const ir::ValueId padded = net.add(c.pad, inputs);
  const std::int64_t channels = 3 + c.pads[1] + c.pads[5];
  const ir::Graph graph =
      net.finish({net.add(ir::Conv{c.window}, {padded, net.weight({4, channels, 3, 3})})});
  ir::Graph result = graph;
  const auto status = fold_pad(result);
  EXPECT_TRUE(status) << status.error().text();
  const auto data = test::random_inputs(graph);
  test::expect_near(test::reference_outputs(result, data), test::reference_outputs(graph, data), 0);
  return result.nodes.size();
}

TEST(FoldPad, ZerosAroundImagesBecomePadsOfTheWindow) {
  EXPECT_EQ(nodes_left({}), 2U);
  EXPECT_EQ(nodes_left({.value = 0.0F}), 2U);
  EXPECT_EQ(nodes_left({.window = {.strides = {2, 2}, .pads = {1, 1, 0, 2}}}), 2U);
  EXPECT_EQ(nodes_left({.window = {.auto_pad = ir::AutoPad::Valid}}), 2U);
}

TEST(FoldPad, LeavesWhatAWindowCannotDo) {
  EXPECT_EQ(nodes_left({.value = 0.5F}), 3U);
  EXPECT_EQ(nodes_left({.pad = {ir::PadMode::Edge}}), 3U);
  EXPECT_EQ(nodes_left({.pads = {0, 0, -1, 0, 0, 0, 0, 0}}), 3U);
  EXPECT_EQ(nodes_left({.pads = {0, 1, 0, 0, 0, 0, 0, 0}}), 3U);
  EXPECT_EQ(nodes_left({.window = {.auto_pad = ir::AutoPad::SameUpper}}), 3U);
}

TEST(FoldPad, LeavesWhatOthersRead) {
  Net net;
  const ir::ValueId padded =
      net.add(ir::Pad{}, {net.input({1, 1, 4, 4}), net.integers({0, 0, 1, 1, 0, 0, 1, 1})});
  const ir::ValueId y = net.add(ir::Conv{}, {padded, net.weight({1, 1, 3, 3})});
  for (const std::vector<ir::ValueId>& outputs :
       {std::vector<ir::ValueId>{y, padded}, {y, net.add(ir::Relu{}, {padded})}}) {
    ir::Graph graph = net.finish(outputs);
    const std::size_t before = graph.nodes.size();
    ASSERT_TRUE(fold_pad(graph));
    EXPECT_EQ(graph.nodes.size(), before - (outputs.back() == padded ? 1U : 0U));
  }
}

// The zero point of codes stands for 0, another code does not.
TEST(FoldPad, OfCodesTheZeroPointIsZero) {
  for (const std::int8_t fill : {std::int8_t{3}, std::int8_t{0}}) {
    Net net;
    const ir::ValueId x = net.input({1, 1, 4, 4});
    const ir::ValueId value = net.constant(Tensor::scalar<float>(fill));
    const ir::ValueId padded =
        net.add(ir::Pad{}, {x, net.integers({0, 0, 1, 1, 0, 0, 1, 1}), value});
    ir::Graph graph = net.finish({net.add(ir::Conv{}, {padded, net.weight({1, 1, 3, 3})})});
    for (const ir::ValueId id : {x, value, padded}) {
      graph[id].quantization = numeric::Quantization{DType::Int8, {0.5F}, {3}};
      graph[id].type->dtype = DType::Int8;
    }
    graph.inputs[0].dtype = DType::Int8;
    graph[value].constant = Tensor::scalar(fill);
    ASSERT_TRUE(fold_pad(graph));
    EXPECT_EQ(graph.nodes.size(), fill == 3 ? 1U : 2U);
  }
}

}  // namespace
}  // namespace sluice::passes
