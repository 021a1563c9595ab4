// SPDX-License-Identifier: Apache-2.0
#include "sluice/runtime/executor.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sluice/runtime/reference/kernel.hpp"

namespace sluice::runtime {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

// y = relu(x) + x and z = relu(x), for x of two elements.
struct Net {
  ir::Graph graph;
  ir::ValueId x, relu, sum;

  Net() {
    x = graph.add_input("x", DType::Float32, {2});
    relu = graph[graph.add_node("relu", ir::Relu{}, {x})].outputs[0];
    sum = graph[graph.add_node("sum", ir::Add{}, {relu, x})].outputs[0];
    graph.outputs = {sum, relu};
    const std::vector<Shape> shapes{{2}};
    EXPECT_TRUE(ir::infer_types(graph, shapes, reference::evaluate));
  }
};

std::unique_ptr<Executor> executor(const ir::Graph& graph) {
  auto result = make_reference_executor(graph);
  return result ? *std::move(result) : nullptr;
}

Tensor input() {
  return Tensor::from<float>({2}, {-3, 5});
}

TEST(ReferenceExecutor, OutputsComeInTheGraphsOrder) {
  const auto outputs = executor(Net().graph)->run(std::vector{input()});
  ASSERT_TRUE(outputs);
  EXPECT_THAT(outputs->at(0).data<float>(), ElementsAre(-3, 10));
  EXPECT_THAT(outputs->at(1).data<float>(), ElementsAre(0, 5));
}

TEST(ReferenceExecutor, RunsAgainOnOtherInputs) {
  const auto runner = executor(Net().graph);
  ASSERT_TRUE(runner->run(std::vector{input()}));
  const auto outputs = runner->run(std::vector{Tensor::from<float>({2}, {1, 1})});
  EXPECT_THAT(outputs->at(0).data<float>(), ElementsAre(2, 2));
}

TEST(ReferenceExecutor, AnObserverSeesTheValuesItAskedForInOrder) {
  const Net net;
  std::vector<ir::ValueId> seen;
  const Observer observer{{net.sum, net.x},
                          [&](ir::ValueId id, std::int64_t, const Tensor&) { seen.push_back(id); }};
  ASSERT_TRUE(executor(net.graph)->run(std::vector{input()}, &observer));
  EXPECT_EQ(seen, (std::vector{net.x, net.sum}));
}

TEST(ReferenceExecutor, AWrongNumberOfInputsIsRefused) {
  const auto outputs = executor(Net().graph)->run({});
  ASSERT_FALSE(outputs);
  EXPECT_EQ(outputs.error().code, ErrorCode::InvalidArgument);
  EXPECT_THAT(outputs.error().message, HasSubstr("has 1 inputs, 0 were given"));
}

TEST(ReferenceExecutor, AnInputOfAnotherTypeIsRefusedByName) {
  for (const Tensor& wrong : {Tensor(DType::Float32, {3}), Tensor(DType::Int8, {2})}) {
    const auto outputs = executor(Net().graph)->run(std::vector{wrong});
    ASSERT_FALSE(outputs);
    EXPECT_EQ(outputs.error().where, "input \"x\"");
    EXPECT_THAT(outputs.error().message, HasSubstr("expects float32"));
  }
}

TEST(ReferenceExecutor, AKernelsRefusalNamesTheNode) {
  ir::Graph graph;
  const ir::ValueId x = graph.add_input("x", DType::Float32, {2});
  const ir::ValueId at = graph.add_input("at", DType::Int64, {1});
  graph.outputs = {graph[graph.add_node("pick", ir::Gather{}, {x, at})].outputs[0]};
  const std::vector<Shape> shapes{{2}, {1}};
  ASSERT_TRUE(ir::infer_types(graph, shapes, reference::evaluate));
  const auto outputs =
      executor(graph)->run(std::vector{input(), Tensor::from<std::int64_t>({1}, {7})});
  ASSERT_FALSE(outputs);
  EXPECT_EQ(outputs.error().where, "node \"pick\" (Gather)");
}

TEST(ReferenceExecutor, ThePeakCountsValuesWhileTheyLive) {
  // x, relu and sum of 8 bytes each: all three live while the sum is computed.
  EXPECT_EQ(executor(Net().graph)->peak_bytes(), 24U);
  ir::Graph chain;
  ir::ValueId x = chain.add_input("x", DType::Float32, {2});
  const ir::ValueId one = chain.add_constant("one", Tensor::from<float>({2}, {1, 1}));
  for (int i = 0; i < 5; ++i) x = chain[chain.add_node("", ir::Add{}, {x, one})].outputs[0];
  chain.outputs = {x};
  ASSERT_TRUE(ir::infer_types(chain, std::vector<Shape>{{2}}, reference::evaluate));
  EXPECT_EQ(executor(chain)->peak_bytes(), 16U);
}

TEST(ReferenceExecutor, AGraphThatBreaksAnInvariantIsRefused) {
  Net net;
  net.graph[net.relu].type.reset();
  EXPECT_FALSE(make_reference_executor(net.graph));
}

TEST(ReferenceExecutor, AQuantizedGraphIsRefused) {
  Net net;
  ir::Value& x = net.graph[net.x];
  x.type->dtype = DType::Int8;
  x.quantization = numeric::Quantization{};
  const auto made = make_reference_executor(net.graph);
  ASSERT_FALSE(made);
  EXPECT_EQ(made.error().code, ErrorCode::Unsupported);
  EXPECT_THAT(made.error().message, HasSubstr("quantized"));
}

TEST(CheckInputs, CodesFitInTheBitsTheyAreSaidToHave) {
  ir::Graph graph;
  const ir::ValueId x = graph.add_input("x", DType::Int8, {2});
  graph[x].type = ir::ValueType{DType::Int8, {2}};
  graph[x].quantization = {.dtype = DType::Int8, .bits = 4};
  const Tensor small = Tensor::from<std::int8_t>({2}, {-8, 7});
  EXPECT_TRUE(check_inputs(graph, {&small, 1}));
  const Tensor large = Tensor::from<std::int8_t>({2}, {0, 8});
  const Status status = check_inputs(graph, {&large, 1});
  ASSERT_FALSE(status);
  EXPECT_EQ(status.error().text(), "input \"x\": holds the code 8; 4 bits hold -8 to 7");
}

}  // namespace
}  // namespace sluice::runtime
