// SPDX-License-Identifier: Apache-2.0
#include "sluice/hw/build/convolutions.hpp"

#include "tests/hw/build/built_text.hpp"

namespace sluice::hw {
namespace {

const std::string kConv = "input %x: float32[1x2x9x8]\n" + filled("w", {4, 1, 3, 2}) +
                          R"(%y = Conv(%x, %w) {window={strides=[2, 1], dilations=[1, 2],
                               pads=[1, 0, 2, 3]}, group=2} "conv"
                             output %y)";

Convolution conv_of(const std::string& lines, const NodeHints* hints = nullptr) {
  const ir::Graph network = network_of(lines);
  auto made = convolution_of(network, network.nodes[0], hints);
  EXPECT_TRUE(std::holds_alternative<Convolution>(made));
  return std::get<Convolution>(made);
}

TEST(ConvolutionOf, HasTheWindow) {
  const Convolution conv = conv_of(kConv);
  EXPECT_EQ(conv.filters, 4);
  EXPECT_EQ(conv.groups, 2);
  EXPECT_EQ(conv.kernel, (Extent{3, 2, 1}));
  EXPECT_EQ(conv.step, (Extent{2, 1, 1}));
  EXPECT_EQ(conv.dilation, (Extent{1, 2, 1}));
  EXPECT_EQ(conv.padding.top, 1);
  EXPECT_EQ(conv.padding.bottom, 2);
  EXPECT_EQ(conv.padding.left, 0);
  EXPECT_EQ(conv.padding.right, 3);
}

TEST(ConvolutionOf, HasDepthFirstInThreeDimensions) {
  const Extent extent = extent_of({5, 3, 2});
  EXPECT_EQ(extent, (Extent{3, 2, 5}));
  const Padding padding = padding_of({1, 2, 3}, {4, 5, 6});
  EXPECT_EQ(padding.front, 1);
  EXPECT_EQ(padding.back, 4);
  EXPECT_EQ(padding.top, 2);
  EXPECT_EQ(padding.right, 6);
}

TEST(ConvolutionOf, IsSparseWhereTheFileSaysThatATenthIsZero) {
  NodeHints hints;
  hints.channel_sparsity = {0, 0, 0, 0, 0, 0, 1, 1, 0, 0, 0, 0, 0, 0};
  EXPECT_NE(conv_of(kConv, &hints).sparsity, nullptr);
  hints.channel_sparsity = {1, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0};
  EXPECT_EQ(conv_of(kConv, &hints).sparsity, nullptr);
}

TEST(ConvolutionOf, RefusesSharesThatAreNotOneACountAndChannel) {
  NodeHints hints;
  hints.channel_sparsity = {1, 0};
  const ir::Graph network = network_of(kConv);
  const auto made = convolution_of(network, network.nodes[0], &hints);
  ASSERT_TRUE(std::holds_alternative<Refused>(made));
  EXPECT_EQ(std::get<Refused>(made).why,
            "its channel_sparsity_hist has 2 shares, 2 channels of 6 words need 14");
}

}  // namespace
}  // namespace sluice::hw
