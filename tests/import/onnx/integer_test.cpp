// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>

#include "tests/support/onnx_model.hpp"

#include "sluice/ir/infer.hpp"
#include "sluice/numeric/element.hpp"
#include "sluice/runtime/executor.hpp"
#include "sluice/runtime/reference/kernel.hpp"

namespace sluice::importer::onnx {
namespace {

using test::OnnxAttribute;
using test::OnnxModel;
using ::testing::ElementsAre;

struct Operand {
  Shape shape;
  std::vector<std::int64_t> codes;
};

// The outputs of one operator on uint8 operands, which are graph inputs.
std::vector<std::vector<double>> outputs_of(const std::string& op_type,
                                            const std::vector<Operand>& operands,
                                            const std::vector<OnnxAttribute>& attributes = {}) {
  OnnxModel model(13);
  std::vector<std::string> names;
  std::vector<Tensor> inputs;
  for (const auto& [shape, codes] : operands) {
    names.push_back("x" + std::to_string(names.size()));
    model.input(names.back(), shape, ::onnx::TensorProto::UINT8);
    inputs.push_back(numeric::cast(Tensor::from(shape, codes), DType::UInt8));
  }
  model.node(op_type, names, {"y"}, attributes);
  model.output("y");
  auto graph = model.read();
  EXPECT_TRUE(graph) << graph.error().text();
  std::vector<Shape> shapes;
  shapes.reserve(operands.size());
  for (const Operand& operand : operands) shapes.push_back(operand.shape);
  const auto typed = ir::infer_types(*graph, shapes, runtime::reference::evaluate);
  EXPECT_TRUE(typed) << typed.error().text();
  auto executor = runtime::make_reference_executor(*std::move(graph));
  EXPECT_TRUE(executor) << executor.error().text();
  const auto outputs = (*executor)->run(inputs);
  EXPECT_TRUE(outputs) << outputs.error().text();
  std::vector<std::vector<double>> result;
  for (const Tensor& output : *outputs) {
    EXPECT_EQ(output.dtype(), DType::Int32);
    result.push_back(numeric::to_doubles(output));
  }
  return result;
}

TEST(OnnxConvInteger, SubtractsZeroPointsBeforePadding) {
  const Operand image{{1, 1, 1, 2}, {5, 9}};
  const Operand weights{{2, 1, 1, 2}, {1, 2, 3, 250}};
  const std::vector<OnnxAttribute> pads{{"pads", std::vector<std::int64_t>{0, 0, 0, 1}}};
  EXPECT_THAT(outputs_of("ConvInteger", {image, weights}, pads)[0], ElementsAre(23, 9, 2265, 27));
  // x − 4 is 1 and 5; the filters are less 1 and less 250 of their own.
  EXPECT_THAT(outputs_of("ConvInteger", {image, weights, {{}, {4}}, {{2}, {1, 250}}}, pads)[0],
              ElementsAre(5, 0, -247, -1235));
}

TEST(OnnxMatMulInteger, HasOneZeroPointARowAndAColumn) {
  const Operand a{{2, 2}, {1, 2, 3, 4}};
  const Operand b{{2, 2}, {10, 20, 30, 40}};
  EXPECT_THAT(outputs_of("MatMulInteger", {a, b})[0], ElementsAre(70, 100, 150, 220));
  EXPECT_THAT(outputs_of("MatMulInteger", {a, b, {{1}, {1}}, {{}, {10}}})[0],
              ElementsAre(20, 30, 60, 110));
  EXPECT_THAT(outputs_of("MatMulInteger", {a, b, {{2}, {1, 3}}, {{2}, {10, 20}}})[0],
              ElementsAre(20, 20, 20, 20));
}

// 255·255·66,000 does not fit in 32 bits, and float32 holds no odd number above 2^24.
TEST(OnnxMatMulInteger, SumsAreExactBeyondFloat32) {
  constexpr std::int64_t kDepth = 401;
  const Operand a{{1, kDepth}, std::vector<std::int64_t>(kDepth, 255)};
  EXPECT_THAT(
      outputs_of("MatMulInteger", {a, {{kDepth, 1}, std::vector<std::int64_t>(kDepth, 255)}})[0],
      ElementsAre(std::int64_t{255} * 255 * kDepth));
}

struct Quantized {
  std::vector<double> codes;
  double scale;
  double zero_point;
};

Quantized dynamically(const std::vector<float>& reals) {
  OnnxModel model(13);
  const Shape shape{static_cast<std::int64_t>(reals.size())};
  model.input("x", shape);
  model.node("DynamicQuantizeLinear", {"x"}, {"y", "scale", "zero"});
  for (const char* name : {"y", "scale", "zero"}) model.output(name);
  auto graph = model.read();
  EXPECT_TRUE(graph) << graph.error().text();
  const auto typed =
      ir::infer_types(*graph, std::vector<Shape>{shape}, runtime::reference::evaluate);
  EXPECT_TRUE(typed) << typed.error().text();
  auto executor = runtime::make_reference_executor(*std::move(graph));
  EXPECT_TRUE(executor) << executor.error().text();
  const auto outputs = (*executor)->run(std::vector{Tensor::from(shape, reals)});
  EXPECT_TRUE(outputs) << outputs.error().text();
  return {numeric::to_doubles((*outputs)[0]), numeric::to_doubles((*outputs)[1])[0],
          numeric::to_doubles((*outputs)[2])[0]};
}

TEST(OnnxDynamicQuantizeLinear, CoversZeroAndTheData) {
  const Quantized mixed = dynamically({-1, 0, 254});
  EXPECT_EQ(mixed.scale, 1);
  EXPECT_EQ(mixed.zero_point, 1);
  EXPECT_THAT(mixed.codes, ElementsAre(0, 1, 255));
  const Quantized positive = dynamically({51, 510});
  EXPECT_EQ(positive.scale, 2);
  EXPECT_EQ(positive.zero_point, 0);
  EXPECT_THAT(positive.codes, ElementsAre(26, 255));  // 25.5 to the even code
  const Quantized zeros = dynamically({0, 0});
  EXPECT_FLOAT_EQ(static_cast<float>(zeros.scale), 1.0F / 255);
  EXPECT_THAT(zeros.codes, ElementsAre(0, 0));
}

TEST(OnnxDynamicQuantizeLinear, OutputsNobodyNamesAreMadeAllTheSame) {
  OnnxModel model(13);
  model.input("x", {4});
  model.node("DynamicQuantizeLinear", {"x"}, {"y", "", "zero"});
  model.output("y");
  const auto graph = model.read();
  ASSERT_TRUE(graph) << graph.error().text();
  const ir::Node& last = graph->nodes.back();
  EXPECT_TRUE(ir::is<ir::QuantizeLinear>(last.op));
  EXPECT_EQ(last.outputs.size(), 1U);
  EXPECT_EQ((*graph)[last.inputs[2]].name, "zero");
}

}  // namespace
}  // namespace sluice::importer::onnx
