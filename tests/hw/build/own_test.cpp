// SPDX-License-Identifier: Apache-2.0
#include "tests/hw/build/built_text.hpp"

#include "sluice/hw/build/built.hpp"

namespace sluice::hw {
namespace {

TEST(BuildOwn, NamesLayersAndTensorsAsTheNetworkDoes) {
  const Graph graph = built("input %x: float32[1x1x2x2]\n" + filled("w", {1, 1, 1, 1}) +
                            filled("b", {1}) + "%y = Conv(%x, %w, %b) \"my/conv\"\noutput %y");
  EXPECT_EQ(graph[0].name, "my/conv");
  EXPECT_EQ(graph[0].source.node, "my/conv");
  EXPECT_EQ(graph[0].source.weights, "w");
  EXPECT_EQ(graph[0].source.bias, "b");
  EXPECT_EQ(graph[0].source.outputs, std::vector<std::string>{"y"});
}

TEST(BuildOwn, LeavesTheEndToTheHostOnlyWhereNothingComesBehind) {
  const std::string softmax = "input %x: float32[1x4]\n%a = Relu(%x)\n%b = Softmax(%a)\n";
  EXPECT_EQ(refusal(softmax + "output %b"), "");
  EXPECT_EQ(refusal(softmax + "%c = Relu(%b)\noutput %c"),
            "it is not at the network's end, and the host does it");
}

TEST(BuildOwn, LetsTheHostMoveWordsBeforeTheHardware) {
  const Graph graph = built(R"(input %x: float32[1x4x4x3]
    %a = Transpose(%x) {permutation=[0, 3, 1, 2]}
    %b = SpaceToDepth(%a) {block_size=2} "moved"
    %c = Relu(%b) "relu"
    output %c)");
  EXPECT_EQ(graph.size(), 1U);
  EXPECT_EQ(graph[0].layer.map, (FeatureMap{2, 2, 1, 12}));
}

TEST(BuildOwn, LooksOnBehindWhatIsRefused) {
  const auto refused = unmappable(network_of(R"(input %x: float32[1x4x4x4]
    %a = Erf(%x) "a"
    %b = Relu(%a) "b"
    %c = Erf(%b) "c"
    output %c)"),
                                  {});
  ASSERT_EQ(refused.size(), 2U);
  EXPECT_EQ(refused[1].node, "c");
}

TEST(BuildOwn, TakesCodesBitsForWords) {
  const Layer layer = built_layer(R"(
    input %x: int8[1x4x4x4] quantized {scales=[0.5], zero_points=[0]}
    %y: int8[1x4x4x4] quantized {scales=[0.5], zero_points=[0]} = Relu(%x)
    output %y)");
  EXPECT_EQ(layer.data, (FixedPoint{8, 0}));
}

TEST(BuildOwn, ConstantsAreNoLayers) {
  const Graph graph = built("input %x: float32[1x4]\n" + filled("c", {4}) + R"(
    %d = Neg(%c)
    %y = Add(%x, %d) "add"
    output %y)");
  EXPECT_EQ(graph.size(), 1U);
  EXPECT_NE(graph[0].layer.as<ChannelAffine>(), nullptr);
}

TEST(BuildOwn, HasWordsOfThreeDimensions) {
  const Layer layer = built_layer("input %x: float32[1x2x3x4x5]\n%y = Relu(%x)\noutput %y");
  EXPECT_TRUE(layer.is_3d);
  EXPECT_EQ(layer.map, (FeatureMap{4, 5, 3, 2}));
}

}  // namespace
}  // namespace sluice::hw
