// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>

#include "tests/support/onnx_model.hpp"

namespace sluice::importer::onnx {
namespace {

using test::OnnxAttribute;
using test::OnnxModel;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

std::vector<std::string> operators(const ir::Graph& graph) {
  std::vector<std::string> names;
  names.reserve(graph.nodes.size());
  for (const ir::Node& node : graph.nodes) names.emplace_back(ir::op_name(node.op));
  return names;
}

// One node whose inputs are of that name in the graph; empty names stay absent.
OnnxModel one(const std::string& op_type, const std::vector<std::string>& inputs,
              const std::vector<OnnxAttribute>& attributes = {},
              const std::string& domain = "com.microsoft") {
  OnnxModel model(13);
  for (const std::string& name : inputs) {
    if (!name.empty()) model.input(name, {1});
  }
  model.node(op_type, inputs, {"y"}, attributes).set_domain(domain);
  model.output("y");
  return model;
}

std::vector<std::string> operators_of(const OnnxModel& model) {
  const auto graph = model.read();
  EXPECT_TRUE(graph) << graph.error().text();
  return graph ? operators(*graph) : std::vector<std::string>();
}

std::string error_of(const OnnxModel& model) {
  const auto graph = model.read();
  return graph ? "" : graph.error().text();
}

TEST(OnnxQlinear, ConvIsBetweenDequantizersAndAQuantizer) {
  OnnxModel model = one("QLinearConv", {"x", "xs", "xz", "w", "ws", "wz", "ys", "yz", "b"},
                        {{"strides", std::vector<std::int64_t>{2, 2}}}, "");
  const auto graph = model.read();
  ASSERT_TRUE(graph) << graph.error().text();
  EXPECT_THAT(operators(*graph), ElementsAre("DequantizeLinear", "DequantizeLinear", "Mul",
                                             "DequantizeLinear", "Conv", "QuantizeLinear"));
  const ir::Node& conv = graph->nodes[4];
  EXPECT_EQ(std::get<ir::Conv>(conv.op).window.strides, (ir::Dims{2, 2}));
  EXPECT_EQ(conv.name, "QLinearConv1/Conv");
  const ir::Node& quantizer = graph->nodes[5];
  EXPECT_EQ(quantizer.name, "QLinearConv1");
  EXPECT_EQ((*graph)[quantizer.inputs[1]].name, "ys");
  EXPECT_EQ((*graph)[quantizer.inputs[2]].name, "yz");
  // One scale a filter lies along dimension 0 of the weights, and of the bias.
  for (const std::size_t n : {1U, 3U}) {
    EXPECT_EQ(std::get<ir::DequantizeLinear>(graph->nodes[n].op).axis, 0);
  }
}

TEST(OnnxQlinear, AKnownBiasScaleIsAConstant) {
  OnnxModel model(13);
  for (const char* name : {"x", "xz", "w", "wz", "ys", "yz", "b"}) model.input(name, {1});
  model.initializer("xs", {}).add_float_data(0.5F);
  auto& weight_scales = model.initializer("ws", {2});
  weight_scales.add_float_data(0.25F);
  weight_scales.add_float_data(3);
  model.node("QLinearConv", {"x", "xs", "xz", "w", "ws", "wz", "ys", "yz", "b"}, {"y"});
  model.output("y");
  const auto graph = model.read();
  ASSERT_TRUE(graph) << graph.error().text();
  const ir::Node& bias = graph->nodes[2];
  ASSERT_TRUE(ir::is<ir::DequantizeLinear>(bias.op));
  const auto& scale = (*graph)[bias.inputs[1]].constant;
  ASSERT_TRUE(scale.has_value());
  EXPECT_THAT(scale->data<float>(), ElementsAre(0.125F, 1.5F));
}

TEST(OnnxQlinear, ProductsAreScaledAlongRowsAndColumns) {
  const auto graph =
      one("QLinearMatMul", {"a", "as", "az", "b", "bs", "bz", "ys", "yz"}, {}, "").read();
  ASSERT_TRUE(graph) << graph.error().text();
  EXPECT_THAT(operators(*graph),
              ElementsAre("DequantizeLinear", "DequantizeLinear", "MatMul", "QuantizeLinear"));
  EXPECT_EQ(std::get<ir::DequantizeLinear>(graph->nodes[0].op).axis, -2);
  EXPECT_EQ(std::get<ir::DequantizeLinear>(graph->nodes[1].op).axis, -1);
}

TEST(OnnxQlinear, GemmWithoutAScaleForItsOutputIsReal) {
  const std::vector<std::string> operands{"a", "as", "az", "b", "bs", "bz"};
  EXPECT_THAT(operators_of(one("QGemm", operands, {{"transB", 1}})),
              ElementsAre("DequantizeLinear", "DequantizeLinear", "Gemm"));
  auto quantized = operands;
  for (const char* name : {"", "ys", "yz"}) quantized.emplace_back(name);
  EXPECT_THAT(operators_of(one("QGemm", quantized)),
              ElementsAre("DequantizeLinear", "DequantizeLinear", "Gemm", "QuantizeLinear"));
  EXPECT_THAT(error_of(one("QGemm", operands, {{"alpha", 2.0F}})), HasSubstr("factor alpha"));
}

TEST(OnnxQlinear, OperatorsOfOnnxRuntime) {
  const std::vector<std::string> unary{"x", "xs", "xz", "ys", "yz"};
  const std::vector<std::string> binary{"a", "as", "az", "b", "bs", "bz", "ys", "yz"};
  const OnnxAttribute kernel("kernel_shape", std::vector<std::int64_t>{2, 2});
  const auto expect = [](const OnnxModel& model, const std::string& name) {
    const auto found = operators_of(model);
    ASSERT_GE(found.size(), 3U) << name;
    EXPECT_EQ(found[found.size() - 2], name);
    EXPECT_EQ(found.back(), "QuantizeLinear");
  };
  expect(one("QLinearAdd", binary), "Add");
  expect(one("QLinearMul", binary), "Mul");
  expect(one("QLinearGlobalAveragePool", unary), "GlobalAveragePool");
  expect(one("QLinearAveragePool", unary, {kernel}), "AveragePool");
  expect(one("QLinearLeakyRelu", unary, {{"alpha", 0.5F}}), "LeakyRelu");
  expect(one("QLinearSigmoid", unary), "Sigmoid");
  expect(one("QLinearSoftmax", unary, {{"opset", 13}}), "Softmax");
  expect(one("QLinearConcat", {"ys", "yz", "a", "as", "az", "b", "bs", "bz"}, {{"axis", 1}}),
         "Concat");
}

TEST(OnnxQlinear, SoftmaxIsThatOfTheOpsetItNames) {
  const std::vector<std::string> unary{"x", "xs", "xz", "ys", "yz"};
  const auto softmax = [&](int opset) {
    const auto graph = one("QLinearSoftmax", unary, {{"opset", opset}}).read();
    EXPECT_TRUE(graph) << graph.error().text();
    return std::get<ir::Softmax>(graph->nodes[1].op);
  };
  EXPECT_TRUE(softmax(12).flatten);
  EXPECT_EQ(softmax(12).axis, 1);
  EXPECT_FALSE(softmax(13).flatten);
  EXPECT_EQ(softmax(13).axis, -1);
}

TEST(OnnxQlinear, RefusesWhatItCannotRead) {
  const std::vector<std::string> unary{"x", "xs", "xz", "ys", "yz"};
  EXPECT_THAT(error_of(one("QLinearGlobalAveragePool", unary, {{"channels_last", 1}})),
              HasSubstr("channels_last"));
  EXPECT_THAT(error_of(one("QLinearSigmoid", {"x", "xs", "xz", "ys"})),
              HasSubstr("has no zero point for its output"));
  EXPECT_THAT(error_of(one("QLinearReduceMean", unary)), HasSubstr("quantize_static"));
  EXPECT_THAT(error_of(one("QLinearAdd", unary, {}, "")), HasSubstr("is not supported"));
}

}  // namespace
}  // namespace sluice::importer::onnx
