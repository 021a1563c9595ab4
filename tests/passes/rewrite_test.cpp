// SPDX-License-Identifier: Apache-2.0
#include "sluice/passes/rewrite.hpp"

#include "tests/support/net.hpp"

namespace sluice::passes {
namespace {

using test::Net;

TEST(Renaming, FollowsReplacementsOfReplacements) {
  Net net;
  const ir::ValueId a = net.add(ir::Relu{}, {net.input({2})});
  const ir::ValueId b = net.add(ir::Identity{}, {a});
  const ir::ValueId c = net.add(ir::Identity{}, {b});
  ir::Graph graph = net.finish({net.add(ir::Neg{}, {c})});
  Renaming renaming(graph);
  ASSERT_TRUE(renaming.replace(b, a));
  ASSERT_TRUE(renaming.replace(c, b));
  renaming.apply();
  EXPECT_EQ(graph.nodes[3].inputs[0], a);
}

TEST(Renaming, GivesANewOutputTheNameOfTheOld) {
  Net net;
  const ir::ValueId a = net.add(ir::Relu{}, {net.input({2})});
  const ir::ValueId b = net.add(ir::Identity{}, {a});
  ir::Graph graph = net.finish({b});
  const std::string name = graph[b].name;
  Renaming renaming(graph);
  ASSERT_TRUE(renaming.replace(b, a));
  renaming.apply();
  EXPECT_EQ(graph.outputs[0], a);
  EXPECT_EQ(graph[a].name, name);
}

TEST(Renaming, RefusesToMakeAnInputAnOutput) {
  Net net;
  const ir::ValueId x = net.input({2});
  const ir::ValueId y = net.add(ir::Identity{}, {x});
  ir::Graph graph = net.finish({y});
  EXPECT_FALSE(Renaming(graph).replace(y, x));
}

TEST(ConstantOf, IsNullForAbsentAndComputedValues) {
  Net net;
  const ir::ValueId x = net.input({2});
  const ir::ValueId w = net.weight({2});
  const ir::Graph graph = net.finish({net.add(ir::Add{}, {x, w})});
  EXPECT_EQ(constant_of(graph, ir::kNoValue), nullptr);
  EXPECT_EQ(constant_of(graph, x), nullptr);
  EXPECT_NE(constant_of(graph, w), nullptr);
}

}  // namespace
}  // namespace sluice::passes
