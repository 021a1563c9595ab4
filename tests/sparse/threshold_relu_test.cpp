// SPDX-License-Identifier: Apache-2.0
#include "sluice/sparse/threshold_relu.hpp"

#include <gmock/gmock.h>

#include "tests/sparse/parsed.hpp"
#include "tests/support/net.hpp"
#include "tests/support/non_finite.hpp"

namespace sluice::sparse {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

const std::string kEveryRelu = R"(
  input %x: float32[1x8]
  const %zero: float32[] = [0]
  const %six: float32[] = [6]
  const %low: float32[] = [-1]
  %a = Relu(%x) "relu"
  %b = Clip(%x, %zero, %six) "relu6"
  %c = Clip(%x, %zero) "floor"
  %d = Clip(%x, %low, %six) "clip"
  %e = ThresholdedRelu(%x) {alpha=0.25} "again"
  %f = ThresholdedRelu(%x) {alpha=-0.25} "leaky"
  output %a
  output %b
  output %c
  output %d
  output %e
  output %f)";

std::vector<ThresholdedLayer> checked(Result<std::vector<ThresholdedLayer>> done) {
  EXPECT_TRUE(done) << done.error().text();
  return done ? *std::move(done) : std::vector<ThresholdedLayer>();
}

std::vector<float> row(const Tensor& tensor) {
  const auto data = tensor.data<float>();
  return {data.begin(), data.end()};
}

const std::vector<float> kInputs{-2, 0, 0.25F, 0.5F, 0.75F, 1, 6, 9};

std::vector<Tensor> run(ir::Graph graph) {
  infer(graph);
  return test::reference_outputs(graph, {Tensor::from<float>({1, 8}, kInputs)});
}

std::vector<std::string> nodes(const ir::Graph& graph) {
  std::vector<std::string> result;
  result.reserve(graph.nodes.size());
  for (const ir::Node& node : graph.nodes) {
    result.push_back(node.name + " " + std::string(ir::op_name(node.op)));
  }
  return result;
}

TEST(ThresholdRelus, CutsWhatIsNotAboveTheThreshold) {
  ir::Graph graph = parsed(kEveryRelu);
  EXPECT_THAT(checked(threshold_relus(graph, {0.5F})),
              ElementsAre(ThresholdedLayer{"relu", 0.5F}, ThresholdedLayer{"relu6", 0.5F},
                          ThresholdedLayer{"floor", 0.5F}, ThresholdedLayer{"again", 0.5F}));
  const auto outputs = run(graph);
  const std::vector<float> cut{0, 0, 0, 0, 0.75F, 1, 6, 9};
  EXPECT_EQ(row(outputs[0]), cut);
  EXPECT_EQ(row(outputs[2]), cut);
  EXPECT_EQ(row(outputs[4]), cut);
}

TEST(ThresholdRelus, KeepsTheCapOfARelu6) {
  ir::Graph graph = parsed(kEveryRelu);
  checked(threshold_relus(graph, {0.5F}));
  EXPECT_THAT(row(run(graph)[1]), ElementsAre(0, 0, 0, 0, 0.75F, 1, 6, 6));
  EXPECT_THAT(nodes(graph), ElementsAre("relu ThresholdedRelu", "relu6.threshold ThresholdedRelu",
                                        "relu6 Clip", "floor ThresholdedRelu", "clip Clip",
                                        "again ThresholdedRelu", "leaky ThresholdedRelu"));
}

TEST(ThresholdRelus, DropsTheCapAsThePublishedSystemDoes) {
  ir::Graph graph = parsed(kEveryRelu);
  checked(threshold_relus(graph, {0.5F}, Cap::Drop));
  EXPECT_THAT(row(run(graph)[1]), ElementsAre(0, 0, 0, 0, 0.75F, 1, 6, 9));
}

TEST(ThresholdRelus, LeavesOtherFunctionsAlone) {
  ir::Graph graph = parsed(kEveryRelu);
  const auto before = run(graph);
  checked(threshold_relus(graph, {0.5F}));
  const auto after = run(graph);
  EXPECT_EQ(after[3], before[3]);
  EXPECT_EQ(after[5], before[5]);
}

TEST(ThresholdRelus, OfZeroChangesNoFiniteNumber) {
  ir::Graph graph = parsed(kEveryRelu);
  const auto before = run(graph);
  checked(threshold_relus(graph, {0.0F}));
  const auto after = run(graph);
  for (const std::size_t i : {0U, 1U, 2U}) EXPECT_EQ(row(after[i]), row(before[i])) << i;
}

TEST(ThresholdRelus, TakesOnesOwnThreshold) {
  ir::Graph graph = parsed(kEveryRelu);
  checked(threshold_relus(graph, {0.5F, {{"floor", 0.75F}}}));
  EXPECT_THAT(row(run(graph)[2]), ElementsAre(0, 0, 0, 0, 0, 1, 6, 9));
}

TEST(ThresholdRelus, WithoutOneForAllChangesOnlyTheNamed) {
  ir::Graph graph = parsed(kEveryRelu);
  EXPECT_THAT(checked(threshold_relus(graph, {std::nullopt, {{"relu", 0.75F}}})),
              ElementsAre(ThresholdedLayer{"relu", 0.75F}));
  EXPECT_THAT(nodes(graph)[1], "relu6 Clip");
}

TEST(ThresholdRelus, LeavesATypedNetworkTyped) {
  ir::Graph graph = parsed(kEveryRelu);
  checked(threshold_relus(graph, {0.5F}));
  const auto verified = ir::verify(graph);
  EXPECT_TRUE(verified) << verified.error().text();
}

TEST(ThresholdRelus, KeepsTheNamesOfOutputs) {
  ir::Graph graph = parsed(kEveryRelu);
  checked(threshold_relus(graph, {0.5F}));
  EXPECT_EQ(graph[graph.outputs[1]].name, "b");
}

TEST(ThresholdRelus, NamesTheNearest) {
  ir::Graph graph = parsed(kEveryRelu);
  EXPECT_THAT(error_text(threshold_relus(graph, {0.5F, {{"rleu", 1.0F}}})),
              HasSubstr("no ReLU \"rleu\" (did you mean \"relu\"?)"));
  EXPECT_THAT(error_text(threshold_relus(graph, {0.5F, {{"clip", 1.0F}}})),
              HasSubstr("no ReLU \"clip\""));
}

TEST(ThresholdRelus, RefusesThresholdsThatAreNone) {
  ir::Graph graph = parsed(kEveryRelu);
  for (const float threshold : {-0.5F, test::kNan, test::kInfinity}) {
    EXPECT_THAT(error_text(threshold_relus(graph, {threshold})),
                HasSubstr("a threshold of ReLUs is a finite number of 0 or more"));
    EXPECT_THAT(error_text(threshold_relus(graph, {0.5F, {{"relu", threshold}}})),
                HasSubstr("layer \"relu\""));
  }
}

TEST(ThresholdRelus, RefusesQuantizedNetworksWithTheRemedy) {
  ir::Graph graph = parsed(kEveryRelu);
  graph.values[0].quantization = numeric::Quantization{};
  EXPECT_THAT(error_text(threshold_relus(graph, {0.5F})), HasSubstr("then quantize that"));
}

}  // namespace
}  // namespace sluice::sparse
