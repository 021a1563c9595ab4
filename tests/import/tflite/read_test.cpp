// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "tests/support/tflite_graph.hpp"
#include "tests/support/tflite_model.hpp"

namespace sluice::importer {
namespace {

using test::Builtin;
using test::op_names;
using test::TfliteModel;
namespace fb = tflite::fb;

// A 3×3 convolution over 1×5×5×2 with a fused ReLU.
TfliteModel conv_model(const TfliteModel::Ints& signature = {}) {
  TfliteModel model;
  const auto x = model.input("image", {1, 5, 5, 2}, fb::TensorType::FLOAT32, signature);
  const auto w = model.floats("weights", {4, 3, 3, 2}, std::vector<float>(72, 0.5F));
  const auto b = model.floats("bias", {4}, {1, 2, 3, 4});
  const auto y = model.output("features", {1, 5, 5, 4});
  model.op(Builtin::CONV_2D, {x, w, b}, {y},
           fb::CreateConv2DOptions(model.fbb(), fb::Padding::SAME, 1, 1,
                                   fb::ActivationFunctionType::RELU));
  return model;
}

TEST(ReadTflite, InputsAndOutputsKeepTheFilesNamesAndOrder) {
  const auto graph = conv_model().read();
  ASSERT_TRUE(graph) << graph.error().text();
  EXPECT_EQ(op_names(*graph), "Transpose Conv Relu Transpose");
  ASSERT_EQ(graph->inputs.size(), 1U);
  EXPECT_EQ((*graph)[graph->inputs[0].value].name, "image");
  EXPECT_EQ(graph->inputs[0].declared_shape, (Shape{1, 5, 5, 2}));
  EXPECT_EQ((*graph)[graph->outputs.at(0)].name, "features");
}

TEST(ReadTflite, OpenBatchComesFromTheSignature) {
  const auto graph = conv_model({-1, 5, 5, 2}).read();
  ASSERT_TRUE(graph) << graph.error().text();
  EXPECT_EQ(graph->inputs[0].declared_shape, (Shape{ir::kOpenDim, 5, 5, 2}));
}

TEST(ReadTflite, NoTransposeBetweenTwoImageOperators) {
  TfliteModel model;
  const auto x = model.input("x", {1, 4, 4, 2});
  const auto a = model.tensor("a", {1, 2, 2, 2});
  const auto b = model.tensor("b", {1, 2, 2, 2});
  const auto y = model.output("y", {1, 1, 1, 2});
  const auto pool = [&] {
    return fb::CreatePool2DOptions(model.fbb(), fb::Padding::VALID, 2, 2, 2, 2);
  };
  model.op(Builtin::MAX_POOL_2D, {x}, {a}, pool());
  model.op(Builtin::ADD, {a, a}, {b});
  model.op(Builtin::AVERAGE_POOL_2D, {b}, {y}, pool());
  const auto graph = model.read();
  ASSERT_TRUE(graph) << graph.error().text();
  EXPECT_EQ(op_names(*graph), "Transpose MaxPool Add AveragePool Transpose");
}

TEST(ReadTflite, TransposesOfTheFileAndOursCancel) {
  // An image that comes channels-first, is turned for TFLite, and would be turned back for us.
  TfliteModel model;
  const auto x = model.input("x", {1, 2, 4, 4});
  const auto turned = model.tensor("turned", {1, 4, 4, 2});
  const auto pooled = model.tensor("pooled", {1, 2, 2, 2});
  const auto y = model.output("y", {1, 2, 2, 2});
  model.op(Builtin::TRANSPOSE, {x, model.ints("order", {0, 2, 3, 1})}, {turned});
  model.op(Builtin::MAX_POOL_2D, {turned}, {pooled},
           fb::CreatePool2DOptions(model.fbb(), fb::Padding::VALID, 2, 2, 2, 2));
  model.op(Builtin::TRANSPOSE, {pooled, model.ints("back", {0, 3, 1, 2})}, {y});
  const auto graph = model.read();
  ASSERT_TRUE(graph) << graph.error().text();
  EXPECT_EQ(op_names(*graph), "MaxPool");
}

TEST(ReadTflite, UnsupportedOperatorIsNamedWithItsPlaceAndRemedy) {
  TfliteModel model;
  const auto x = model.input("x", {3});
  const auto y = model.output("sorted", {3});
  model.op(Builtin::TOPK_V2, {x}, {y});
  const auto graph = model.read();
  ASSERT_FALSE(graph);
  EXPECT_EQ(graph.error().code, ErrorCode::Unsupported);
  EXPECT_EQ(graph.error().text(),
            "operator 0 (TOPK_V2) \"sorted\": is not supported; replace it in the network, or cut "
            "the model before it");
}

TEST(ReadTflite, OperatorNewerThanTheSchemaIsRefusedByItsNumber) {
  TfliteModel model;
  const auto x = model.input("x", {3});
  model.op(static_cast<Builtin>(4321), {x}, {model.output("y", {3})});
  const auto graph = model.read();
  ASSERT_FALSE(graph);
  EXPECT_EQ(graph.error().where, "operator 0 (builtin 4321) \"y\"");
}

TEST(ReadTflite, OperatorThatReadsWhatALaterOneMakesIsRefused) {
  TfliteModel model;
  model.input("x", {3});
  const auto a = model.tensor("a", {3});
  const auto b = model.output("b", {3});
  model.op(Builtin::RELU, {b}, {a});
  model.op(Builtin::RELU, {a}, {b});
  const auto graph = model.read();
  ASSERT_FALSE(graph);
  EXPECT_EQ(graph.error().code, ErrorCode::Verify);
  EXPECT_NE(graph.error().message.find("form a cycle"), std::string::npos);
}

TEST(ReadTflite, TensorMadeTwiceIsRefused) {
  TfliteModel model;
  const auto x = model.input("x", {3});
  const auto y = model.output("y", {3});
  model.op(Builtin::RELU, {x}, {y});
  model.op(Builtin::NEG, {x}, {y});
  const auto graph = model.read();
  ASSERT_FALSE(graph);
  EXPECT_EQ(graph.error().where, "operator 1 (NEG) \"y\": tensor 1 \"y\"");
}

TEST(ReadTflite, TensorIndexOutOfRangeIsRefused) {
  for (const std::int32_t index : {-2, 99, 2147483647}) {
    TfliteModel model;
    model.input("x", {3});
    model.op(Builtin::RELU, {index}, {model.output("y", {3})});
    const auto graph = model.read();
    ASSERT_FALSE(graph) << index;
    EXPECT_EQ(graph.error().code, ErrorCode::Parse) << index;
  }
}

TEST(ReadTflite, NumberOfInputsMustBeTheOperators) {
  TfliteModel model;
  const auto x = model.input("x", {3});
  model.op(Builtin::RELU, {x, x}, {model.output("y", {3})});
  const auto graph = model.read();
  ASSERT_FALSE(graph);
  EXPECT_EQ(graph.error().message, "has 2 inputs, the operator takes 1");
}

TEST(ReadTflite, ModelWithoutOutputsIsRefused) {
  TfliteModel model;
  model.input("x", {3});
  const auto graph = model.read();
  ASSERT_FALSE(graph);
  EXPECT_EQ(graph.error().code, ErrorCode::Verify);
}

TEST(ReadTflite, WeightsNamedAThousandTimesDoNotGrowBeyondTheFile) {
  // 1,000 convolutions whose weights are different tensors on one buffer of 256 KiB: their copies
  // in another order would be 256 MiB, from a file of less than 1 MiB.
  TfliteModel model;
  const auto x = model.input("x", {1, 1, 1, 256});
  const auto first = model.floats("w", {256, 1, 1, 256}, std::vector<float>(65536, 1));
  for (int i = 0; i < 1000; ++i) {
    const auto weights = model.same_content(first, "w" + std::to_string(i), {256, 1, 1, 256});
    model.op(Builtin::CONV_2D, {x, weights}, {model.output("y", {1, 1, 1, 256})},
             fb::CreateConv2DOptions(model.fbb(), fb::Padding::VALID, 1, 1));
  }
  const auto graph = model.read();
  ASSERT_FALSE(graph);
  EXPECT_EQ(graph.error().code, ErrorCode::Unsupported);
}

TEST(ReadTflite, MissingFileIsAnIoErrorWithItsPath) {
  const auto graph = read_tflite(std::filesystem::path("no/such.tflite"));
  ASSERT_FALSE(graph);
  EXPECT_EQ(graph.error().code, ErrorCode::Io);
  EXPECT_EQ(graph.error().where, "no/such.tflite");
}

}  // namespace
}  // namespace sluice::importer
