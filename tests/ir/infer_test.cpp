// SPDX-License-Identifier: Apache-2.0
#include "sluice/ir/infer.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace sluice::ir {
namespace {

using ::testing::HasSubstr;

// For graphs that compute no shapes.
Result<std::vector<Tensor>> no_evaluator(const Op& /*op*/, std::span<const Tensor* const> /*in*/,
                                         std::span<const ValueType> /*out*/) {
  return Error{ErrorCode::Unsupported, "nothing is evaluated here"};
}

ValueId ints(Graph& graph, std::vector<std::int64_t> values) {
  const auto count = static_cast<std::int64_t>(values.size());
  return graph.add_constant("ints", Tensor::from<std::int64_t>({count}, values));
}

TEST(InferTypes, TypesFlowFromInputsToOutputs) {
  Graph graph;
  const ValueId x = graph.add_input("x", DType::Float32, {kOpenDim, 3});
  const NodeId relu = graph.add_node("relu", Relu{}, {x});
  graph.outputs = {graph[relu].outputs[0]};
  const std::vector<sluice::Shape> shapes{{5, 3}};
  ASSERT_TRUE(infer_types(graph, shapes, no_evaluator));
  EXPECT_EQ(graph.type(graph.outputs[0]), (ValueType{DType::Float32, {5, 3}}));
  EXPECT_TRUE(verify(graph));
}

TEST(InferTypes, ShapesComputedFromAShapeAreFollowed) {
  // Reshape(x, Shape(x)[0:1] and -1), as exporters write flatten.
  Graph graph;
  const ValueId x = graph.add_input("x", DType::Float32, {kOpenDim, 3, 4});
  const NodeId shape = graph.add_node("shape", Shape{.end = 1}, {x});
  const NodeId reshape = graph.add_node("reshape", Reshape{}, {x, graph[shape].outputs[0]});
  graph.outputs = {graph[reshape].outputs[0]};
  const std::vector<sluice::Shape> shapes{{1, 1, 1}};
  ASSERT_TRUE(infer_types(graph, shapes, no_evaluator));
  EXPECT_EQ(graph.type(graph.outputs[0]).shape, (sluice::Shape{1}));
}

TEST(InferTypes, SmallKnownContentIsEvaluatedOnTheWay) {
  Graph graph;
  const ValueId x = graph.add_input("x", DType::Float32, {4});
  const NodeId negated = graph.add_node("negated", Neg{}, {ints(graph, {-2, -2})});
  const NodeId reshape = graph.add_node("reshape", Reshape{}, {x, graph[negated].outputs[0]});
  graph.outputs = {graph[reshape].outputs[0]};
  const std::vector<sluice::Shape> shapes{{4}};
  const auto negate = [](const Op&, std::span<const Tensor* const> inputs,
                         std::span<const ValueType>) -> Result<std::vector<Tensor>> {
    Tensor result = *inputs[0];
    for (std::int64_t& value : result.mutable_data<std::int64_t>()) value = -value;
    return std::vector<Tensor>{result};
  };
  ASSERT_TRUE(infer_types(graph, shapes, negate));
  EXPECT_EQ(graph.type(graph.outputs[0]).shape, (sluice::Shape{2, 2}));
}

TEST(InferTypes, LayersAreNotRunOnTheWay) {
  Graph graph;
  const ValueId x = graph.add_constant("x", Tensor(DType::Float32, {1, 1, 64, 64}));
  const NodeId pool = graph.add_node("pool", MaxPool{.window = {.kernel = {9, 9}}}, {x});
  graph.outputs = {graph[pool].outputs[0]};
  int calls = 0;
  const auto count = [&](const Op&, std::span<const Tensor* const>,
                         std::span<const ValueType>) -> Result<std::vector<Tensor>> {
    ++calls;
    return Error{ErrorCode::Unsupported, "not to be run"};
  };
  ASSERT_TRUE(infer_types(graph, {}, count));
  EXPECT_EQ(calls, 0);
}

TEST(InferTypes, ContentThatCannotBeEvaluatedIsOnlyMissedWhereItIsNeeded) {
  Graph graph;
  const NodeId negated = graph.add_node("negated", Neg{}, {ints(graph, {1})});
  graph.outputs = {graph[negated].outputs[0]};
  EXPECT_TRUE(infer_types(graph, {}, no_evaluator));

  const ValueId x = graph.add_constant("x", Tensor(DType::Float32, {1}));
  graph.add_node("reshape", Reshape{}, {x, graph[negated].outputs[0]});
  const Status status = infer_types(graph, {}, no_evaluator);
  ASSERT_FALSE(status);
  EXPECT_EQ(status.error().code, ErrorCode::Unsupported);
  EXPECT_EQ(status.error().where, "node \"reshape\" (Reshape)");
  EXPECT_THAT(status.error().message, HasSubstr("known before running"));
}

TEST(InferTypes, ARefusalNamesTheNode) {
  Graph graph;
  const ValueId x = graph.add_input("x", DType::Bool, {2});
  graph.add_node("relu", Relu{}, {x});
  const std::vector<sluice::Shape> shapes{{2}};
  const Status status = infer_types(graph, shapes, no_evaluator);
  ASSERT_FALSE(status);
  EXPECT_EQ(status.error().where, "node \"relu\" (Relu)");
}

TEST(InferTypes, MoreOutputsThanTheOperatorMakesAreRefused) {
  Graph graph;
  const ValueId x = graph.add_input("x", DType::Float32, {2});
  graph.add_node("relu", Relu{}, {x}, 2);
  const std::vector<sluice::Shape> shapes{{2}};
  const Status status = infer_types(graph, shapes, no_evaluator);
  ASSERT_FALSE(status);
  EXPECT_THAT(status.error().message, HasSubstr("2 outputs"));
}

TEST(InferTypes, AbsentOutputsBecomeValues) {
  Graph graph;
  const ValueId x = graph.add_input("x", DType::Float32, {3});
  const NodeId dropout = graph.add_node("dropout", Dropout{}, {x});
  const ValueId mask = graph[dropout].outputs[0];
  graph[dropout].outputs = {kNoValue, mask};
  graph.outputs = {mask};
  const std::vector<sluice::Shape> shapes{{3}};
  ASSERT_TRUE(infer_types(graph, shapes, no_evaluator));
  EXPECT_EQ(graph.type(graph[dropout].outputs[0]).dtype, DType::Float32);
  EXPECT_EQ(graph.type(mask).dtype, DType::Bool);
  EXPECT_TRUE(verify(graph));
}

TEST(InferTypes, ANodeWithoutOutputsIsRefused) {
  Graph graph;
  const ValueId x = graph.add_input("x", DType::Float32, {3});
  const NodeId shape = graph.add_node("shape", Shape{}, {x});
  graph[shape].outputs.clear();
  const std::vector<sluice::Shape> shapes{{3}};
  const Status status = infer_types(graph, shapes, no_evaluator);
  ASSERT_FALSE(status);
  EXPECT_THAT(status.error().text(), HasSubstr("has no outputs"));
}

TEST(InferTypes, ANegativeInputSizeIsRefused) {
  Graph graph;
  graph.add_input("x", DType::Float32, {kOpenDim});
  const std::vector<sluice::Shape> shapes{{-1}};
  const Status status = infer_types(graph, shapes, no_evaluator);
  ASSERT_FALSE(status);
  EXPECT_EQ(status.error().where, "input \"x\"");
}

TEST(InferTypes, TypesOfAnEarlierInferenceAreForgotten) {
  Graph graph;
  const ValueId x = graph.add_input("x", DType::Float32, {kOpenDim});
  const NodeId relu = graph.add_node("relu", Relu{}, {x});
  for (const std::int64_t size : {3, 7}) {
    const std::vector<sluice::Shape> shapes{{size}};
    ASSERT_TRUE(infer_types(graph, shapes, no_evaluator));
    EXPECT_EQ(graph.type(graph[relu].outputs[0]).shape, (sluice::Shape{size}));
  }
}

class InputShapes : public ::testing::Test {
 protected:
  static Graph one_input(sluice::Shape declared) {
    Graph graph;
    graph.add_input("x", DType::Float32, std::move(declared));
    return graph;
  }
};

TEST_F(InputShapes, AnOpenBatchIsTheOneAskedForOrOne) {
  const Graph graph = one_input({kOpenDim, 3});
  EXPECT_EQ(input_shapes(graph, 8)->at(0), (sluice::Shape{8, 3}));
  EXPECT_EQ(input_shapes(graph, 0)->at(0), (sluice::Shape{1, 3}));
}

TEST_F(InputShapes, ADeclaredBatchIsKeptUnlessAskedOtherwise) {
  const Graph graph = one_input({4, 3});
  EXPECT_EQ(input_shapes(graph, 0)->at(0), (sluice::Shape{4, 3}));
  EXPECT_EQ(input_shapes(graph, 2)->at(0), (sluice::Shape{2, 3}));
}

TEST_F(InputShapes, AnotherOpenSizeMustBeGiven) {
  const Graph graph = one_input({kOpenDim, 3, kOpenDim});
  const auto refused = input_shapes(graph, 1);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().where, "input \"x\"");
  EXPECT_THAT(refused.error().message, HasSubstr("--input-shape"));
  const std::vector<ShapeOverride> overrides{{"x", {1, 3, 9}}};
  EXPECT_EQ(input_shapes(graph, 1, overrides)->at(0), (sluice::Shape{1, 3, 9}));
}

TEST_F(InputShapes, AScalarHasNoBatch) {
  EXPECT_EQ(input_shapes(one_input({}), 8)->at(0), sluice::Shape{});
}

// x int8 and w int8, quantized: a convolution of the numbers they stand for.
TEST(InferTypes, QuantizedValuesKeepTheTypeOfTheirCodes) {
  Graph graph;
  const ValueId x = graph.add_input("x", DType::Int8, {1, 2, 4, 4});
  const ValueId w = graph.add_constant("w", Tensor(DType::Int8, {3, 2, 1, 1}));
  const NodeId conv = graph.add_node("conv", Conv{}, {x, w});
  const ValueId y = graph[conv].outputs[0];
  graph.outputs = {y};
  for (const ValueId id : {x, w}) graph[id].quantization = numeric::Quantization{};
  graph[y].quantization = {DType::UInt8, {0.5F}, {128}};
  const std::vector<sluice::Shape> shapes{{1, 2, 4, 4}};
  const Status status = infer_types(graph, shapes, no_evaluator);
  ASSERT_TRUE(status) << status.error().text();
  EXPECT_EQ(graph.type(y), (ValueType{DType::UInt8, {1, 3, 4, 4}}));
  EXPECT_EQ(graph.type(w).dtype, DType::Int8);
  EXPECT_TRUE(verify(graph));
}

}  // namespace
}  // namespace sluice::ir
