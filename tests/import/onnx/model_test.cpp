// SPDX-License-Identifier: Apache-2.0
#include "sluice/import/onnx/model.hpp"

#include <gtest/gtest.h>

#include "tests/support/onnx_model.hpp"

#include "sluice/import/onnx/proto.hpp"

namespace sluice::importer::onnx {
namespace {

Result<Model> take(test::OnnxModel model) {
  ExternalFiles files(std::nullopt);
  return take_model(model.proto(), files);
}

void expect_unsupported(const test::OnnxModel& model, const std::string& text) {
  const auto taken = take(model);
  ASSERT_FALSE(taken);
  EXPECT_EQ(taken.error().code, ErrorCode::Unsupported);
  EXPECT_NE(taken.error().text().find(text), std::string::npos) << taken.error().text();
}

TEST(OnnxModelContent, PlaceNamesTheNodeOrItsFirstOutput) {
  EXPECT_EQ(place_of({"conv1", "Conv", "", {}, {"y"}, {}}), "node \"conv1\" (Conv)");
  EXPECT_EQ(place_of({"", "Conv", "", {}, {"y"}, {}}), "node \"y\" (Conv)");
  EXPECT_EQ(place_of({"a\nb", "C\x1b", "", {}, {}, {}}), "node \"a\\x0ab\" (C\\x1b)");
}

TEST(OnnxModelContent, OnnxDomainHasTwoNames) {
  test::OnnxModel model = test::one_node(11, "Relu", 1);
  model.proto().mutable_opset_import(0)->set_domain("ai.onnx");
  model.graph().mutable_node(0)->set_domain("ai.onnx");
  const auto taken = take(model);
  ASSERT_TRUE(taken) << taken.error().text();
  EXPECT_EQ(taken->opset, 11);
  EXPECT_EQ(taken->nodes[0].domain, "");
}

TEST(OnnxModelContent, OtherDomainsAloneAreRefused) {
  test::OnnxModel model = test::one_node(1, "Binarizer", 1);
  model.proto().mutable_opset_import(0)->set_domain("ai.onnx.ml");
  expect_unsupported(model, "ai.onnx.ml");
}

TEST(OnnxModelContent, NoOperatorSetIsAParseError) {
  test::OnnxModel model = test::one_node(1, "Relu", 1);
  model.proto().clear_opset_import();
  EXPECT_EQ(take(model).error().code, ErrorCode::Parse);
}

TEST(OnnxModelContent, SparseInitializersAreRefused) {
  test::OnnxModel model = test::one_node(11, "Relu", 1);
  model.graph().add_sparse_initializer();
  expect_unsupported(model, "sparse initializers");
}

TEST(OnnxModelContent, InputsWithoutAShapeAreRefusedByName) {
  test::OnnxModel model = test::one_node(11, "Relu", 1);
  model.graph().mutable_input(0)->mutable_type()->mutable_tensor_type()->clear_shape();
  expect_unsupported(model, "input \"x0\": declares no shape");
}

TEST(OnnxModelContent, DimensionsWithoutASizeAreOpen) {
  test::OnnxModel model = test::one_node(11, "Relu", 1);
  auto& shape =
      *model.graph().mutable_input(0)->mutable_type()->mutable_tensor_type()->mutable_shape();
  shape.mutable_dim(0)->set_dim_param("N");
  shape.mutable_dim(1)->set_dim_value(0);
  shape.mutable_dim(2)->set_dim_value(-1);
  shape.mutable_dim(3)->clear_value();
  EXPECT_EQ(take(model)->inputs[0].shape, Shape(4, ir::kOpenDim));
}

TEST(OnnxModelContent, NegativeDimensionsAreRefused) {
  test::OnnxModel model = test::one_node(11, "Relu", 1);
  auto& type = *model.graph().mutable_input(0)->mutable_type()->mutable_tensor_type();
  type.mutable_shape()->mutable_dim(0)->set_dim_value(-2);
  EXPECT_EQ(take(model).error().code, ErrorCode::Parse);
}

TEST(OnnxModelContent, AttributesWithoutATypeAreReadByTheFilledField) {
  test::OnnxModel model = test::one_node(11, "Elu", 1, {{"alpha", 0.5F}});
  model.graph().mutable_node(0)->mutable_attribute(0)->clear_type();
  const auto taken = take(model);
  ASSERT_TRUE(taken);
  EXPECT_EQ(std::get<float>(taken->nodes[0].attributes[0].content), 0.5F);
}

TEST(OnnxModelContent, BrokenTensorAttributeIsReportedWithItsNode) {
  ::onnx::TensorProto tensor;
  tensor.set_data_type(::onnx::TensorProto::FLOAT);
  tensor.add_dims(3);
  const auto taken = take(test::one_node(11, "Constant", 0, {{"value", tensor}}));
  ASSERT_FALSE(taken);
  EXPECT_EQ(taken.error().where, "node \"Constant1\" (Constant): attribute \"value\"");
}

}  // namespace
}  // namespace sluice::importer::onnx
