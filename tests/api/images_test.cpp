// SPDX-License-Identifier: Apache-2.0
#include "sluice/api/images.hpp"

#include <gtest/gtest.h>

#include "tests/support/quantized_net.hpp"

namespace sluice::api {
namespace {

// x [1, 3, 4, 4] → Relu on codes.
ir::Graph relu_net(const numeric::Quantization& of_x) {
  test::QuantizedNet net(1);
  const ir::ValueId x = net.input({1, 3, 4, 4}, of_x);
  return net.finish({net.add_like(ir::Relu{}, {x})});
}

data::Preprocess raw() {
  data::Preprocess preprocess;
  preprocess.divisor = 1;
  preprocess.mean.fill(0);
  preprocess.std.fill(1);
  return preprocess;
}

TEST(TakeImages, RawPixelsAreTheCodesLess128ForInt8) {
  ir::Graph graph = relu_net({DType::Int8, {0.25F}, {-5}});
  data::Preprocess preprocess = raw();
  ASSERT_TRUE(take_images(graph, preprocess));
  EXPECT_EQ(graph.inputs[0].dtype, DType::Float32);
  // (pixel − mean)/std is the number whose code is pixel − 128.
  EXPECT_EQ(preprocess.mean[1], 123);
  EXPECT_EQ(preprocess.std[2], 4);
}

TEST(TakeImages, OfUint8ThePixelsThemselves) {
  ir::Graph graph = relu_net({DType::UInt8, {0.5F}, {7}});
  data::Preprocess preprocess = raw();
  ASSERT_TRUE(take_images(graph, preprocess));
  EXPECT_EQ(preprocess.mean[0], 7);
}

TEST(TakeImages, OtherPreprocessingIsKept) {
  ir::Graph graph = relu_net({DType::UInt8, {0.5F}, {7}});
  data::Preprocess preprocess = raw();
  preprocess.divisor = 255;
  ASSERT_TRUE(take_images(graph, preprocess));
  EXPECT_EQ(preprocess.mean[0], 0);
  EXPECT_EQ(preprocess.std[0], 1);
}

}  // namespace
}  // namespace sluice::api
