// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "tests/support/onnx_model.hpp"

namespace sluice::importer {
namespace {

using test::OnnxModel;

OnnxModel relu_chain() {
  OnnxModel model;
  model.input("x", {-1, 3});
  model.node("Relu", {"x"}, {"a"});
  model.node("Relu", {"a"}, {"y"});
  model.output("y");
  return model;
}

TEST(ReadOnnx, ReadsNodesInputsAndOutputs) {
  const auto graph = relu_chain().read();
  ASSERT_TRUE(graph) << graph.error().text();
  ASSERT_EQ(graph->nodes.size(), 2U);
  EXPECT_EQ(graph->nodes[1].name, "Relu2");
  ASSERT_EQ(graph->inputs.size(), 1U);
  EXPECT_EQ(graph->inputs[0].declared_shape, (Shape{ir::kOpenDim, 3}));
  EXPECT_EQ((*graph)[graph->outputs.at(0)].name, "y");
}

TEST(ReadOnnx, InputThatIsAnInitializerIsAConstant) {
  OnnxModel model;
  model.input("x", {2}).input("w", {2}).output("y");
  model.initializer("w", {2}).mutable_float_data()->Add(1.0F);
  model.graph().mutable_initializer(0)->mutable_float_data()->Add(2.0F);
  model.node("Add", {"x", "w"}, {"y"});
  const auto graph = model.read();
  ASSERT_TRUE(graph) << graph.error().text();
  ASSERT_EQ(graph->inputs.size(), 1U);
  const ir::Value& w = (*graph)[graph->nodes[0].inputs[1]];
  EXPECT_EQ(w.constant, Tensor::from<float>({2}, {1, 2}));
}

TEST(ReadOnnx, UnsortedNodesAreSorted) {
  OnnxModel model;
  model.input("x", {1});
  model.node("Relu", {"a"}, {"y"});
  model.node("Relu", {"x"}, {"a"});
  model.output("y");
  const auto graph = model.read();
  ASSERT_TRUE(graph) << graph.error().text();
  EXPECT_EQ(graph->nodes[0].name, "Relu2");
}

TEST(ReadOnnx, NodesWithoutAnOwnNameGetOne) {
  OnnxModel model = relu_chain();
  model.graph().mutable_node(0)->set_name("Relu");
  model.graph().mutable_node(1)->clear_name();
  const auto graph = model.read();
  ASSERT_TRUE(graph) << graph.error().text();
  EXPECT_EQ(graph->nodes[0].name, "Relu");
  EXPECT_EQ(graph->nodes[1].name, "Relu_2");
}

TEST(ReadOnnx, AbsentInputsStayAbsentAndTrailingOnesAreDropped) {
  OnnxModel model;
  model.input("x", {1}).input("high", {}).output("y");
  model.node("Clip", {"x", "", "high"}, {"a"});
  model.node("Clip", {"a", "", ""}, {"y"});
  const auto graph = model.read();
  ASSERT_TRUE(graph) << graph.error().text();
  EXPECT_EQ(graph->nodes[0].inputs.size(), 3U);
  EXPECT_EQ(graph->nodes[0].inputs[1], ir::kNoValue);
  EXPECT_EQ(graph->nodes[1].inputs.size(), 1U);
}

void expect_error(const OnnxModel& model, ErrorCode code, const std::string& text) {
  const auto graph = model.read();
  ASSERT_FALSE(graph);
  EXPECT_EQ(graph.error().code, code) << graph.error().text();
  EXPECT_NE(graph.error().text().find(text), std::string::npos) << graph.error().text();
}

TEST(ReadOnnx, CycleIsRefusedByNodeName) {
  OnnxModel model;
  model.input("x", {1});
  model.node("Add", {"x", "b"}, {"a"});
  model.node("Relu", {"a"}, {"b"});
  model.output("b");
  expect_error(model, ErrorCode::Verify, "node \"Add1\"");
}

TEST(ReadOnnx, ValueThatNothingMakesIsRefused) {
  OnnxModel model = relu_chain();
  model.graph().mutable_node(1)->set_input(0, "ghost");
  expect_error(model, ErrorCode::Verify, "node \"Relu2\" (Relu): reads \"ghost\"");
}

TEST(ReadOnnx, ValueMadeTwiceIsRefused) {
  OnnxModel model = relu_chain();
  model.graph().mutable_node(1)->set_output(0, "a");
  expect_error(model, ErrorCode::Verify, "value \"a\" is made a second time");
}

TEST(ReadOnnx, OutputThatNothingMakesIsRefused) {
  OnnxModel model = relu_chain();
  model.output("ghost");
  expect_error(model, ErrorCode::Verify, "output \"ghost\"");
}

TEST(ReadOnnx, UnsupportedOperatorIsRefusedWithNodeOpsetAndRemedy) {
  OnnxModel model = relu_chain();
  model.graph().mutable_node(0)->set_op_type("LSTM");
  expect_error(model, ErrorCode::Unsupported,
               "node \"Relu1\" (LSTM): operator \"LSTM\" (opset 13) is not supported; export");
}

TEST(ReadOnnx, ForeignDomainIsRefused) {
  OnnxModel model = relu_chain();
  model.graph().mutable_node(0)->set_domain("com.microsoft");
  expect_error(model, ErrorCode::Unsupported, "com.microsoft");
}

TEST(ReadOnnx, OperatorOfTheIrAloneIsRefused) {
  OnnxModel model = relu_chain();
  model.graph().mutable_node(0)->set_op_type("Snap");
  expect_error(model, ErrorCode::Unsupported, "not an ONNX operator");
}

TEST(ReadOnnx, UnknownAttributeIsRefused) {
  OnnxModel model = relu_chain();
  *model.graph().mutable_node(0)->add_attribute() = test::OnnxAttribute("slope", 1.0F).proto;
  expect_error(model, ErrorCode::Unsupported, "attribute \"slope\"");
}

TEST(ReadOnnx, OpsetsOutOfRangeAreRefused) {
  for (const std::int64_t opset : {std::int64_t{0}, std::int64_t{27}}) {
    OnnxModel model = relu_chain();
    model.proto().mutable_opset_import(0)->set_version(opset);
    expect_error(model, ErrorCode::Unsupported, "opset " + std::to_string(opset));
  }
}

TEST(ReadOnnx, OlderOpsetsAreReadWhereTheOperatorIsUnchanged) {
  OnnxModel model = relu_chain();
  model.proto().mutable_opset_import(0)->set_version(6);
  EXPECT_TRUE(model.read());
  model.graph().mutable_node(0)->set_op_type("Add");
  expect_error(model, ErrorCode::Unsupported, "as opset 6 has it");
}

TEST(ReadOnnx, HugeDeclaredDimensionIsRefused) {
  OnnxModel model = relu_chain();
  model.graph()
      .mutable_input(0)
      ->mutable_type()
      ->mutable_tensor_type()
      ->mutable_shape()
      ->mutable_dim(1)
      ->set_dim_value(std::int64_t{1} << 40);
  expect_error(model, ErrorCode::Parse, "input \"x\"");
}

TEST(ReadOnnx, InputThatIsNoTensorIsRefused) {
  OnnxModel model = relu_chain();
  model.graph().mutable_input(0)->mutable_type()->mutable_sequence_type();
  expect_error(model, ErrorCode::Unsupported, "input \"x\": is no tensor");
}

// Codes by a QuantizeLinear, and metadata of that key.
OnnxModel with_metadata(const std::string& key, const std::string& value) {
  OnnxModel model;
  model.input("x", {4}).output("codes");
  *model.initializer("scale", {}).mutable_raw_data() = std::string("\0\0\x80\x3f", 4);
  model.node("Relu", {"x"}, {"y"});
  model.node("QuantizeLinear", {"y", "scale"}, {"codes"});
  auto& entry = *model.proto().add_metadata_props();
  entry.set_key(key);
  entry.set_value(value);
  return model;
}

TEST(ReadOnnx, MetadataSaysHowResultsAreRounded) {
  using numeric::Arithmetic;
  const auto all = with_metadata("sluice.arithmetic", "xnnpack").read();
  ASSERT_TRUE(all) << all.error().text();
  EXPECT_EQ(all->nodes[0].arithmetic, std::nullopt);
  EXPECT_EQ(all->nodes[1].arithmetic, Arithmetic::Xnnpack);
  const auto one = with_metadata("sluice.arithmetic/Relu1", "tflite-single").read();
  ASSERT_TRUE(one) << one.error().text();
  EXPECT_EQ(one->nodes[0].arithmetic, Arithmetic::TfliteSingle);
  EXPECT_EQ(one->nodes[1].arithmetic, std::nullopt);
  const auto foreign = with_metadata("sluice.arithmetical", "?").read();
  ASSERT_TRUE(foreign) << foreign.error().text();
  EXPECT_EQ(foreign->nodes[1].arithmetic, std::nullopt);
}

TEST(ReadOnnx, UnknownArithmeticOrNodeInMetadataIsRefused) {
  expect_error(with_metadata("sluice.arithmetic", "xnnpak"), ErrorCode::Parse,
               "metadata \"sluice.arithmetic\": ");
  expect_error(with_metadata("sluice.arithmetic/Conv1", "onnx"), ErrorCode::Parse,
               "a node that the graph does not have");
}

TEST(ReadOnnx, CutOffFileIsRefusedAtEveryLength) {
  const std::string whole = relu_chain().bytes();
  for (std::size_t length = 0; length < whole.size(); ++length) {
    const auto graph = read_onnx(std::as_bytes(std::span(whole).first(length)));
    EXPECT_FALSE(graph) << length << " of " << whole.size() << " bytes";
  }
}

TEST(ReadOnnx, MissingFileIsAnIoErrorWithItsPath) {
  const auto graph = read_onnx(std::filesystem::path("no/such/model.onnx"));
  ASSERT_FALSE(graph);
  EXPECT_EQ(graph.error().code, ErrorCode::Io);
  EXPECT_NE(graph.error().text().find("no/such/model.onnx"), std::string::npos);
}

}  // namespace
}  // namespace sluice::importer
