// SPDX-License-Identifier: Apache-2.0
#include "sluice/runtime/onednn/stage.hpp"

#include "tests/support/net.hpp"

namespace sluice::runtime::onednn {
namespace {

using test::Net;

TEST(TailOf, FollowsOnlyReaders) {
  Net net;
  const ir::ValueId x = net.input({1, 4, 3, 3});
  const ir::ValueId y = net.add(ir::Relu{}, {net.batch_norm(x, 4)});
  const ir::ValueId z = net.add(ir::MaxPool{.window = {.kernel = {1, 1}}}, {y});
  const Planner planner(net.finish({z}), {});
  const Tail tail = tail_of(planner, x);
  EXPECT_EQ(tail.nodes.size(), 2U);
  EXPECT_EQ(tail.stages.size(), 3U);  // gain, offset, Relu
  EXPECT_EQ(tail.result, y);
}

TEST(TailOf, StopsAtAValueReadTwice) {
  Net net;
  const ir::ValueId x = net.input({1, 4});
  const ir::ValueId y = net.add(ir::Relu{}, {x});
  const Planner planner(net.finish({net.add(ir::Abs{}, {y}), net.add(ir::Neg{}, {y})}), {});
  EXPECT_EQ(tail_of(planner, x).result, y);
}

TEST(TailOf, StopsAtAnOutputOfTheGraphAndAtAnObservedValue) {
  Net net;
  const ir::ValueId x = net.input({1, 4});
  const ir::ValueId y = net.add(ir::Relu{}, {x});
  const ir::ValueId z = net.add(ir::Neg{}, {y});
  const ir::Graph graph = net.finish({z});
  EXPECT_EQ(tail_of(Planner(graph, {}), x).result, z);
  EXPECT_EQ(tail_of(Planner(graph, {.observed = {y}}), x).result, y);
  ir::Graph two_outputs = graph;
  two_outputs.outputs = {y, z};
  EXPECT_EQ(tail_of(Planner(two_outputs, {}), x).result, y);
}

TEST(TailOf, IsEmptyWithoutFusion) {
  Net net;
  const ir::ValueId x = net.input({1, 4});
  const Planner planner(net.finish({net.add(ir::Relu{}, {x})}), {.fuse = false});
  EXPECT_TRUE(tail_of(planner, x).nodes.empty());
}

TEST(TailOf, ReadsSigmoidAndProductAsSwish) {
  Net net;
  const ir::ValueId x = net.input({1, 4});
  const ir::ValueId y = net.add(ir::Mul{}, {net.add(ir::Sigmoid{}, {x}), x});
  const Planner planner(net.finish({y}), {});
  const Tail tail = tail_of(planner, x);
  ASSERT_EQ(tail.stages.size(), 1U);
  EXPECT_EQ(std::get_if<Activation>(&tail.stages[0])->algorithm, dnnl::algorithm::eltwise_swish);
  EXPECT_EQ(tail.result, y);
}

TEST(StagesOf, TakesNothingThatChangesTheShape) {
  Net net;
  const ir::ValueId x = net.input({1, 4});
  const ir::ValueId y = net.add(ir::Add{}, {x, net.weight({3, 4})});
  const ir::Graph graph = net.finish({y});
  EXPECT_FALSE(stages_of(Planner(graph, {}), ir::NodeId{0}, x));
}

TEST(StagesOf, TakesNoGridThatLooksAtSeveralElements) {
  Net net;
  const ir::ValueId x = net.input({1, 4});
  const ir::Graph graph = net.finish({net.add(ir::Snap{numeric::BlockGrid{}}, {x})});
  EXPECT_FALSE(stages_of(Planner(graph, {}), ir::NodeId{0}, x));
}

}  // namespace
}  // namespace sluice::runtime::onednn
