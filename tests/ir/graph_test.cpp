// SPDX-License-Identifier: Apache-2.0
#include "sluice/ir/graph.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace sluice::ir {
namespace {

using ::testing::HasSubstr;

// x → first → second → output, with every type set.
struct Chain {
  Graph graph;
  ValueId x, first_out, second_out;
  NodeId first, second;

  Chain() {
    x = graph.add_input("x", DType::Float32, {1, 3});
    first = graph.add_node("first", Relu{}, {x});
    first_out = graph[first].outputs[0];
    second = graph.add_node("second", Neg{}, {first_out});
    second_out = graph[second].outputs[0];
    graph.outputs = {second_out};
    for (Value& value : graph.values) value.type = ValueType{DType::Float32, {1, 3}};
  }
};

std::string breach(const Graph& graph) {
  const Status status = verify(graph);
  if (status) return "";
  EXPECT_EQ(status.error().code, ErrorCode::Verify);
  return status.error().text();
}

TEST(PlaceOf, NamesANodeAndItsOperator) {
  EXPECT_EQ(place_of(Node{.name = "a b", .op = Relu{}}), "node \"a b\" (Relu)");
}

TEST(Graph, NamesAreMadeUnique) {
  Graph graph;
  const ValueId a = graph.add_value("w");
  const ValueId b = graph.add_value("w");
  const ValueId c = graph.add_value("");
  EXPECT_EQ(graph[a].name, "w");
  EXPECT_NE(graph[b].name, "w");
  EXPECT_FALSE(graph[c].name.empty());
}

TEST(Graph, NodesOfOneNameGetNamesOfTheirOwn) {
  Graph graph;
  const ValueId x = graph.add_input("x", DType::Float32, {1});
  const NodeId a = graph.add_node("", Relu{}, {x});
  const NodeId b = graph.add_node("", Relu{}, {x});
  EXPECT_EQ(graph[a].name, "Relu");
  EXPECT_NE(graph[b].name, graph[a].name);
}

TEST(Graph, AConstantHasItsTensorsType) {
  Graph graph;
  const ValueId id = graph.add_constant("w", Tensor(DType::Int8, {2, 2}));
  EXPECT_EQ(graph.type(id), (ValueType{DType::Int8, {2, 2}}));
}

TEST(Graph, ProducersAndConsumersFollowTheEdges) {
  const Chain chain;
  EXPECT_EQ(producers(chain.graph), (std::vector<NodeId>{kNoNode, chain.first, chain.second}));
  EXPECT_EQ(consumers(chain.graph),
            (std::vector<std::vector<NodeId>>{{chain.first}, {chain.second}, {}}));
}

TEST(Graph, AValueReadTwiceByOneNodeCountsTwice) {
  Graph graph;
  const ValueId x = graph.add_input("x", DType::Float32, {1});
  const NodeId sum = graph.add_node("sum", Add{}, {x, x});
  EXPECT_EQ(consumers(graph)[0], (std::vector<NodeId>{sum, sum}));
}

TEST(Graph, RemovingTheUnusedKeepsInputsAndWhatOutputsNeed) {
  Chain chain;
  const ValueId weight = chain.graph.add_constant("weight", Tensor::scalar(1.0F));
  chain.graph.add_node("dead", Add{}, {chain.x, weight});
  chain.graph.add_input("idle", DType::Float32, {1});
  remove_unused(chain.graph);
  EXPECT_EQ(chain.graph.nodes.size(), 2U);
  EXPECT_EQ(chain.graph.values.size(), 4U);
  EXPECT_EQ(chain.graph[chain.graph.inputs[1].value].name, "idle");
  EXPECT_EQ(chain.graph[chain.graph.outputs[0]].name, "second");
}

TEST(Graph, AnUnusedSecondOutputKeepsItsName) {
  Graph graph;
  const ValueId x = graph.add_input("x", DType::Float32, {1, 1, 4});
  const NodeId pool = graph.add_node("pool", MaxPool{}, {x}, 2);
  graph.outputs = {graph[pool].outputs[0]};
  remove_unused(graph);
  EXPECT_EQ(graph.values.size(), 3U);
}

TEST(Graph, SortingPutsProducersFirstAndIsStable) {
  Chain chain;
  std::swap(chain.graph.nodes[0], chain.graph.nodes[1]);
  ASSERT_TRUE(sort_nodes(chain.graph));
  EXPECT_EQ(chain.graph.nodes[0].name, "first");
  EXPECT_EQ(chain.graph.nodes[1].name, "second");
}

TEST(Graph, ACycleIsNamed) {
  Chain chain;
  chain.graph[chain.first].inputs = {chain.second_out};
  const Status status = sort_nodes(chain.graph);
  ASSERT_FALSE(status);
  EXPECT_EQ(status.error().code, ErrorCode::Verify);
  EXPECT_THAT(status.error().text(), HasSubstr("cycle"));
  EXPECT_THAT(status.error().text(), HasSubstr("\"first\""));
}

TEST(Verify, AWellFormedGraphPasses) {
  EXPECT_EQ(breach(Chain().graph), "");
}

TEST(Verify, AValueWithoutATypeIsFound) {
  Chain chain;
  chain.graph[chain.first_out].type.reset();
  EXPECT_EQ(breach(chain.graph), "value \"first\": has no type");
}

TEST(Verify, TwoValuesOfOneNameAreFound) {
  Chain chain;
  chain.graph[chain.first_out].name = "x";
  EXPECT_THAT(breach(chain.graph), HasSubstr("has no name of its own"));
}

TEST(Verify, TwoNodesOfOneNameAreFound) {
  Chain chain;
  chain.graph[chain.second].name = "first";
  EXPECT_THAT(breach(chain.graph), HasSubstr("has no name of its own"));
}

TEST(Verify, AConstantOfAnotherTypeIsFound) {
  Chain chain;
  const ValueId id = chain.graph.add_constant("w", Tensor::scalar(1.0F));
  chain.graph[id].type = ValueType{DType::Int8, {}};
  EXPECT_THAT(breach(chain.graph), HasSubstr("another type"));
}

TEST(Verify, ReadingBeforeMakingIsFound) {
  Chain chain;
  std::swap(chain.graph.nodes[0], chain.graph.nodes[1]);
  EXPECT_THAT(breach(chain.graph), HasSubstr("reads \"first\" before it is made"));
}

TEST(Verify, ASecondProducerIsFound) {
  Chain chain;
  chain.graph[chain.second].outputs = {chain.first_out};
  EXPECT_THAT(breach(chain.graph), HasSubstr("makes \"first\" a second time"));
}

TEST(Verify, IdsOutOfRangeAreFound) {
  Chain reads;
  reads.graph[reads.first].inputs = {ValueId{99}};
  EXPECT_THAT(breach(reads.graph), HasSubstr("reads a value that does not exist"));
  Chain makes;
  makes.graph[makes.second].outputs = {ValueId{-7}};
  EXPECT_THAT(breach(makes.graph), HasSubstr("makes a value that does not exist"));
}

TEST(Verify, ANodeWithoutOutputsOrWithAnAbsentOneIsFound) {
  Chain absent;
  absent.graph[absent.second].outputs.push_back(kNoValue);
  EXPECT_THAT(breach(absent.graph), HasSubstr("does not exist"));
  Chain none;
  none.graph[none.second].outputs.clear();
  none.graph.outputs.clear();
  EXPECT_THAT(breach(none.graph), HasSubstr("no outputs"));
}

TEST(Verify, ANodeWithoutAnOperatorIsFound) {
  Chain chain;
  chain.graph[chain.first].op = Op();
  EXPECT_THAT(breach(chain.graph), HasSubstr("has no operator"));
}

TEST(Verify, AnInputThatIsAConstantIsFound) {
  Chain chain;
  chain.graph[chain.x].constant = Tensor(DType::Float32, {1, 3});
  EXPECT_THAT(breach(chain.graph), HasSubstr("input is not a value of its own"));
}

TEST(Verify, AnOutputNoNodeMakesIsFound) {
  Chain chain;
  chain.graph.outputs.push_back(chain.graph.add_value("loose", ValueType{}));
  EXPECT_THAT(breach(chain.graph), HasSubstr("made by no node"));
}

TEST(Verify, AQuantizationOfAnotherTypeOrShapeIsFound) {
  Chain chain;
  chain.graph[chain.x].quantization = numeric::Quantization{};
  EXPECT_THAT(breach(chain.graph), HasSubstr("its quantization is of int8"));
  chain.graph[chain.x].type->dtype = DType::Int8;
  EXPECT_EQ(breach(chain.graph), "");
  chain.graph[chain.x].quantization = {DType::Int8, {1, 2}, {0, 0}, 1};
  EXPECT_THAT(breach(chain.graph), HasSubstr("along dimension 1"));
}

TEST(Graph, IsQuantizedIfAnyValueIs) {
  Chain chain;
  EXPECT_FALSE(is_quantized(chain.graph));
  chain.graph[chain.first_out].quantization = numeric::Quantization{};
  EXPECT_TRUE(is_quantized(chain.graph));
}

TEST(OutputTypes, AbsentOutputsAreScalars) {
  Chain chain;
  chain.graph[chain.first].outputs.push_back(kNoValue);
  EXPECT_EQ(output_types(chain.graph, chain.graph[chain.first]),
            (std::vector<ValueType>{{DType::Float32, {1, 3}}, {DType::Float32, {}}}));
}

TEST(Verify, AnAccumulatorBelongsToALayerOfCodes) {
  Graph graph;
  const ValueId x = graph.add_input("x", DType::Int8, {1, 2});
  const ValueId w = graph.add_constant("w", Tensor(DType::Int8, {2, 2}));
  for (const ValueId id : {x, w}) graph[id].quantization = numeric::Quantization{};
  graph[x].type = ValueType{DType::Int8, {1, 2}};
  const NodeId node = graph.add_node("n", Gemm{}, {x, w});
  graph[graph[node].outputs[0]].type = ValueType{DType::Int8, {1, 2}};
  graph.outputs = graph[node].outputs;
  graph[node].accumulator = numeric::Accumulator{24, numeric::Overflow::Saturate};
  EXPECT_EQ(breach(graph), "");
  graph[node].accumulator->bits = 65;
  EXPECT_THAT(breach(graph), HasSubstr("must be 2 to 64"));
  graph[node].accumulator = numeric::Accumulator{.overflow = numeric::Overflow::SaturateToZero};
  EXPECT_THAT(breach(graph), HasSubstr("neither wrap nor saturate"));
  graph[node].accumulator = numeric::Accumulator{};
  graph[w].quantization.reset();
  EXPECT_THAT(breach(graph), HasSubstr("only layers that multiply and add codes"));
  graph[w].quantization = numeric::Quantization{};
  graph[node].op = Mul{};
  EXPECT_THAT(breach(graph), HasSubstr("only layers that multiply and add codes"));
}

TEST(Verify, ConstantsHoldCodesOfTheirBits) {
  Graph graph;
  const ValueId w = graph.add_constant("w", Tensor::from<std::int8_t>({2}, {3, -5}));
  graph[w].quantization = {.dtype = DType::Int8, .bits = 3};
  EXPECT_THAT(breach(graph), HasSubstr("holds the code -5; 3 bits hold -4 to 3"));
  graph[w].quantization->bits = 4;
  EXPECT_EQ(breach(graph), "");
}

}  // namespace
}  // namespace sluice::ir
