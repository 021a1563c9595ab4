// SPDX-License-Identifier: Apache-2.0
#include "sluice/zoo/diracdeltanet.hpp"

#include <cmath>

#include "tests/zoo/run_network.hpp"

namespace sluice::zoo {
namespace {

Shape shape_of(const Network& network, std::string_view name) {
  const ir::Graph graph = typed(network);
  const auto node = std::ranges::find(graph.nodes, name, &ir::Node::name);
  EXPECT_NE(node, graph.nodes.end()) << name;
  return node == graph.nodes.end() ? Shape() : graph.type(node->outputs[0]).shape;
}

struct Published {
  const char* name;
  std::int64_t parameters;
  double mega_macs;
};

void expect_parts(const Network& network, const std::vector<Published>& parts) {
  const auto groups = count_groups(network);
  for (const Published& part : parts) {
    // Of stem and tail the published table counts the convolutions alone.
    EXPECT_EQ(parameters_of(groups, part.name), part.parameters) << part.name;
    EXPECT_NEAR(static_cast<double>(macs_of(groups, part.name)) / 1e6, part.mega_macs, 0.005)
        << part.name;
  }
}

TEST(DiracDeltaNet, EveryPartHasThePublishedCounts) {
  expect_parts(built("diracdeltanet", {.random_weights = false}), {{"conv1", 96, 4.82},
                                                                   {"conv2", 2'048, 26.15},
                                                                   {"layer1", 54'180, 50.44},
                                                                   {"layer2", 449'864, 102.86},
                                                                   {"layer3", 921'048, 60.66},
                                                                   {"conv3", 475'136, 23.28},
                                                                   {"linear", 1'025'000, 1.02}});
}

TEST(DiracDeltaNet, WithTheWidthOfThePaperToo) {
  expect_parts(built("diracdeltanet_128", {.random_weights = false}), {{"layer1", 65'160, 59.87},
                                                                       {"layer2", 547'088, 125.24},
                                                                       {"layer3", 1'120'776, 73.86},
                                                                       {"conv3", 524'288, 25.69}});
}

TEST(DiracDeltaNet, OtherExpansionsHaveThePublishedCounts) {
  const Count narrow = count(built("diracdeltanet", {.random_weights = false, .expansion = 1}));
  EXPECT_EQ(narrow.parameters, 2'254'147);
  EXPECT_NEAR(static_cast<double>(narrow.macs), 165.6e6, 0.05e6);
  const Count wide = count(built("diracdeltanet", {.random_weights = false, .expansion = 3}));
  EXPECT_EQ(wide.parameters, 3'605'083);
  EXPECT_NEAR(static_cast<double>(wide.macs), 372.8e6, 0.05e6);
}

TEST(DiracDeltaNet, InnerChannelsAreRoundedDown) {
  EXPECT_EQ(inner_channels(116, 2), 116);
  EXPECT_EQ(inner_channels(116, 1.5), 87);
  EXPECT_EQ(inner_channels(116, 1.01), 58);
  EXPECT_EQ(inner_channels(4, 0.4), 0);
}

TEST(DiracDeltaNet, ItsStateDictHasThePublishedEntries) {
  const Network network = built("diracdeltanet", {.random_weights = false});
  std::int64_t normalizations = 0;
  std::int64_t clips = 0;
  std::int64_t taps = 0;
  std::int64_t shifts = 0;
  for (const Parameter& parameter : network.parameters) {
    normalizations += parameter.kind == ParameterKind::RunningMean ? 1 : 0;
    clips += parameter.kind == ParameterKind::Clip ? 1 : 0;
    if (parameter.kind != ParameterKind::Frozen) continue;
    ++shifts;
    taps += network.graph[parameter.value].constant->num_elements();
  }
  EXPECT_EQ(static_cast<std::int64_t>(network.parameters.size()) + normalizations, 283);
  EXPECT_EQ(clips, 35);
  EXPECT_EQ(shifts, 18);
  EXPECT_EQ(taps, 38'448);
  for (const char* name : {"quant_act1.scale_coef", "shift2.kernel", "layer1.0.shortcut.0.weight",
                           "layer2.3.shift2.kernel", "layer3.0.shortcut.1.running_mean",
                           "layer3.3.quant_act2.scale_coef", "bn3.bias", "linear.bias"}) {
    EXPECT_NE(find_parameter(network, name), nullptr) << name;
  }
}

TEST(DiracDeltaNet, SizesAreUpstreamsEvenOrFull) {
  const Options upstream{.random_weights = false};
  EXPECT_EQ(shape_of(built("diracdeltanet", upstream), "shift1"), (Shape{1, 32, 113, 113}));
  EXPECT_EQ(shape_of(built("diracdeltanet", upstream), "shift2"), (Shape{1, 64, 57, 57}));
  EXPECT_EQ(shape_of(built("diracdeltanet", upstream), "layer3.3.rotate"), (Shape{1, 464, 7, 7}));
  const Network even = built("diracdeltanet", {.random_weights = false, .sizing = Sizing::Even});
  EXPECT_EQ(shape_of(even, "shift1"), (Shape{1, 32, 112, 112}));
  EXPECT_EQ(shape_of(even, "shift2"), (Shape{1, 64, 56, 56}));
  const Network full = built("diracdeltanet_cifar", upstream);
  EXPECT_EQ(shape_of(full, "layer1.3.rotate"), (Shape{1, 116, 32, 32}));
  EXPECT_EQ(shape_of(full, "layer2.7.rotate"), (Shape{1, 232, 16, 16}));
  EXPECT_EQ(shape_of(full, "layer3.3.rotate"), (Shape{1, 464, 8, 8}));
}

TEST(DiracDeltaNet, AnyInputThatLeavesAPixelWorks) {
  for (const std::int64_t size : {56, 208, 225, 448}) {
    const Network network =
        built("diracdeltanet_tiny",
              {.input_size = size, .random_weights = false, .sizing = Sizing::Upstream});
    EXPECT_EQ(shape_of(network, "linear"), (Shape{1, 10}));
  }
}

TEST(DiracDeltaNet, BothSidesOfABlockShareTheirClip) {
  const Network network = built("diracdeltanet_tiny");
  const auto scale_of = [&](std::string_view name) {
    const auto node = std::ranges::find(network.graph.nodes, name, &ir::Node::name);
    return node->inputs[2];
  };
  EXPECT_EQ(scale_of("layer1.0.quant_act2"), scale_of("layer1.0.shortcut.quant_act2"));
  EXPECT_EQ(network.graph[scale_of("layer1.0.quant_act2")].name, "layer1.0.quant_act2.scale_coef");
}

// Drawn by the number of classes, scores of ten would start at ±10, which is not learnt from.
TEST(DiracDeltaNet, TheFirstScoresAreAsLargeForFewClassesAsForMany) {
  for (const std::int64_t classes : {10, 1'000}) {
    const Network network = built("diracdeltanet_tiny", {.classes = classes});
    const auto weights =
        network.graph[find_parameter(network, "linear.weight")->value].constant->data<float>();
    double squares = 0;
    for (const float weight : weights) squares += double{weight} * weight;
    EXPECT_NEAR(std::sqrt(squares / static_cast<double>(weights.size())), std::sqrt(2.0 / 1024),
                0.001)
        << classes;
  }
}

TEST(DiracDeltaNet, ActivationsStayInTheirRanges) {
  const Network network = built("diracdeltanet_tiny");
  const Tensor image = test::random_tensor({1, 3, 32, 32}, 1, -3, 3);
  const std::vector<std::pair<const char*, float>> ranges{
      {"quant_act1.scaled", 6}, {"layer2.1.concat", 2}, {"quant_act3.scaled", 10}};
  for (const auto& [name, range] : ranges) {
    const Tensor values = value_of(network, name, image);
    for (const float value : values.data<float>()) {
      ASSERT_GE(value, 0);
      ASSERT_LE(value, range);
    }
  }
}

}  // namespace
}  // namespace sluice::zoo
