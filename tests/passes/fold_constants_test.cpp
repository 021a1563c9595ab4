// SPDX-License-Identifier: Apache-2.0
#include "sluice/passes/fold_constants.hpp"

#include "tests/support/random_net.hpp"

namespace sluice::passes {
namespace {

using test::Net;

ir::Graph constants_folded(const ir::Graph& graph, const FoldConstantsOptions& options = {}) {
  ir::Graph result = graph;
  const auto status = fold_constants(result, runtime::reference::evaluate, options);
  EXPECT_TRUE(status) << status.error().text();
  const auto inputs = test::random_inputs(graph);
  test::expect_near(test::reference_outputs(result, inputs), test::reference_outputs(graph, inputs),
                    0);
  return result;
}

TEST(FoldConstants, ComputesWhatDependsOnNoInput) {
  Net net;
  const ir::ValueId sum = net.add(ir::Add{}, {net.weight({3}), net.weight({3})});
  const ir::Graph graph = net.finish({net.add(ir::Mul{}, {net.input({2, 3}), sum})});
  EXPECT_EQ(constants_folded(graph).nodes.size(), 1U);
}

TEST(FoldConstants, KnowsAShapeWithoutTheTensor) {
  Net net;
  const ir::ValueId x = net.input({2, 3, 4});
  const ir::ValueId shape = net.add(ir::Shape{.start = 0, .end = 1}, {x});
  const ir::ValueId request = net.add(ir::Concat{0}, {shape, net.integers({-1})});
  EXPECT_EQ(constants_folded(net.finish({net.add(ir::Reshape{}, {x, request})})).nodes.size(), 1U);
}

TEST(FoldConstants, LeavesOutputsOfTheGraph) {
  Net net;
  net.input({1});
  EXPECT_EQ(constants_folded(net.finish({net.add(ir::Neg{}, {net.weight({3})})})).nodes.size(), 1U);
}

TEST(FoldConstants, LeavesResultsLargerThanAsked) {
  Net net;
  const ir::ValueId large = net.add(ir::Expand{}, {net.weight({1}), net.integers({100, 100})});
  const ir::Graph graph = net.finish({net.add(ir::Add{}, {net.input({100, 100}), large})});
  EXPECT_EQ(constants_folded(graph, {.max_elements = 9999}).nodes.size(), 2U);
  EXPECT_EQ(constants_folded(graph, {.max_elements = 10000}).nodes.size(), 1U);
}

TEST(FoldConstants, NamesTheNodeThatFails) {
  ir::Graph graph;
  const ir::ValueId a = graph.add_constant("a", Tensor::from<float>({2}, {1, 2}));
  const ir::ValueId i = graph.add_constant("i", Tensor::from<std::int64_t>({1}, {7}));
  const ir::ValueId x = graph.add_input("x", DType::Float32, {1});
  const ir::ValueId y = graph[graph.add_node("pick", ir::Gather{}, {a, i})].outputs[0];
  const ir::ValueId z = graph[graph.add_node("sum", ir::Add{}, {x, y})].outputs[0];
  graph.outputs = {z};
  for (const ir::ValueId id : {x, y, z}) graph[id].type = ir::ValueType{DType::Float32, {1}};
  const auto status = fold_constants(graph, runtime::reference::evaluate);
  ASSERT_FALSE(status);
  EXPECT_NE(status.error().where.find("pick"), std::string::npos);
}

TEST(FoldConstants, KeepsOutputsOfRandomNetworks) {
  for (std::uint32_t seed = 1; seed <= 10; ++seed) constants_folded(test::random_net(seed));
}

TEST(FoldConstants, LeavesQuantizedConstants) {
  ir::Graph graph;
  const ir::ValueId w = graph.add_constant("w", Tensor(DType::Int8, {2, 3}));
  const ir::NodeId node = graph.add_node("t", ir::Transpose{}, {w});
  const ir::ValueId x = graph.add_input("x", DType::Int8, {1, 3, 2});
  const ir::NodeId sum = graph.add_node("sum", ir::Add{}, {x, graph[node].outputs[0]});
  graph.outputs = {graph[sum].outputs[0]};
  for (ir::Value& value : graph.values) value.quantization = numeric::Quantization{};
  const std::vector<Shape> shapes{{1, 3, 2}};
  ASSERT_TRUE(ir::infer_types(graph, shapes, runtime::reference::evaluate));
  ASSERT_TRUE(fold_constants(graph, runtime::reference::evaluate));
  EXPECT_EQ(graph.nodes.size(), 2U);
}

}  // namespace
}  // namespace sluice::passes
