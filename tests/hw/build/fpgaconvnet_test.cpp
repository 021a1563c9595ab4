// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>

#include "tests/hw/build/built_text.hpp"

#include "sluice/hw/build/built.hpp"

namespace sluice::hw {
namespace {

using ::testing::ElementsAre;

std::vector<std::string> names(const Graph& graph) {
  std::vector<std::string> result;
  for (const Node& node : graph.nodes()) result.push_back(node.name);
  return result;
}

TEST(FpgaConvNetParser, CountsNodesThatBecomeNoLayer) {
  const Graph graph = built("input %x: float32[1x2x4x4]\n" + filled("w", {32, 3}) + R"(
    %a = Relu(%x)
    %f = Flatten(%a)
    %g = MatMul(%f, %w)
    %s = Softmax(%g)
    output %s)",
                            kFpgaConvNet);
  EXPECT_THAT(names(graph), ElementsAre("Relu_0", "Gemm_2"));
  EXPECT_EQ(graph[1].source.bias, "w_bias");
  EXPECT_EQ(edges(graph), "Relu_0 -> Gemm_2");
}

TEST(FpgaConvNetParser, SortsByLevelAndSplitsByName) {
  const Graph graph = built(R"(input %x: float32[1x2x4x4]
    %a = Relu(%x)
    %b = Relu(%a)
    %c = Relu(%b)
    %d = Sigmoid(%a)
    %e = Add(%c, %d)
    output %e)",
                            kFpgaConvNet);
  EXPECT_THAT(names(graph),
              ElementsAre("Relu_0", "Relu_1", "Sigmoid_3", "Relu_2", "Add_4", "Relu_0_split"));
  EXPECT_EQ(edges(graph),
            "Relu_0 -> Relu_0_split, Relu_1 -> Relu_2, Sigmoid_3 -> Add_4, Relu_2 -> Add_4, "
            "Relu_0_split -> Relu_1, Relu_0_split -> Sigmoid_3");
}

TEST(FpgaConvNetParser, PutsAReshapeBehindEachPart) {
  const Graph graph = built(R"(input %x: float32[1x4x4x4]
    %a, %b = Split(%x) {axis=1}
    %c = Add(%a, %b)
    output %c)",
                            kFpgaConvNet);
  EXPECT_THAT(names(graph), ElementsAre("Split_0", "Split_0_0_nop", "Split_0_1_nop", "Add_1"));
}

TEST(FpgaConvNetParser, RefusesAJoinOfTheNetworksInput) {
  EXPECT_EQ(refusal(R"(input %x: float32[1x2x4x4]
    %a = Relu(%x)
    %b = Add(%x, %a)
    output %b)",
                    kFpgaConvNet),
            "fewer than two layers make its inputs");
}

TEST(FpgaConvNetParser, RefusesSeveralInputs) {
  EXPECT_EQ(refusal(R"(input %x: float32[1x2x4x4]
    input %y: float32[1x2x4x4]
    %a = Add(%x, %y)
    output %a)",
                    kFpgaConvNet),
            "the network has 2 inputs");
}

TEST(FpgaConvNetParser, KeepsTheRatiosOfTheFile) {
  BuildOptions options = kFpgaConvNet;
  options.hints["conv"].input_compression = {0.5, 0.25};
  options.hints["conv"].weight_compression = 0.75;
  const Graph graph = built("input %x: float32[1x1x2x2]\n" + filled("w", {1, 1, 1, 1}) +
                                "%y = Conv(%x, %w) \"conv\"\noutput %y",
                            options);
  EXPECT_EQ(graph[0].layer.inputs[0].compression_ratio, 0.5);
  EXPECT_EQ(graph[0].layer.weights.compression_ratio, 0.75);
  EXPECT_THAT(graph[0].source.more_input_ratios.value(), ElementsAre(0.25));
}

}  // namespace
}  // namespace sluice::hw
