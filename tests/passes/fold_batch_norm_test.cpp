// SPDX-License-Identifier: Apache-2.0
#include "sluice/passes/fold_batch_norm.hpp"

#include "tests/support/random_net.hpp"

namespace sluice::passes {
namespace {

using test::Net;

template <class Op>
std::size_t count(const ir::Graph& graph) {
  return static_cast<std::size_t>(
      std::ranges::count_if(graph.nodes, [](const ir::Node& node) { return ir::is<Op>(node.op); }));
}

// Folds and compares with the graph as it was.
ir::Graph batch_norm_folded(const ir::Graph& graph, float tolerance = 1e-5F) {
  ir::Graph result = graph;
  const auto status = fold_batch_norm(result);
  EXPECT_TRUE(status) << status.error().text();
  const auto inputs = test::random_inputs(graph);
  test::expect_near(test::reference_outputs(result, inputs), test::reference_outputs(graph, inputs),
                    tolerance);
  return result;
}

TEST(FoldBatchNorm, IntoConvWithAndWithoutBias) {
  for (const bool has_bias : {false, true}) {
    Net net;
    std::vector<ir::ValueId> inputs{net.input({2, 3, 6, 6}), net.weight({4, 3, 3, 3})};
    if (has_bias) inputs.push_back(net.weight({4}));
    const ir::Graph graph =
        batch_norm_folded(net.finish({net.batch_norm(net.add(ir::Conv{}, inputs), 4)}));
    EXPECT_EQ(count<ir::BatchNormalization>(graph), 0U);
    EXPECT_EQ(graph.nodes.size(), 1U);
  }
}

TEST(FoldBatchNorm, IntoGroupedConvTranspose) {
  Net net;
  ir::ConvTranspose op;
  op.group = 2;
  op.window.kernel = {2, 2};
  op.window.strides = {2, 2};
  const ir::ValueId x = net.input({1, 4, 3, 3});
  const ir::ValueId y = net.add(op, {x, net.weight({4, 3, 2, 2}), net.weight({6})});
  EXPECT_EQ(batch_norm_folded(net.finish({net.batch_norm(y, 6)})).nodes.size(), 1U);
}

TEST(FoldBatchNorm, IntoGemmWithAlphaBetaAndEitherOrientation) {
  for (const bool trans_b : {false, true}) {
    Net net;
    const ir::Gemm op{.alpha = 0.5F, .beta = 2, .trans_b = trans_b};
    const ir::ValueId x = net.input({3, 5});
    const ir::ValueId y =
        net.add(op, {x, net.weight(trans_b ? Shape{4, 5} : Shape{5, 4}), net.weight({4})});
    EXPECT_EQ(batch_norm_folded(net.finish({net.batch_norm(y, 4)})).nodes.size(), 1U);
  }
}

TEST(FoldBatchNorm, TakesAChainOfTwo) {
  Net net;
  const ir::ValueId y = net.add(ir::Conv{}, {net.input({1, 3, 5, 5}), net.weight({4, 3, 1, 1})});
  EXPECT_EQ(batch_norm_folded(net.finish({net.batch_norm(net.batch_norm(y, 4), 4)})).nodes.size(),
            1U);
}

TEST(FoldBatchNorm, LeavesAValueThatIsReadTwice) {
  Net net;
  const ir::ValueId y = net.add(ir::Conv{}, {net.input({1, 3, 5, 5}), net.weight({4, 3, 1, 1})});
  const ir::ValueId z = net.batch_norm(y, 4);
  EXPECT_EQ(
      count<ir::BatchNormalization>(batch_norm_folded(net.finish({net.add(ir::Add{}, {y, z})}), 0)),
      1U);
}

TEST(FoldBatchNorm, LeavesAnOutputOfTheGraph) {
  Net net;
  const ir::ValueId y = net.add(ir::Conv{}, {net.input({1, 3, 5, 5}), net.weight({4, 3, 1, 1})});
  EXPECT_EQ(
      count<ir::BatchNormalization>(batch_norm_folded(net.finish({y, net.batch_norm(y, 4)}), 0)),
      1U);
}

TEST(FoldBatchNorm, LeavesZeroVarianceWithoutEpsilon) {
  Net net;
  const ir::ValueId y = net.add(ir::Conv{}, {net.input({1, 3, 5, 5}), net.weight({4, 3, 1, 1})});
  const ir::ValueId zeros = net.constant(Tensor(DType::Float32, {4}));
  const ir::BatchNormalization op{.epsilon = 0};
  ir::Graph graph =
      net.finish({net.add(op, {y, net.weight({4}), net.weight({4}), net.weight({4}), zeros})});
  ASSERT_TRUE(fold_batch_norm(graph));
  EXPECT_EQ(count<ir::BatchNormalization>(graph), 1U);
}

TEST(FoldBatchNorm, KeepsTheNameOfTheOutput) {
  Net net;
  const ir::ValueId y = net.add(ir::Conv{}, {net.input({1, 3, 5, 5}), net.weight({4, 3, 1, 1})});
  const ir::Graph graph = net.finish({net.batch_norm(y, 4)});
  const ir::Graph result = batch_norm_folded(graph);
  EXPECT_EQ(result[result.outputs[0]].name, graph[graph.outputs[0]].name);
}

TEST(FoldBatchNorm, KeepsOutputsOfRandomNetworks) {
  for (std::uint32_t seed = 1; seed <= 20; ++seed) batch_norm_folded(test::random_net(seed), 1e-4F);
}

}  // namespace
}  // namespace sluice::passes
