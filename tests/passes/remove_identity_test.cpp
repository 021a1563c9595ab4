// SPDX-License-Identifier: Apache-2.0
#include "sluice/passes/remove_identity.hpp"

#include "tests/support/random_net.hpp"

namespace sluice::passes {
namespace {

using test::Net;

// The number of nodes left; outputs must be the same bits.
std::size_t nodes_left(const ir::Graph& graph) {
  ir::Graph result = graph;
  const auto status = remove_identity(result);
  EXPECT_TRUE(status) << status.error().text();
  const auto inputs = test::random_inputs(graph);
  test::expect_near(test::reference_outputs(result, inputs), test::reference_outputs(graph, inputs),
                    0);
  for (std::size_t i = 0; i < graph.outputs.size(); ++i) {
    EXPECT_EQ(result[result.outputs[i]].name, graph[graph.outputs[i]].name);
  }
  return result.nodes.size();
}

// Relu, then the operator under test on its result, then Neg.
std::size_t left_between(const ir::Op& op, std::vector<std::vector<std::int64_t>> integers = {},
                         Shape shape = {2, 3, 4, 5}) {
  Net net;
  std::vector<ir::ValueId> inputs{net.add(ir::Relu{}, {net.input(std::move(shape))})};
  for (const auto& values : integers) inputs.push_back(net.integers(values));
  return nodes_left(net.finish({net.add(ir::Neg{}, {net.add(op, inputs)})}));
}

TEST(RemoveIdentity, TakesWhatDoesNothing) {
  EXPECT_EQ(left_between(ir::Identity{}), 2U);
  EXPECT_EQ(left_between(ir::Dropout{}), 2U);
  EXPECT_EQ(left_between(ir::Cast{DType::Float32}), 2U);
  EXPECT_EQ(left_between(ir::Concat{1}), 2U);
  EXPECT_EQ(left_between(ir::Max{}), 2U);
  EXPECT_EQ(left_between(ir::Transpose{{0, 1, 2, 3}}), 2U);
  EXPECT_EQ(left_between(ir::Reshape{}, {{0, 0, -1, 5}}), 2U);
  EXPECT_EQ(left_between(ir::Pad{}, {{0, 0, 0, 0, 0, 0, 0, 0}}), 2U);
  EXPECT_EQ(left_between(ir::Tile{}, {{1, 1, 1, 1}}), 2U);
  EXPECT_EQ(left_between(ir::DepthToSpace{1}), 2U);
  EXPECT_EQ(left_between(ir::Flatten{}, {}, {2, 7}), 2U);
}

TEST(RemoveIdentity, LeavesWhatDoesSomething) {
  EXPECT_EQ(left_between(ir::Transpose{{0, 1, 3, 2}}, {}, {2, 3, 4, 4}), 3U);
  EXPECT_EQ(left_between(ir::Pad{}, {{0, 0, 1, 0, 0, 0, -1, 0}}), 3U);
  EXPECT_EQ(left_between(ir::Reshape{}, {{2, 3, 5, 4}}), 3U);
  EXPECT_EQ(left_between(ir::Slice{}, {{-1}, {-5}, {2}, {-1}}), 3U);  // reverses
}

std::size_t left_of_product(const Tensor& factor) {
  Net net;
  const auto x = net.add(ir::Relu{}, {net.input({2, 3, 4, 4})});
  const auto y = net.add(ir::Mul{}, {x, net.constant(factor)});
  return nodes_left(net.finish({net.add(ir::Neg{}, {y})}));
}

TEST(RemoveIdentity, TakesAProductWithOne) {
  EXPECT_EQ(left_of_product(Tensor::scalar(1.0F)), 2U);
  EXPECT_EQ(left_of_product(Tensor::from<float>({3, 1, 1}, {1, 1, 1})), 2U);
  EXPECT_EQ(left_of_product(Tensor::scalar(1.0001F)), 3U);
  EXPECT_EQ(left_of_product(Tensor::from<float>({3, 1, 1}, {1, 2, 1})), 3U);
  // Which makes more of it.
  EXPECT_EQ(left_of_product(Tensor::from<float>({2, 1, 1, 1, 1}, {1, 1})), 3U);
}

TEST(RemoveIdentity, TakesATransposeOfOnlyDimensionsOfOne) {
  // 2x1x4x1 to 2x4x1x1 would be another shape; to itself with the ones exchanged it is not.
  EXPECT_EQ(left_between(ir::Transpose{{0, 3, 2, 1}}, {}, {2, 1, 4, 1}), 2U);
}

TEST(RemoveIdentity, TakesARowOfThem) {
  Net net;
  ir::ValueId x = net.add(ir::Relu{}, {net.input({2, 3})});
  for (int i = 0; i < 4; ++i) x = net.add(ir::Identity{}, {x});
  EXPECT_EQ(nodes_left(net.finish({x})), 1U);
}

TEST(RemoveIdentity, LeavesACopyFromAnInputToAnOutput) {
  Net net;
  EXPECT_EQ(nodes_left(net.finish({net.add(ir::Identity{}, {net.input({2, 3})})})), 1U);
}

TEST(RemoveIdentity, LeavesTheSecondNameOfAnOutput) {
  Net net;
  const ir::ValueId x = net.add(ir::Relu{}, {net.input({2, 3})});
  EXPECT_EQ(nodes_left(net.finish({x, net.add(ir::Identity{}, {x})})), 2U);
}

TEST(RemoveIdentity, LeavesDropoutWhoseMaskIsRead) {
  Net net;
  const auto outputs = net.add_many(ir::Dropout{}, {net.add(ir::Relu{}, {net.input({2, 3})})}, 2);
  EXPECT_EQ(nodes_left(net.finish({outputs[0], outputs[1]})), 2U);
}

TEST(RemoveIdentity, KeepsOutputsOfRandomNetworks) {
  for (std::uint32_t seed = 1; seed <= 20; ++seed) nodes_left(test::random_net(seed));
}

TEST(RemoveIdentity, LeavesAChangeOfQuantization) {
  for (const float scale : {0.5F, 1.0F}) {
    ir::Graph graph;
    ir::ValueId x = graph.add_input("x", DType::Int8, {2});
    graph[x].quantization = numeric::Quantization{};
    for (const float next : {1.0F, scale, scale}) {
      x = graph[graph.add_node("same", ir::Identity{}, {x})].outputs[0];
      graph[x].quantization = {DType::Int8, {next}, {0}};
    }
    graph.outputs = {x};
    const std::vector<Shape> shapes{{2}};
    ASSERT_TRUE(ir::infer_types(graph, shapes, runtime::reference::evaluate));
    ASSERT_TRUE(remove_identity(graph));
    EXPECT_EQ(graph.nodes.size(), 1U) << scale;
    EXPECT_EQ(graph[graph.outputs[0]].quantization->scales[0], scale);
  }
}

}  // namespace
}  // namespace sluice::passes
