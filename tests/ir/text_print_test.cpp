// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "sluice/ir/text.hpp"

namespace sluice::ir {
namespace {

Graph tiny() {
  Graph graph;
  graph.name = "tiny";
  const ValueId x = graph.add_input("x", DType::Float32, {kOpenDim, 3, 8, 8});
  graph[x].type = ValueType{DType::Float32, {1, 3, 8, 8}};
  const ValueId w = graph.add_constant("w:0", Tensor::from<float>({1, 3, 1, 1}, {0.5F, -1, 2}));
  Conv conv;
  conv.window.strides = {2, 2};
  conv.window.auto_pad = AutoPad::SameUpper;
  const NodeId node = graph.add_node("conv1", conv, {x, w, kNoValue});
  graph[graph[node].outputs[0]].name = "y";
  graph[graph[node].outputs[0]].type = ValueType{DType::Float32, {1, 1, 4, 4}};
  graph.outputs = {graph[node].outputs[0]};
  return graph;
}

TEST(TextPrint, WritesOneLineAThing) {
  EXPECT_EQ(print(tiny()), R"(graph "tiny" {
  input %x: float32[?x3x8x8] as float32[1x3x8x8]
  const %"w:0": float32[1x3x1x1] = [0.5, -1, 2]
  %y: float32[1x1x4x4] = Conv(%x, %"w:0", _) {window={strides=[2, 2], auto_pad=SameUpper}} "conv1"
  output %y
}
)");
}

TEST(TextPrint, LeavesLongWeightsOut) {
  const std::string text = print(tiny(), {.max_elements = 2});
  EXPECT_NE(text.find("float32[1x3x1x1] = [...]"), std::string::npos);
  EXPECT_EQ(text.find("0.5"), std::string::npos);
}

TEST(TextPrint, AnInputWithoutATypeSaysSo) {
  Graph graph;
  graph.add_input("x", DType::Int8, {2});
  EXPECT_EQ(print(graph), "graph \"\" {\n  input %x: int8[2] as none\n}\n");
  graph[ValueId{0}].type = ValueType{DType::Int8, {2}};
  EXPECT_EQ(print(graph), "graph \"\" {\n  input %x: int8[2]\n}\n");
}

TEST(TextPrint, NamesCannotBreakOutOfTheirPlace) {
  Graph graph;
  graph.name = "a\" {\n";
  graph.add_input("x\x1b[31m", DType::Int8, {});
  EXPECT_EQ(print(graph), "graph \"a\\\" {\\x0a\" {\n  input %\"x\\x1b[31m\": int8[] as none\n}\n");
}

TEST(TextPrint, GridsAreNamed) {
  Graph graph;
  const ValueId x = graph.add_input("x", DType::Float32, {2});
  graph.add_node("s", Snap{numeric::BlockGrid{.mantissa_bits = 3}}, {x});
  EXPECT_NE(print(graph).find("{grid=block {mantissa_bits=3}}"), std::string::npos);
}

TEST(TextPrint, SaysWhatIntegersStandForAndHowTheyAreRounded) {
  Graph graph;
  const ValueId x = graph.add_input("x", DType::Int8, {2});
  graph[x].type = ValueType{DType::Int8, {2}};
  graph[x].quantization = {DType::Int8, {0.5F}, {-3}};
  const NodeId node = graph.add_node("r", Relu{}, {x});
  graph[node].arithmetic = numeric::Arithmetic::TfliteDouble;
  graph[graph[node].outputs[0]].quantization = {DType::UInt8, {0.5F}, {0}};
  EXPECT_EQ(print(graph), R"(graph "" {
  input %x: int8[2] quantized {scales=[0.5], zero_points=[-3]}
  %r quantized {dtype=uint8, scales=[0.5]} = Relu(%x) by tflite-double "r"
}
)");
}

TEST(TextPrint, LargeContentsGoToTheDataSection) {
  Graph graph;
  graph.add_constant("a", Tensor(DType::Int8, {5}));
  graph.add_constant("b", Tensor(DType::Int8, {2}));
  graph.add_constant("c", Tensor(DType::Float32, {3, 1}));
  DataSection data;
  EXPECT_EQ(print(graph, {.max_elements = 2, .data = &data}),
            "graph \"\" {\n"
            "  const %a: int8[5] = data[0]\n"
            "  const %b: int8[2] = [0, 0]\n"
            "  const %c: float32[3x1] = data[64]\n"
            "}\n");
  EXPECT_EQ(data.size_bytes(), 76U);
  ASSERT_EQ(data.pieces().size(), 2U);
  EXPECT_EQ(data.pieces()[1].content.shape(), (sluice::Shape{3, 1}));
}

TEST(TextPrint, SaysWhatLayersAddUpIn) {
  Graph graph;
  const ValueId x = graph.add_input("x", DType::Int8, {2});
  graph[x].quantization = {.dtype = DType::Int8, .bits = 6};
  const NodeId node = graph.add_node("m", MatMul{}, {x, x});
  graph[node].arithmetic = numeric::Arithmetic::ShiftHalfEven;
  graph[node].accumulator = numeric::Accumulator{24, numeric::Overflow::Saturate};
  const std::string text = print(graph);
  EXPECT_NE(text.find("quantized {bits=6}"), std::string::npos) << text;
  EXPECT_NE(text.find("MatMul(%x, %x) by shift-half-even in {bits=24, overflow=Saturate} \"m\""),
            std::string::npos)
      << text;
  graph[node].accumulator = numeric::Accumulator{};
  EXPECT_NE(print(graph).find("by shift-half-even in {} \"m\""), std::string::npos);
}

}  // namespace
}  // namespace sluice::ir
