// SPDX-License-Identifier: Apache-2.0
#include "sluice/exact/fast/plan.hpp"

#include "tests/exact/fast/expect_equal.hpp"
#include "tests/exact/fast/random_code_net.hpp"

namespace sluice::exact::fast {
namespace {

using numeric::Arithmetic;

// A buffer's bytes in a workspace and the steps from the first to the last that uses them.
struct Use {
  std::size_t begin = 0, end = 0;
  std::size_t first = 0, last = 0;
};

std::vector<Use> uses_of(const Plan& plan) {
  const std::size_t after = plan.steps.size();
  std::vector<Use> uses;
  uses.reserve(plan.buffers.size());
  for (const Buffer& buffer : plan.buffers) {
    uses.push_back({buffer.offset, buffer.offset + buffer.size_bytes, after + 1, 0});
  }
  const auto use = [&](BufferId id, std::size_t step) {
    Use& of = uses[static_cast<std::size_t>(id)];
    of.first = std::min(of.first, step);
    of.last = std::max(of.last, step);
  };
  for (const BufferId id : plan.inputs) use(id, 0);
  for (std::size_t s = 0; s < plan.steps.size(); ++s) {
    for (const BufferId id : plan.steps[s].uses) use(id, s);
  }
  for (const BufferId id : plan.outputs) use(id, after);
  std::erase_if(uses, [](const Use& of) { return of.begin == of.end; });
  return uses;
}

TEST(Plan, KeepsLiveBuffersApart) {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    const ir::Graph graph = random_code_net(seed, Arithmetic::TfliteDouble, DType::Int8);
    for (const bool observes : {false, true}) {
      const Plan plan = planned(
          graph,
          {.observed = observes ? all_values(graph) : std::vector<ir::ValueId>{}, .threads = 3});
      const auto uses = uses_of(plan);
      EXPECT_FALSE(uses.empty());
      for (std::size_t a = 0; a < uses.size(); ++a) {
        EXPECT_LE(uses[a].end, plan.workspace_bytes);
        EXPECT_LE(uses[a].first, uses[a].last) << "never used";
        for (std::size_t b = 0; b < a; ++b) {
          const bool live = uses[a].first <= uses[b].last && uses[b].first <= uses[a].last;
          const bool meet = uses[a].begin < uses[b].end && uses[b].begin < uses[a].end;
          EXPECT_FALSE(live && meet) << "seed " << seed << ", buffers " << a << " and " << b;
        }
      }
    }
  }
}

TEST(Plan, HoldsItsBuffersOfInputsAndOutputs) {
  const ir::Graph graph = random_code_net(4, Arithmetic::Xnnpack, DType::UInt8);
  const Plan plan = planned(graph);
  ASSERT_EQ(plan.inputs.size(), graph.inputs.size());
  ASSERT_EQ(plan.outputs.size(), graph.outputs.size());
  const auto size = [&](BufferId id) {
    return plan.buffers[static_cast<std::size_t>(id)].size_bytes;
  };
  EXPECT_EQ(size(plan.inputs[0]), runtime::size_bytes(graph.type(graph.inputs[0].value)));
  for (std::size_t i = 0; i < plan.outputs.size(); ++i) {
    EXPECT_EQ(size(plan.outputs[i]), runtime::size_bytes(graph.type(graph.outputs[i])));
  }
}

// ---- workspaces

const std::byte kConstant{42};

// Two buffers and a constant; each step adds the constant to one of the buffers and counts.
Plan counting(int& runs) {
  ir::Graph graph;
  const ir::ValueId x = graph.add_input("x", DType::Int8, {1});
  graph.outputs = {graph[graph.add_node("second", ir::Relu{}, {x})].outputs[0]};
  Plan plan;
  plan.graph = std::make_shared<const ir::Graph>(std::move(graph));
  plan.buffers = {{.size_bytes = 1}, {.size_bytes = 1, .offset = 64}, {.constant = &kConstant}};
  plan.workspace_bytes = 128;
  for (const BufferId to : {BufferId{0}, BufferId{1}}) {
    const auto run = [&runs, to](Addresses addresses) -> Status {
      *at(addresses, to) = *at(addresses, BufferId{2});
      ++runs;
      return {};
    };
    plan.steps.push_back({.uses = {to, BufferId{2}}, .run = run});
  }
  return plan;
}

TEST(Workspace, PutsBuffersAtTheirOffsets) {
  int runs = 0;
  const Plan plan = counting(runs);
  const Workspace workspace(plan);
  EXPECT_EQ(workspace.address(BufferId{1}) - workspace.address(BufferId{0}), 64);
  EXPECT_EQ(workspace.address(BufferId{2}), &kConstant);
  EXPECT_EQ(reinterpret_cast<std::uintptr_t>(workspace.address(BufferId{0})) % 64, 0U);
  const Workspace another(plan);
  EXPECT_NE(another.address(BufferId{0}), workspace.address(BufferId{0}));
}

TEST(Workspace, RunsTheStepsAskedFor) {
  int runs = 0;
  const Plan plan = counting(runs);
  const Workspace workspace(plan);
  *workspace.address(BufferId{0}) = std::byte{7};
  ASSERT_TRUE(workspace.run(0, 0));
  EXPECT_EQ(runs, 0);
  ASSERT_TRUE(workspace.run(1, 2));
  EXPECT_EQ(runs, 1);
  EXPECT_EQ(*workspace.address(BufferId{0}), std::byte{7});
  EXPECT_EQ(*workspace.address(BufferId{1}), kConstant);
  ASSERT_TRUE(workspace.run(0, 2));
  EXPECT_EQ(runs, 3);
}

TEST(Workspace, PassesOverStepsThatOnlyObserve) {
  int runs = 0;
  Plan plan = counting(runs);
  plan.steps[0].run = nullptr;
  ASSERT_TRUE(Workspace(plan).run(0, 2));
  EXPECT_EQ(runs, 1);
}

TEST(Workspace, StopsAtAnErrorAndNamesTheNode) {
  int runs = 0;
  Plan plan = counting(runs);
  plan.steps[0].run = [](Addresses) -> Status { return Error{ErrorCode::Unsupported, "is odd"}; };
  const auto nameless = Workspace(plan).run(0, 2);
  ASSERT_FALSE(nameless);
  EXPECT_EQ(nameless.error().where, "");
  plan.steps[0].node = ir::NodeId{0};
  const auto status = Workspace(plan).run(0, 2);
  ASSERT_FALSE(status);
  EXPECT_EQ(status.error().message, "is odd");
  EXPECT_EQ(status.error().where, "node \"second\" (Relu)");
  EXPECT_EQ(runs, 0);
}

}  // namespace
}  // namespace sluice::exact::fast
