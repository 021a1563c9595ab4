// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "tests/support/onnx_model.hpp"

namespace sluice::importer::onnx {
namespace {

using test::read_one;

using Floats = std::vector<float>;
using Ints = std::vector<std::int64_t>;

TEST(OnnxUpsample, ScalesAttributeBecomesTheScalesInput) {
  const auto read = read_one(7, "Upsample", 1, {{"scales", Floats{1, 1, 2, 2}}});
  ASSERT_EQ(read.error, "");
  EXPECT_FALSE(read.constant(1));
  EXPECT_EQ(read.constant(2), Tensor::from<float>({4}, {1, 1, 2, 2}));
  const auto& op = read.op<ir::Resize>();
  EXPECT_EQ(op.coordinate_mode, ir::CoordinateMode::Asymmetric);
  EXPECT_EQ(op.nearest_mode, ir::NearestMode::Floor);
}

TEST(OnnxUpsample, ScalesInputMovesBehindRoi) {
  const auto read = read_one(9, "Upsample", 2, {{"mode", "linear"}});
  ASSERT_EQ(read.error, "");
  ASSERT_EQ(read.num_inputs(), 3U);
  EXPECT_EQ(read.node().inputs[1], ir::kNoValue);
  EXPECT_EQ(read.graph[read.node().inputs[2]].name, "x1");
  EXPECT_EQ(read.op<ir::Resize>().mode, ir::ResizeMode::Linear);
}

TEST(OnnxResize, Opset10IsAsymmetricWithScalesOnly) {
  const auto read = read_one(10, "Resize", 2);
  ASSERT_EQ(read.error, "");
  EXPECT_EQ(read.op<ir::Resize>().coordinate_mode, ir::CoordinateMode::Asymmetric);
  EXPECT_EQ(read.num_inputs(), 3U);
  EXPECT_NE(read_one(10, "Resize", 3).error, "");
}

TEST(OnnxResize, TakesEveryAttribute) {
  const auto read = read_one(19, "Resize", 3,
                             {{"mode", "cubic"},
                              {"coordinate_transformation_mode", "half_pixel_symmetric"},
                              {"nearest_mode", "ceil"},
                              {"keep_aspect_ratio_policy", "not_smaller"},
                              {"cubic_coeff_a", -0.5F},
                              {"extrapolation_value", 3.0F},
                              {"exclude_outside", 1},
                              {"antialias", 1},
                              {"axes", Ints{2, 3}}});
  ASSERT_EQ(read.error, "");
  const auto& op = read.op<ir::Resize>();
  EXPECT_EQ(op.mode, ir::ResizeMode::Cubic);
  EXPECT_EQ(op.coordinate_mode, ir::CoordinateMode::HalfPixelSymmetric);
  EXPECT_EQ(op.nearest_mode, ir::NearestMode::Ceil);
  EXPECT_EQ(op.aspect_ratio_policy, ir::AspectRatioPolicy::NotSmaller);
  EXPECT_EQ(op.cubic_coeff_a, -0.5F);
  EXPECT_EQ(op.extrapolation_value, 3.0F);
  EXPECT_TRUE(op.exclude_outside);
  EXPECT_TRUE(op.antialias);
  EXPECT_EQ(op.axes, (Ints{2, 3}));
}

TEST(OnnxResize, EmptyRoiAndScalesAreAbsent) {
  test::OnnxModel model(11);
  model.input("x", {1, 1, 2, 2}).output("y");
  model.initializer("none", {0});
  auto& sizes = model.initializer("sizes", {4}, ::onnx::TensorProto::INT64);
  for (const std::int64_t size : {1, 1, 4, 4}) sizes.add_int64_data(size);
  model.node("Resize", {"x", "none", "none", "sizes"}, {"y"});
  const auto read = test::read_node(model);
  ASSERT_EQ(read.error, "");
  EXPECT_EQ(read.node().inputs[1], ir::kNoValue);
  EXPECT_EQ(read.node().inputs[2], ir::kNoValue);
  EXPECT_NE(read.node().inputs[3], ir::kNoValue);
}

}  // namespace
}  // namespace sluice::importer::onnx
