// SPDX-License-Identifier: Apache-2.0
#include "sluice/zoo/resnet.hpp"

#include "tests/zoo/run_network.hpp"

namespace sluice::zoo {
namespace {

const ir::Node* node_of(const Network& network, std::string_view name) {
  const auto node = std::ranges::find(network.graph.nodes, name, &ir::Node::name);
  return node == network.graph.nodes.end() ? nullptr : &*node;
}

TEST(ResNet, BottlenecksHaveTheirStrideAtTheWideKernel) {
  const Network network = built("resnet50", {.random_weights = false});
  const ir::Node* one = node_of(network, "layer2.0.conv1");
  const ir::Node* three = node_of(network, "layer2.0.conv2");
  ASSERT_NE(one, nullptr);
  ASSERT_NE(three, nullptr);
  EXPECT_EQ(std::get<ir::Conv>(one->op).window.strides, (ir::Dims{1, 1}));
  EXPECT_EQ(std::get<ir::Conv>(three->op).window.strides, (ir::Dims{2, 2}));
}

TEST(ResNet, ShortcutsHaveWeightsOnlyWhereShapesChange) {
  const Network plain = built("resnet18", {.random_weights = false});
  EXPECT_EQ(find_parameter(plain, "layer1.0.downsample.0.weight"), nullptr);
  EXPECT_NE(find_parameter(plain, "layer2.0.downsample.0.weight"), nullptr);
  EXPECT_EQ(find_parameter(plain, "layer2.1.downsample.0.weight"), nullptr);
  const Network deep = built("resnet50", {.random_weights = false});
  EXPECT_NE(find_parameter(deep, "layer1.0.downsample.0.weight"), nullptr);
}

TEST(ResNet, TheCifarShortcutIsTheStridedInputBetweenZeros) {
  Network network = built("resnet20");
  const Tensor image = test::random_tensor({1, 3, 32, 32}, 1, -2, 2);
  const Tensor x = value_of(network, "layer1.2.relu", image);
  const Tensor y = value_of(network, "layer2.0.shortcut", image);
  ASSERT_EQ(x.shape(), (Shape{1, 16, 32, 32}));
  ASSERT_EQ(y.shape(), (Shape{1, 32, 16, 16}));
  for (std::size_t c = 0; c < 32; ++c) {
    for (std::size_t i = 0; i < 256; ++i) {
      const bool zero = c < 8 || c >= 24;
      const float expected =
          zero ? 0.0F : x.data<float>()[(c - 8) * 1024 + (i / 16) * 64 + (i % 16) * 2];
      ASSERT_EQ(y.data<float>()[c * 256 + i], expected);
    }
  }
}

TEST(ResNet, CifarNetworksHaveSixLayersABlockAndTwo) {
  for (const auto& [name, layers] :
       std::vector<std::pair<const char*, int>>{{"resnet20", 20}, {"resnet56", 56}}) {
    const Network network = built(name, {.random_weights = false});
    const auto linear = std::ranges::count_if(
        network.graph.nodes, [](const ir::Node& node) { return ir::is_linear(node.op); });
    EXPECT_EQ(linear, layers);
  }
}

}  // namespace
}  // namespace sluice::zoo
