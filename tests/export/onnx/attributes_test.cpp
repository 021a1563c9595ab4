// SPDX-License-Identifier: Apache-2.0
#include "sluice/export/onnx/attributes.hpp"

#include <gtest/gtest.h>
#include <map>

namespace sluice::exporter::onnx {
namespace {

std::map<std::string, ::onnx::AttributeProto> attributes_of(const ir::Op& op) {
  ::onnx::NodeProto node;
  set_attributes(op, node);
  std::map<std::string, ::onnx::AttributeProto> attributes;
  for (const auto& attribute : node.attribute()) attributes.emplace(attribute.name(), attribute);
  EXPECT_EQ(static_cast<int>(attributes.size()), node.attribute_size());
  return attributes;
}

TEST(OnnxAttributes, DefaultsAreLeftOut) {
  EXPECT_TRUE(attributes_of(ir::Conv{}).empty());
  EXPECT_TRUE(attributes_of(ir::Resize{}).empty());
  EXPECT_TRUE(attributes_of(ir::Softmax{.flatten = true}).empty());
}

TEST(OnnxAttributes, RequiredOnesAreNot) {
  EXPECT_EQ(attributes_of(ir::Concat{}).at("axis").i(), 0);
  EXPECT_EQ(attributes_of(ir::Cast{}).at("to").i(), 1);
  EXPECT_EQ(attributes_of(ir::DepthToSpace{}).at("blocksize").i(), 1);
}

TEST(OnnxAttributes, FieldsHaveOnnxsNames) {
  const auto conv = attributes_of(ir::Conv{.window = {.kernel = {3, 2}}, .group = 4});
  EXPECT_EQ(conv.size(), 2U);
  EXPECT_EQ(conv.at("kernel_shape").ints(1), 2);
  EXPECT_EQ(conv.at("group").i(), 4);
  const auto gemm = attributes_of(ir::Gemm{.alpha = 0.5F, .trans_b = true});
  EXPECT_EQ(gemm.size(), 2U);
  EXPECT_EQ(gemm.at("alpha").f(), 0.5F);
  EXPECT_EQ(gemm.at("transB").i(), 1);
}

TEST(OnnxAttributes, ChoicesAreWords) {
  EXPECT_EQ(
      attributes_of(ir::Conv{.window = {.auto_pad = ir::AutoPad::SameUpper}}).at("auto_pad").s(),
      "SAME_UPPER");
  EXPECT_EQ(attributes_of(ir::Pad{ir::PadMode::Reflect}).at("mode").s(), "reflect");
  const auto resize =
      attributes_of(ir::Resize{.coordinate_mode = ir::CoordinateMode::TfCropAndResize,
                               .aspect_ratio_policy = ir::AspectRatioPolicy::NotLarger});
  EXPECT_EQ(resize.at("coordinate_transformation_mode").s(), "tf_crop_and_resize");
  EXPECT_EQ(resize.at("keep_aspect_ratio_policy").s(), "not_larger");
  EXPECT_EQ(attributes_of(ir::Gelu{true}).at("approximate").s(), "tanh");
  EXPECT_EQ(attributes_of(ir::DepthToSpace{2, true}).at("mode").s(), "CRD");
}

TEST(OnnxAttributes, ContentOfConstantOfShapeIsAList) {
  const auto value =
      attributes_of(ir::ConstantOfShape{Tensor::scalar(std::int32_t{7})}).at("value");
  ASSERT_EQ(value.t().dims_size(), 1);
  EXPECT_EQ(value.t().dims(0), 1);
  EXPECT_EQ(value.t().raw_data(), std::string("\x07\0\0\0", 4));
}

}  // namespace
}  // namespace sluice::exporter::onnx
