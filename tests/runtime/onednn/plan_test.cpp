// SPDX-License-Identifier: Apache-2.0
#include "sluice/runtime/onednn/plan.hpp"

#include <cstring>
#include <gtest/gtest.h>

namespace sluice::runtime::onednn {
namespace {

// out[0] = in[0] + 1, by way of the arena.
Plan increment() {
  Plan plan;
  plan.buffers = {{.kind = BufferKind::Input, .size_bytes = 4},
                  {.kind = BufferKind::Arena, .size_bytes = 4, .offset = 64},
                  {.kind = BufferKind::Output, .size_bytes = 4}};
  plan.inputs = {BufferId{0}};
  plan.outputs = {BufferId{2}};
  plan.arena_bytes = 128;
  plan.steps.push_back({.call = [](Addresses at) -> Status {
    *reinterpret_cast<float*>(at[1]) = *reinterpret_cast<const float*>(at[0]) + 1;
    return {};
  }});
  plan.steps.push_back({.call = [](Addresses at) -> Status {
    std::memcpy(at[2], at[1], sizeof(float));
    return {};
  }});
  return plan;
}

TEST(Workspace, RunsStepsOnTheMemoryBound) {
  const Plan plan = increment();
  Workspace workspace(plan);
  for (const float value : {1.0F, 5.0F}) {
    float result = 0;
    const std::array<const std::byte*, 1> inputs{reinterpret_cast<const std::byte*>(&value)};
    const std::array<std::byte*, 1> outputs{reinterpret_cast<std::byte*>(&result)};
    workspace.bind(inputs, outputs);
    ASSERT_TRUE(workspace.run(0, 2));
    EXPECT_EQ(result, value + 1);
  }
}

TEST(Workspace, RunsOnlyTheStepsAsked) {
  const Plan plan = increment();
  Workspace workspace(plan);
  const float value = 1;
  float result = 0;
  const std::array<const std::byte*, 1> inputs{reinterpret_cast<const std::byte*>(&value)};
  const std::array<std::byte*, 1> outputs{reinterpret_cast<std::byte*>(&result)};
  workspace.bind(inputs, outputs);
  ASSERT_TRUE(workspace.run(0, 1));
  EXPECT_EQ(result, 0);
  ASSERT_TRUE(workspace.run(1, 2));
  EXPECT_EQ(result, 2);
}

TEST(Workspace, NamesTheNodeOfAFailingStep) {
  Plan plan;
  plan.graph.nodes.push_back({.name = "bad", .op = ir::Relu{}});
  plan.steps.push_back({.node = ir::NodeId{0}, .call = [](Addresses) -> Status {
                          return Error{ErrorCode::InvalidArgument, "no"};
                        }});
  Workspace workspace(plan);
  const auto status = workspace.run(0, 1);
  ASSERT_FALSE(status);
  EXPECT_EQ(status.error().where, "node \"bad\" (Relu)");
}

}  // namespace
}  // namespace sluice::runtime::onednn
