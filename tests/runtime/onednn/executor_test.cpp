// SPDX-License-Identifier: Apache-2.0
#include "sluice/runtime/onednn/executor.hpp"

#include "tests/support/fast_equals_reference.hpp"
#include "tests/support/observe.hpp"
#include "tests/support/random_net.hpp"

namespace sluice::runtime {
namespace {

using test::Net;

TEST(OnednnExecutor, EqualsTheReferenceOnRandomNetworks) {
  for (std::uint32_t seed = 1; seed <= 40; ++seed) {
    SCOPED_TRACE(seed);
    test::expect_fast_equals_reference(test::random_net(seed), 1e-4F);
  }
}

TEST(OnednnExecutor, GivesTheSameBitsForAnyNumberOfThreads) {
  for (std::uint32_t seed = 1; seed <= 20; ++seed) {
    SCOPED_TRACE(seed);
    const ir::Graph graph = test::random_net(seed);
    const auto inputs = test::random_inputs(graph);
    const auto one = test::outputs_of(make_onednn_executor(graph, {.threads = 1}), inputs);
    for (const int threads : {2, 3}) {
      const auto several =
          test::outputs_of(make_onednn_executor(graph, {.threads = threads}), inputs);
      test::expect_near(several, one, 0);
    }
  }
}

TEST(OnednnExecutor, GivesAnImageTheSameBitsInAnyBatch) {
  Net net;
  const ir::ValueId x = net.input({5, 3, 12, 12});
  const ir::ValueId y = net.add(ir::Conv{}, {x, net.weight({20, 3, 3, 3}), net.weight({20})});
  const ir::ValueId z = net.add(ir::GlobalAveragePool{}, {net.add(ir::Relu{}, {y})});
  const ir::Graph graph = net.finish({z});
  const auto inputs = test::random_inputs(graph);
  const auto all = test::outputs_of(make_onednn_executor(graph), inputs);
  ASSERT_EQ(all.size(), 1U);

  ir::Graph one = graph;
  ASSERT_TRUE(ir::infer_types(one, std::vector<Shape>{{1, 3, 12, 12}}, reference::evaluate));
  auto executor = make_onednn_executor(one);
  ASSERT_TRUE(executor);
  for (std::size_t i = 0; i < 5; ++i) {
    const auto image = inputs[0].data<float>().subspan(i * 432, 432);
    const Tensor input = Tensor::from<float>({1, 3, 12, 12}, {image.begin(), image.end()});
    const auto output = (*executor)->run({&input, 1});
    ASSERT_TRUE(output);
    const auto expected = all[0].data<float>().subspan(i * 20, 20);
    EXPECT_TRUE(std::ranges::equal((*output)[0].data<float>(), expected));
  }
}

TEST(OnednnExecutor, ObservedValuesAreTheReferences) {
  for (std::uint32_t seed = 1; seed <= 10; ++seed) {
    SCOPED_TRACE(seed);
    const ir::Graph graph = test::random_net(seed);
    const auto inputs = test::random_inputs(graph);
    std::vector<ir::ValueId> values;
    values.reserve(graph.inputs.size());
    for (const ir::GraphInput& input : graph.inputs) values.push_back(input.value);
    for (const ir::Node& node : graph.nodes) values.push_back(node.outputs[0]);
    auto reference = make_reference_executor(graph);
    auto fast = make_onednn_executor(graph, {.threads = 2});
    ASSERT_TRUE(reference && fast);
    const auto expected = test::observed(**reference, graph, inputs, values);
    const auto seen = test::observed(**fast, graph, inputs, values);
    ASSERT_EQ(seen.size(), expected.size());
    for (const auto& [id, value] : expected) {
      ASSERT_TRUE(seen.contains(id));
      test::expect_near({seen.at(id)}, {value}, 1e-4F);
    }
  }
}

TEST(OnednnExecutor, ObservingChangesNoOutput) {
  const ir::Graph graph = test::random_net(3);
  const auto inputs = test::random_inputs(graph);
  auto executor = make_onednn_executor(graph, {.fuse = false});
  ASSERT_TRUE(executor);
  const auto plain = (*executor)->run(inputs);
  const Observer observer{{graph.nodes[0].outputs[0]},
                          [](ir::ValueId, std::int64_t, const Tensor&) {}};
  const auto observed = (*executor)->run(inputs, &observer);
  ASSERT_TRUE(plain && observed);
  test::expect_near(*observed, *plain, 0);
}

TEST(OnednnExecutor, RefusesInputsOfAnotherType) {
  auto executor = make_onednn_executor(test::one_node(ir::Relu{}, {2, 3}));
  ASSERT_TRUE(executor);
  const Tensor wrong(DType::Float32, {3, 2});
  const auto result = (*executor)->run({&wrong, 1});
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, ErrorCode::InvalidArgument);
}

TEST(OnednnExecutor, NamesTheNodeThatFailsWhileRunning) {
  ir::Graph graph;
  const ir::ValueId x = graph.add_input("x", DType::Int64, {1});
  const ir::ValueId table = graph.add_constant("table", Tensor::from<float>({2}, {1, 2}));
  graph.outputs = {graph[graph.add_node("pick", ir::Gather{}, {table, x})].outputs[0]};
  ASSERT_TRUE(ir::infer_types(graph, std::vector<Shape>{{1}}, reference::evaluate));
  auto executor = make_onednn_executor(graph);
  ASSERT_TRUE(executor) << executor.error().text();
  const Tensor index = Tensor::from<std::int64_t>({1}, {7});
  const auto result = (*executor)->run({&index, 1});
  ASSERT_FALSE(result);
  EXPECT_NE(result.error().where.find("pick"), std::string::npos);
}

TEST(OnednnExecutor, HandsAnInputOnToAnOutput) {
  Net net;
  const ir::ValueId x = net.input({2, 3});
  EXPECT_EQ(test::expect_fast_equals_reference(net.finish({x, net.add(ir::Identity{}, {x})})), 0U);
}

TEST(OnednnExecutor, HandsAConstantOnToAnOutput) {
  Net net;
  const ir::ValueId x = net.input({1, 3});
  EXPECT_EQ(test::expect_fast_equals_reference(net.finish({net.weight({4}), x})), 0U);
}

TEST(OnednnExecutor, RunsEmptyTensors) {
  Net net;
  const ir::ValueId x = net.input({2, 0, 3});
  EXPECT_EQ(test::expect_fast_equals_reference(net.finish({net.add(ir::Relu{}, {x})})), 1U);
}

TEST(OnednnExecutor, HoldsLessThanAllValuesTogether) {
  Net net;
  ir::ValueId x = net.input({1, 16, 32, 32});
  for (int i = 0; i < 8; ++i) x = net.add(ir::Conv{}, {x, net.weight({16, 16, 1, 1})});
  const ir::Graph graph = net.finish({x});
  auto executor = make_onednn_executor(graph, {.threads = 1});
  ASSERT_TRUE(executor);
  ASSERT_TRUE((*executor)->run(test::random_inputs(graph)));
  // Beside the input and the output two values of 64 KiB are alive at a time.
  EXPECT_LE((*executor)->peak_bytes(), 5U * 65536U);
  EXPECT_GE((*executor)->peak_bytes(), 4U * 65536U);
}

}  // namespace
}  // namespace sluice::runtime
