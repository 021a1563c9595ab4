// SPDX-License-Identifier: Apache-2.0
#include "sluice/exact/golden/layer.hpp"

#include <gmock/gmock.h>

#include "tests/exact/golden/golden_net.hpp"

#include "sluice/numeric/element.hpp"

namespace sluice::exact::golden {
namespace {

using ::testing::ElementsAre;

std::vector<std::string> roles(const Layer& layer) {
  std::vector<std::string> result;
  result.reserve(layer.arrays.size());
  for (const Array& array : layer.arrays) result.push_back(array.role);
  return result;
}

TEST(GoldenLayer, AConvolutionHasAllItsArrays) {
  const ir::Graph graph = conv_net();
  const Collected conv = collect_last(graph, true);
  EXPECT_THAT(roles(conv.layer),
              ElementsAre("input", "weights", "bias", "thresholds", "accumulators", "output"));
  EXPECT_EQ(conv.layer.op, "Conv");
  EXPECT_EQ(conv.layer.arithmetic, numeric::Arithmetic::TfliteDouble);
  ASSERT_TRUE(conv.layer.window);
  EXPECT_THAT(conv.layer.window->pad_end, ElementsAre(1, 1));
  EXPECT_EQ(conv.layer.find("weights")->shape, (Shape{3, 2, 3, 3}));
  EXPECT_EQ(conv.layer.find("thresholds")->shape, (Shape{3, 255}));
  EXPECT_EQ(conv.layer.find("thresholds")->bits, 33);
  EXPECT_EQ(conv.layer.find("accumulators")->dtype, DType::Int32);
  EXPECT_EQ(conv.layer.find("constant"), nullptr);
}

TEST(GoldenLayer, AccumulatorsRequantizedAndCountedAreTheOutput) {
  const Collected conv = collect_last(conv_net(), true);
  const auto sums = numeric::to_integers(conv.contents[4]);
  const auto codes = numeric::to_integers(conv.contents[5]);
  const auto thresholds = numeric::to_integers(conv.contents[3]);
  ASSERT_EQ(sums.size(), 36U);
  for (std::size_t i = 0; i < sums.size(); ++i) {
    const std::size_t channel = i / 12;
    const auto row = std::span(thresholds).subspan(channel * 255, 255);
    EXPECT_EQ(
        numeric::requantize(static_cast<std::int32_t>(sums[i]), conv.layer.requantizers[channel]),
        codes[i]);
    EXPECT_EQ(numeric::count_thresholds(sums[i], row, -128), codes[i]);
  }
}

TEST(GoldenLayer, ALayerWithoutSumsHasItsInputsAndOutputs) {
  test::QuantizedNet net(1);
  const ir::ValueId x = net.input({1, 2, 3, 3});
  const ir::Graph graph =
      net.finish({net.add(ir::Add{}, {x, net.codes({1, 2, 1, 1}, net.grid())}, net.grid())});
  const Collected add = collect_last(graph);
  EXPECT_THAT(roles(add.layer), ElementsAre("input", "constant_1", "output"));
  EXPECT_TRUE(add.layer.requantizers.empty());
  EXPECT_FALSE(add.layer.window);
}

TEST(GoldenLayer, AValueOnTheFilesSideOfATransposeIsAStreamAsItLies) {
  test::QuantizedNet net(1);
  const ir::ValueId x = net.input({1, 4, 5, 2});
  const ir::Graph graph = net.finish({net.add_like(ir::Transpose{{0, 3, 1, 2}}, {x})});
  const Collected transpose = collect_last(graph);
  EXPECT_THAT(transpose.layer.find("input")->stream_axes, ElementsAre(0, 1, 2, 3));
  EXPECT_THAT(transpose.layer.find("output")->stream_axes, ElementsAre(0, 2, 3, 1));
}

TEST(StreamAxes, ChannelsAreInnermost) {
  EXPECT_THAT(stream_axes(4), ElementsAre(0, 2, 3, 1));
  EXPECT_THAT(stream_axes(3), ElementsAre(0, 2, 1));
  EXPECT_THAT(stream_axes(2), ElementsAre(0, 1));
  EXPECT_THAT(stream_axes(0), ElementsAre());
}

TEST(StreamAxes, WeightsAreInTheOrderTheirConvolutionReadsThem) {
  const Shape conv{8, 4, 3, 3};
  EXPECT_THAT(stream_axes_of_weights(ir::Conv{}, conv), ElementsAre(0, 2, 3, 1));
  EXPECT_THAT(stream_axes_of_weights(ir::Conv{.group = 2}, conv), ElementsAre(0, 2, 3, 1));
  const Shape depthwise{8, 1, 3, 3};
  EXPECT_THAT(stream_axes_of_weights(ir::Conv{.group = 8}, depthwise), ElementsAre(2, 3, 1, 0));
  EXPECT_THAT(stream_axes_of_weights(ir::ConvTranspose{}, conv), ElementsAre(1, 2, 3, 0));
  const Shape matrix{8, 4};
  EXPECT_THAT(stream_axes_of_weights(ir::Gemm{.trans_b = true}, matrix), ElementsAre(0, 1));
  EXPECT_THAT(stream_axes_of_weights(ir::Gemm{}, matrix), ElementsAre(1, 0));
  EXPECT_THAT(stream_axes_of_weights(ir::MatMul{}, matrix), ElementsAre(1, 0));
}

}  // namespace
}  // namespace sluice::exact::golden
