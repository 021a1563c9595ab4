// SPDX-License-Identifier: Apache-2.0
#include "sluice/exact/fast/planner.hpp"

#include "tests/exact/fast/expect_equal.hpp"
#include "tests/exact/fast/layers.hpp"

namespace sluice::exact::fast {
namespace {

using numeric::Arithmetic;
using test::QuantizedNet;

// Steps that the node asked for.
std::int64_t num_steps(const Plan& plan, const ir::Graph& graph, ir::ValueId made) {
  return std::ranges::count_if(plan.steps, [&](const Step& step) {
    return step.run && step.node != ir::kNoNode && graph[step.node].outputs[0] == made;
  });
}

// ---- clamps

// A layer and activations after it, each reading the one before.
struct Clamped {
  QuantizedNet net{1};
  std::vector<ir::ValueId> values;

  explicit Clamped(Arithmetic arithmetic = Arithmetic::TfliteDouble) : net(1, arithmetic) {
    values = {add_conv(net, net.input({1, 3, 5, 6}), {.in = 3, .out = 8})};
    // Zero in the middle, so that both signs occur.
    net.graph()[values[0]].quantization->zero_points = {4};
  }
  Clamped& relu() {
    values.push_back(net.add_like(ir::Relu{}, {values.back()}));
    return *this;
  }
  // Bounds in codes away from zero.
  Clamped& clip(float low, float high) {
    const float scale = net.grid_of(values[0]).scales[0];
    values.push_back(net.add_like(
        ir::Clip{}, {values.back(), net.scalar(low * scale), net.scalar(high * scale)}));
    return *this;
  }
  ir::Graph finish() { return net.finish({values.back()}); }
};

TEST(Clamps, ArePartOfTheStepBeforeThem) {
  for (const Arithmetic arithmetic : kArithmetics) {
    Clamped layer(arithmetic);
    const ir::Graph graph = layer.relu().clip(-20, 40).finish();
    const Plan plan = planned(graph);
    EXPECT_EQ(num_steps(plan, graph, layer.values[1]), 0);
    EXPECT_EQ(num_steps(plan, graph, layer.values[2]), 0);
    EXPECT_TRUE(plan.plain_nodes.empty());
    EXPECT_TRUE(expect_equal(graph));
  }
}

TEST(Clamps, InARowAreOneAfterAnother) {
  const std::vector<std::pair<float, float>> bounds{{-20, 40}, {10, 30},      {35, 90},  {-90, -20},
                                                    {25, 5},   {-1000, 1000}, {-30, -10}};
  for (const auto& [a, b] : bounds) {
    for (const auto& [c, d] : bounds) {
      SCOPED_TRACE(std::to_string(a) + " " + std::to_string(b) + ", then " + std::to_string(c) +
                   " " + std::to_string(d));
      EXPECT_TRUE(expect_equal(Clamped().clip(a, b).clip(c, d).finish(), {1}));
    }
    EXPECT_TRUE(expect_equal(Clamped().relu().clip(a, b).finish(), {1}));
  }
}

TEST(Clamps, AfterAGemmArePartOfIt) {
  QuantizedNet net(2);
  const ir::ValueId x = add_gemm(net, net.input({3, 12}), 12, 12);
  const ir::ValueId y = net.add_like(ir::Relu{}, {x});
  const ir::Graph graph = net.finish({y});
  EXPECT_EQ(num_steps(planned(graph), graph, y), 0);
  EXPECT_TRUE(expect_equal(graph));
}

TEST(Clamps, AfterAPairArePartOfIt) {
  for (const Arithmetic arithmetic : kArithmetics) {
    for (const ir::Op& op : std::vector<ir::Op>{ir::Add{}, ir::Sub{}, ir::Mul{}}) {
      SCOPED_TRACE(name_of(arithmetic, DType::Int8) + " " + std::string(ir::op_name(op)));
      QuantizedNet net(2, arithmetic);
      const ir::ValueId x = net.input({3, 200});
      const ir::ValueId y = net.input({3, 200});
      const ir::ValueId pair = net.add(op, {x, y}, {{DType::Int8, {0.1F}, {-11}}});
      const ir::ValueId z = net.add_like(ir::Relu{}, {pair});
      const ir::Graph graph = net.finish({z});
      EXPECT_EQ(num_steps(planned(graph), graph, z), 0);
      EXPECT_TRUE(expect_equal(graph, {1}));
    }
  }
}

TEST(Clamps, OfOutputsKeepTheirStep) {
  Clamped layer;
  layer.relu().clip(-20, 40);
  const ir::Graph graph = layer.net.finish({layer.values[0], layer.values[2]});
  EXPECT_GT(num_steps(planned(graph), graph, layer.values[0]), 0);
  EXPECT_GT(num_steps(planned(graph), graph, layer.values[1]), 0);
  EXPECT_TRUE(expect_equal(graph));
}

TEST(Clamps, OfObservedValuesKeepTheirStep) {
  Clamped layer;
  const ir::Graph graph = layer.relu().clip(-20, 40).finish();
  const Plan plan = planned(graph, {.observed = {layer.values[1]}});
  EXPECT_GT(num_steps(plan, graph, layer.values[2]), 0);
  EXPECT_EQ(std::ranges::count(plan.steps, layer.values[1], &Step::observed), 1);
  // The input and the first Relu moved, the padding written out, the layer with its Relu, the other
  // Relu, the output moved.
  EXPECT_EQ(std::ranges::count(plan.steps, ir::kNoValue, &Step::observed), 6);
}

TEST(Clamps, OfValuesWithTwoReadersKeepTheirStep) {
  Clamped layer;
  layer.relu();
  const ir::ValueId pooled = layer.net.add_like(ir::MaxPool{{.kernel = {2, 2}}}, {layer.values[0]});
  const ir::Graph graph = layer.net.finish({layer.values[1], pooled});
  EXPECT_GT(num_steps(planned(graph), graph, layer.values[1]), 0);
  EXPECT_TRUE(expect_equal(graph));
}

TEST(Clamps, ThatChangeTheGridKeepTheirStep) {
  Clamped layer;
  const ir::ValueId y = layer.net.add(ir::Relu{}, {layer.values[0]}, layer.net.grid());
  const ir::Graph graph = layer.net.finish({y});
  EXPECT_GT(num_steps(planned(graph), graph, y), 0);
  EXPECT_TRUE(expect_equal(graph));
}

TEST(Clamps, WithComputedBoundsAreLeftToTheReference) {
  Clamped layer;
  const ir::ValueId low = layer.net.graph().add_input("low", DType::Float32, {});
  const ir::ValueId y = layer.net.add_like(ir::Clip{}, {layer.values[0], low});
  const ir::Graph graph = layer.net.finish({y});
  EXPECT_EQ(num_plain(graph), 1U);
  EXPECT_TRUE(expect_equal(graph));
}

// ---- the rest

TEST(Planner, ListsTheNodesThatHaveNoFastStep) {
  QuantizedNet net(3);
  const ir::ValueId x = add_conv(net, net.input({1, 3, 5, 6}), {.in = 3, .out = 8});
  const ir::ValueId up = net.add_like(ir::SpaceToDepth{1}, {x});
  const ir::ValueId sum = net.add(ir::Add{}, {up, net.codes({8, 1, 1}, net.grid())}, net.grid());
  const ir::ValueId y = add_conv(net, sum, {.in = 8, .out = 4});
  const ir::ValueId real = net.add(ir::Identity{}, {y}, std::nullopt);
  const ir::Graph graph = net.finish({net.add(ir::Softmax{1}, {real}, std::nullopt), x});
  std::vector<ir::ValueId> plain;
  for (const ir::NodeId id : planned(graph).plain_nodes) plain.push_back(graph[id].outputs[0]);
  EXPECT_EQ(plain, (std::vector{up, sum, graph.outputs[0]}));
  EXPECT_TRUE(expect_equal(graph));
}

TEST(Planner, KeepsTheOrderBetweenLayers) {
  QuantizedNet net(4);
  ir::ValueId x = net.input({1, 4, 5, 6});
  for (int i = 0; i < 3; ++i) x = add_conv(net, x, {.in = 4, .out = 4});
  // Two steps a layer, of which one writes out its padding, and one before and after them.
  EXPECT_EQ(planned(net.finish({x})).steps.size(), 8U);
}

TEST(Planner, TakesAnotherArithmetic) {
  const ir::Graph graph = Clamped(Arithmetic::TfliteDouble).relu().finish();
  const auto inputs = test::random_code_inputs(graph, 6);
  for (const Arithmetic arithmetic : kArithmetics) {
    const auto expected = outputs_of(make_reference_executor(graph, {arithmetic}), inputs);
    const auto found = outputs_of(make_fast_executor(graph, {arithmetic}), inputs);
    ASSERT_TRUE(expected && found);
    expect_same(*found, *expected, std::string(numeric::to_string(arithmetic)));
  }
}

TEST(Planner, NamesTheNodeThatCannotBePlanned) {
  QuantizedNet net(5);
  const ir::ValueId x = net.input({1, 4});
  const ir::ValueId y = net.add(ir::LeakyRelu{-1}, {x}, net.grid());
  const auto plan = Planner(net.finish({y}), {}).plan();
  ASSERT_FALSE(plan);
  EXPECT_EQ(plan.error().code, ErrorCode::Unsupported);
  EXPECT_NE(plan.error().where.find(net.graph().nodes[0].name), std::string::npos);
}

TEST(Planner, GivesTheSamePlanEachTime) {
  const ir::Graph graph = Clamped().relu().finish();
  const Plan a = planned(graph);
  const Plan b = planned(graph);
  ASSERT_EQ(a.buffers.size(), b.buffers.size());
  EXPECT_EQ(a.workspace_bytes, b.workspace_bytes);
  for (std::size_t i = 0; i < a.buffers.size(); ++i) {
    EXPECT_EQ(a.buffers[i].offset, b.buffers[i].offset);
    EXPECT_EQ(a.buffers[i].size_bytes, b.buffers[i].size_bytes);
  }
}

}  // namespace
}  // namespace sluice::exact::fast
