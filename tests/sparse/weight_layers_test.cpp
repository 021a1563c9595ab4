// SPDX-License-Identifier: Apache-2.0
#include "sluice/sparse/weight_layers.hpp"

#include <gmock/gmock.h>

#include "tests/sparse/parsed.hpp"

namespace sluice::sparse {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

WeightLayers found(const ir::Graph& graph) {
  auto layers = find_weight_layers(graph);
  EXPECT_TRUE(layers) << layers.error().text();
  return layers ? *std::move(layers) : WeightLayers{};
}

// "name+name weights@axis/inputs a group" of each layer.
std::vector<std::string> described(const ir::Graph& graph) {
  std::vector<std::string> result;
  for (const WeightLayer& layer : found(graph).layers) {
    std::string text;
    for (const ir::NodeId node : layer.nodes) text += (text.empty() ? "" : "+") + graph[node].name;
    result.push_back(text + " " + graph[layer.weights].name + "@" +
                     std::to_string(layer.input_axis) + "/" + std::to_string(layer.group_inputs));
  }
  return result;
}

TEST(FindWeightLayers, KnowsAlongWhichAxisEachKindSums) {
  EXPECT_THAT(
      described(parsed(kEveryLayer)),
      ElementsAre("conv w1@1/4", "depthwise w2@1/1", "up w3@0/1", "gemm w4@1/16", "matmul w5@0/2"));
}

TEST(FindWeightLayers, GemmSumsOverRowsUnlessTransposed) {
  EXPECT_THAT(described(parsed(R"(
    input %x: float32[1x3]
    const %w: float32[3x2] = [1, 2, 3, 4, 5, 6]
    %y = Gemm(%x, %w) "gemm"
    output %y)")),
              ElementsAre("gemm w@0/3"));
}

TEST(FindWeightLayers, ListsSharedWeightsOnce) {
  const ir::Graph graph = parsed(R"(
    input %x: float32[1x2]
    const %w: float32[2x2] = [1, 2, 3, 4]
    %a = MatMul(%x, %w) "first"
    %v = Identity(%w) "same"
    %y = MatMul(%a, %v) "second"
    output %y)");
  EXPECT_THAT(described(graph), ElementsAre("first+second w@0/2"));
  EXPECT_TRUE(found(graph).layers[0].has_one_input_axis);
}

TEST(FindWeightLayers, SeesSharersThatSumOverOtherAxes) {
  const ir::Graph graph = parsed(R"(
    input %x: float32[1x2]
    const %w: float32[2x2] = [1, 2, 3, 4]
    %a = MatMul(%x, %w) "first"
    %y = Gemm(%a, %w) {trans_b=true} "second"
    output %y)");
  EXPECT_FALSE(found(graph).layers[0].has_one_input_axis);
}

TEST(FindWeightLayers, LeavesAloneWhatOthersReadToo) {
  const ir::Graph graph = parsed(R"(
    input %x: float32[1x2]
    const %w: float32[2x2] = [1, 2, 3, 4]
    const %v: float32[2x2] = [1, 2, 3, 4]
    %a = MatMul(%x, %w) "product"
    %b = Relu(%w) "look"
    %c = Identity(%v) "out"
    %d = MatMul(%x, %v) "other"
    output %a
    output %b
    output %c
    output %d)");
  EXPECT_THAT(found(graph).layers, IsEmpty());
  EXPECT_THAT(
      found(graph).left_alone,
      ElementsAre(
          LeftAlone{"product", "MatMul", "its weights are also read by node \"look\" (Relu)"},
          LeftAlone{"other", "MatMul", "its weights are also an output of the network"}));
}

TEST(FindWeightLayers, LeavesAloneComputedWeightsAndOtherTypes) {
  const ir::Graph graph = parsed(R"(
    input %x: float32[1x1x2x2]
    input %v: float32[1x1x1x1]
    input %h: float16[1x2]
    const %w: float16[2x2] = [1, 2, 3, 4]
    const %m: float32[2x2] = [1, 2, 3, 4]
    const %r: float32[2] = [1, 2]
    %a = Conv(%x, %v) "computed"
    %b = MatMul(%h, %w) "half"
    %c = MatMul(%m, %a) "first"
    %d = MatMul(%c, %r) "vector"
    %e = MatMul(%a, %a) "attention"
    output %b
    output %d
    output %e)");
  EXPECT_THAT(found(graph).layers, IsEmpty());
  EXPECT_THAT(found(graph).left_alone,
              ElementsAre(LeftAlone{"computed", "Conv", "its weights are computed while it runs"},
                          LeftAlone{"half", "MatMul", "its weights are float16, not float32"},
                          LeftAlone{"first", "MatMul", "its weights are the first operand"},
                          LeftAlone{"vector", "MatMul", "its second operand is a vector"}));
}

TEST(FindWeightLayers, RefusesQuantizedNetworksWithTheRemedy) {
  const ir::Graph qdq = parsed(R"(
    input %x: float32[2]
    const %s: float32[] = [0.5]
    const %z: int8[] = [0]
    %q = QuantizeLinear(%x, %s, %z)
    %y = DequantizeLinear(%q, %s, %z)
    output %y)");
  EXPECT_THAT(error_text(find_weight_layers(qdq)), HasSubstr("prune its float32 original first"));
  ir::Graph codes = parsed("input %x: float32[2]\n%y = Relu(%x)\noutput %y");
  codes.values[0].quantization = numeric::Quantization{};
  EXPECT_THAT(error_text(find_weight_layers(codes)), HasSubstr("then quantize that"));
}

}  // namespace
}  // namespace sluice::sparse
