// SPDX-License-Identifier: Apache-2.0
#include "tests/support/tflite_one_op.hpp"

namespace sluice::importer::tflite {
namespace {

using test::Builtin;
using test::message;
using test::read_one_op;
using test::TfliteModel;
using Ints = TfliteModel::Ints;

std::vector<float> counted(std::size_t count) {
  std::vector<float> values(count);
  for (std::size_t i = 0; i < count; ++i) values[i] = static_cast<float>(i);
  return values;
}

Result<ir::Graph> conv(const Ints& image, const Ints& weights, std::int32_t stride_w = 1,
                       std::int32_t stride_h = 1) {
  return read_one_op(image, [&](TfliteModel& m, int x) {
    std::size_t count = 1;
    for (const std::int32_t size : weights) count *= static_cast<std::size_t>(size);
    const auto w = m.floats("w", weights, counted(count));
    m.op(Builtin::CONV_2D, {x, w, -1}, {m.output("y", {1, 1, 1, 1})},
         fb::CreateConv2DOptions(m.fbb(), fb::Padding::SAME, stride_w, stride_h,
                                 fb::ActivationFunctionType::NONE, 3, 2));
  });
}

TEST(TfliteConv, OptionsBecomeTheWindow) {
  const auto graph = conv({1, 5, 5, 1}, {1, 3, 3, 1}, 4, 5);
  ASSERT_TRUE(graph) << graph.error().text();
  const auto& op = test::op_of<ir::Conv>(*graph);
  EXPECT_EQ(op.window.strides, (ir::Dims{5, 4}));
  EXPECT_EQ(op.window.dilations, (ir::Dims{2, 3}));
  EXPECT_EQ(op.window.auto_pad, ir::AutoPad::SameUpper);
  EXPECT_EQ(op.group, 1);
}

TEST(TfliteConv, WeightsAreHeldChannelsFirst) {
  const auto graph = conv({1, 5, 5, 3}, {2, 1, 2, 3});
  ASSERT_TRUE(graph) << graph.error().text();
  EXPECT_EQ(test::constant_input(*graph, test::node_of<ir::Conv>(*graph), 1),
            Tensor::from<float>({2, 3, 1, 2}, {0, 3, 1, 4, 2, 5, 6, 9, 7, 10, 8, 11}));
}

TEST(TfliteConv, WeightsForPartOfTheChannelsMakeGroups) {
  const auto graph = conv({1, 5, 5, 6}, {4, 1, 1, 2});
  ASSERT_TRUE(graph) << graph.error().text();
  EXPECT_EQ(test::op_of<ir::Conv>(*graph).group, 3);
}

TEST(TfliteConv, WeightsThatDoNotDivideTheChannelsAreRefused) {
  EXPECT_EQ(message(conv({1, 5, 5, 6}, {4, 1, 1, 4})),
            "has weights for 4 channels, the input has 6");
}

TEST(TfliteConv, StrideOfZeroIsRefused) {
  EXPECT_EQ(message(conv({1, 5, 5, 1}, {1, 1, 1, 1}, 0, 1)),
            "has strides 1x0, they must be positive");
}

TEST(TfliteConv, InputOfAnotherRankIsRefused) {
  EXPECT_EQ(message(conv({5, 5, 1}, {1, 1, 1, 1})),
            "input 0 \"x\" has 3 dimensions, the operator takes 4");
}

TEST(TfliteConv, PaddingThatDoesNotExistIsRefused) {
  const auto graph = read_one_op({1, 4, 4, 1}, [](TfliteModel& m, int x) {
    m.op(Builtin::CONV_2D, {x, m.floats("w", {1, 1, 1, 1}, {1})}, {m.output("y", {1, 4, 4, 1})},
         fb::CreateConv2DOptions(m.fbb(), static_cast<fb::Padding>(9), 1, 1));
  });
  EXPECT_EQ(message(graph), "has padding 9, which is neither SAME nor VALID");
}

TEST(TfliteConv, DepthwiseHasAGroupAChannel) {
  const auto graph = read_one_op({1, 4, 4, 2}, [](TfliteModel& m, int x) {
    m.op(Builtin::DEPTHWISE_CONV_2D, {x, m.floats("w", {1, 1, 2, 4}, counted(8))},
         {m.output("y", {1, 4, 3, 4})},
         fb::CreateDepthwiseConv2DOptions(m.fbb(), fb::Padding::VALID, 1, 1, 2));
  });
  ASSERT_TRUE(graph) << graph.error().text();
  EXPECT_EQ(test::op_of<ir::Conv>(*graph).group, 2);
  EXPECT_EQ(test::op_of<ir::Conv>(*graph).window.auto_pad, ir::AutoPad::Valid);
  EXPECT_EQ(test::constant_input(*graph, test::node_of<ir::Conv>(*graph), 1),
            Tensor::from<float>({4, 1, 1, 2}, {0, 4, 1, 5, 2, 6, 3, 7}));
}

Result<ir::Graph> transposed_conv(fb::Padding padding, const Ints& output, std::int32_t kernel) {
  return read_one_op({1, 4, 4, 1}, [&](TfliteModel& m, int x) {
    const auto count = static_cast<std::size_t>(kernel) * static_cast<std::size_t>(kernel);
    const auto w = m.floats("w", {1, kernel, kernel, 1}, std::vector<float>(count, 1));
    m.op(Builtin::TRANSPOSE_CONV, {m.ints("shape", output), w, x}, {m.output("y", {1, 8, 8, 1})},
         fb::CreateTransposeConvOptions(m.fbb(), padding, 2, 2));
  });
}

TEST(TfliteConv, TransposedSamePadsAsTheConvolutionBackWould) {
  const auto graph = transposed_conv(fb::Padding::SAME, {1, 8, 8, 1}, 3);
  ASSERT_TRUE(graph) << graph.error().text();
  const auto& op = test::op_of<ir::ConvTranspose>(*graph);
  EXPECT_EQ(op.window.pads, (ir::Dims{0, 0, 1, 1}));  // 9 positions cut to 8, at the end
  EXPECT_EQ(op.output_padding, (ir::Dims{0, 0}));
}

TEST(TfliteConv, TransposedOutputBeyondTheLastWindowIsAdded) {
  const auto graph = transposed_conv(fb::Padding::VALID, {1, 10, 9, 1}, 3);
  ASSERT_TRUE(graph) << graph.error().text();
  const auto& op = test::op_of<ir::ConvTranspose>(*graph);
  EXPECT_EQ(op.window.pads, (ir::Dims{0, 0, 0, 0}));
  EXPECT_EQ(op.output_padding, (ir::Dims{1, 0}));
}

TEST(TfliteConv, TransposedToNothingIsRefused) {
  EXPECT_FALSE(transposed_conv(fb::Padding::SAME, {1, 0, -8, 1}, 3));
}

}  // namespace
}  // namespace sluice::importer::tflite
