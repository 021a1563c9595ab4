// SPDX-License-Identifier: Apache-2.0
#include "sluice/runtime/onednn/planner.hpp"

#include "tests/support/net.hpp"

namespace sluice::runtime::onednn {
namespace {

using test::Net;

Plan planned(const ir::Graph& graph, const PlannerOptions& options = {}) {
  auto plan = Planner(graph, options).plan();
  EXPECT_TRUE(plan) << plan.error().text();
  return plan ? *std::move(plan) : Plan{};
}

std::size_t count(const Plan& plan, BufferKind kind) {
  return static_cast<std::size_t>(std::ranges::count(plan.buffers, kind, &Buffer::kind));
}

// conv → relu → conv, all channels whole blocks.
ir::Graph two_convolutions() {
  Net net;
  const ir::ValueId x = net.input({1, 16, 8, 8});
  const ir::ValueId y = net.add(ir::Conv{}, {x, net.weight({32, 16, 3, 3})});
  const ir::ValueId z = net.add(ir::Relu{}, {y});
  return net.finish({net.add(ir::Conv{}, {z, net.weight({16, 32, 3, 3})})});
}

TEST(Planner, KeepsTheLayoutBetweenConvolutions) {
  // Reorders at most where the network begins and ends; Relu is part of the first convolution.
  EXPECT_LE(planned(two_convolutions()).steps.size(), 4U);
  EXPECT_EQ(planned(two_convolutions(), {.fuse = false}).steps.size(),
            planned(two_convolutions()).steps.size() + 1);
}

TEST(Planner, SumsAResidualIntoItsMemory) {
  Net net;
  const ir::ValueId x = net.add(ir::Conv{}, {net.input({1, 16, 8, 8}), net.weight({16, 16, 1, 1})});
  const ir::ValueId y = net.add(ir::Conv{}, {x, net.weight({16, 16, 1, 1})});
  const ir::ValueId z = net.add(ir::Conv{}, {y, net.weight({16, 16, 1, 1})});
  const ir::Graph graph = net.finish({net.add(ir::Relu{}, {net.add(ir::Add{}, {z, x})})});
  const Plan plan = planned(graph);
  const auto convolutions =
      std::ranges::count_if(plan.steps, [&](const Step& step) { return step.node != ir::kNoNode; });
  EXPECT_EQ(convolutions, 3);  // neither Add nor Relu
}

TEST(Planner, KeepsObservedValuesApart) {
  const ir::Graph graph = two_convolutions();
  const ir::ValueId between = graph.nodes[0].outputs[0];
  const Plan plan = planned(graph, {.observed = {between}});
  EXPECT_EQ(std::ranges::count(plan.steps, between, &Step::observed), 1);
}

TEST(Planner, DropsWeightsThatWerePacked) {
  const Plan plan = planned(two_convolutions());
  std::size_t held = 0;
  for (const Buffer& buffer : plan.buffers) held += buffer.owner != nullptr ? buffer.size_bytes : 0;
  EXPECT_LE(held, sizeof(float) * 2 * 16 * 32 * 9);
  for (const ir::Value& value : plan.graph.values) EXPECT_FALSE(value.constant);
  EXPECT_GT(held, 0U);
}

TEST(Planner, BindsInputsAndOutputsInOrder) {
  const Plan plan = planned(two_convolutions());
  EXPECT_EQ(count(plan, BufferKind::Input), 1U);
  EXPECT_EQ(count(plan, BufferKind::Output), 1U);
  EXPECT_EQ(plan.buffers[static_cast<std::size_t>(plan.inputs[0])].size_bytes, 16U * 64U * 4U);
}

TEST(Planner, GivesTheSamePlanEachTime) {
  const Plan a = planned(two_convolutions());
  const Plan b = planned(two_convolutions());
  ASSERT_EQ(a.buffers.size(), b.buffers.size());
  EXPECT_EQ(a.arena_bytes, b.arena_bytes);
  for (std::size_t i = 0; i < a.buffers.size(); ++i) {
    EXPECT_EQ(a.buffers[i].offset, b.buffers[i].offset);
  }
}

}  // namespace
}  // namespace sluice::runtime::onednn
