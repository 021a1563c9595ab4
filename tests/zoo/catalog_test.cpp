// SPDX-License-Identifier: Apache-2.0
#include "sluice/zoo/catalog.hpp"

#include <set>

#include "tests/zoo/run_network.hpp"

namespace sluice::zoo {
namespace {

TEST(Catalog, ParametersAreThePublishedOnes) {
  const std::vector<std::pair<const char*, std::int64_t>> published{
      {"shufflenetv2_x0_5", 1'366'792},
      {"shufflenetv2_x1_0", 2'278'604},
      {"shufflenetv2_x1_5", 3'503'624},
      {"shufflenetv2_x2_0", 7'393'996},
      {"diracdeltanet", 2'929'615},
      {"diracdeltanet_128", 3'286'699},
      {"resnet18", 11'689'512},
      {"resnet50", 25'557'032},
      {"resnet20", 269'722},
      {"resnet56", 853'018},
      {"mobilenet_v2", 3'504'872}};
  for (const auto& [name, parameters] : published) {
    EXPECT_EQ(count(built(name, {.random_weights = false})).parameters, parameters) << name;
  }
}

TEST(Catalog, ProductsAreThePublishedOnes) {
  EXPECT_EQ(count(built("shufflenetv2_x1_0", {.random_weights = false})).macs, 144'907'992);
  EXPECT_EQ(count(built("diracdeltanet", {.random_weights = false})).macs, 269'229'440);
  EXPECT_EQ(count(built("resnet18", {.random_weights = false})).macs, 1'814'073'344);
  EXPECT_EQ(count(built("mobilenet_v2", {.random_weights = false})).macs, 300'774'272);
}

TEST(Catalog, NamesDifferAndAllCanBeBuilt) {
  std::set<std::string_view> names;
  for (const Architecture& architecture : architectures()) {
    EXPECT_TRUE(names.insert(architecture.name).second);
    const Network network = built(architecture.name, {.random_weights = false});
    EXPECT_EQ(network.graph.name, architecture.name);
    EXPECT_EQ(network.classes, architecture.classes);
    EXPECT_EQ(network.input_size, architecture.input_size);
    const ir::Graph graph = typed(network);
    EXPECT_EQ(graph.type(graph.outputs[0]).shape, (Shape{1, architecture.classes}));
  }
}

TEST(Catalog, PartsAddUpToTheWhole) {
  for (const Architecture& architecture : architectures()) {
    const Network network = built(architecture.name, {.random_weights = false});
    const Count whole = count(network);
    std::int64_t parameters = 0;
    std::int64_t macs = 0;
    std::set<std::string> names;
    for (const Count& group : count_groups(network)) {
      EXPECT_TRUE(names.insert(group.name).second) << group.name;
      parameters += group.parameters;
      macs += group.macs;
    }
    EXPECT_EQ(whole.parameters, parameters) << architecture.name;
    EXPECT_EQ(whole.macs, macs) << architecture.name;
  }
}

TEST(Catalog, ParametersAreConstantsOfTheGraphUnderTheirNames) {
  for (const Architecture& architecture : architectures()) {
    const Network network = built(architecture.name, {.random_weights = false});
    std::set<std::string_view> names;
    for (const Parameter& parameter : network.parameters) {
      EXPECT_TRUE(names.insert(parameter.name).second) << parameter.name;
      const ir::Value& value = network.graph[parameter.value];
      EXPECT_EQ(value.name, parameter.name);
      ASSERT_TRUE(value.constant) << parameter.name;
      EXPECT_EQ(value.constant->dtype(), DType::Float32);
    }
  }
}

// The products of the layers that have weights, counted from the shapes the graph infers.
TEST(Catalog, ProductsAreThoseOfTheInferredShapes) {
  for (const Architecture& architecture : architectures()) {
    const Network network = built(architecture.name, {.random_weights = false});
    const ir::Graph graph = typed(network);
    std::int64_t macs = 0;
    for (const ir::Node& node : graph.nodes) {
      if (!ir::is_linear(node.op) || graph[node.inputs[1]].name.ends_with(".kernel")) continue;
      const Shape& weight = graph.type(node.inputs[1]).shape;
      macs += num_elements(graph.type(node.outputs[0]).shape) * num_elements(weight) / weight[0];
    }
    EXPECT_EQ(count(network).macs, macs) << architecture.name;
  }
}

TEST(Catalog, NormalizationsStartAsTheyShould) {
  const Network network = built("resnet20");
  for (const Parameter& parameter : network.parameters) {
    const bool ones =
        parameter.kind == ParameterKind::Scale || parameter.kind == ParameterKind::RunningVariance;
    const bool zeros =
        parameter.kind == ParameterKind::Offset || parameter.kind == ParameterKind::RunningMean;
    if (!ones && !zeros) continue;
    for (const float value : network.graph[parameter.value].constant->data<float>()) {
      ASSERT_EQ(value, ones ? 1.0F : 0.0F) << parameter.name;
    }
  }
}

TEST(Catalog, OtherClassesAndSizesCanBeBuilt) {
  for (const Architecture& architecture : architectures()) {
    const Network network =
        built(architecture.name, {.classes = 7, .input_size = 96, .random_weights = false});
    const ir::Graph graph = typed(network);
    EXPECT_EQ(graph.type(graph.outputs[0]).shape, (Shape{1, 7})) << architecture.name;
  }
}

TEST(Catalog, TheSameSeedGivesTheSameWeights) {
  const auto weights = [](std::uint64_t seed) {
    const Network network = built("resnet20", {.seed = seed});
    return *network.graph[find_parameter(network, "layer2.0.conv1.weight")->value].constant;
  };
  EXPECT_EQ(weights(1), weights(1));
  EXPECT_FALSE(weights(1) == weights(2));
}

std::string refusal(std::string_view name, const Options& options = {}) {
  const auto network = build(name, options);
  if (network) return "it was built";
  EXPECT_EQ(network.error().code, ErrorCode::InvalidArgument);
  return network.error().message;
}

TEST(Catalog, UnknownNamesAreErrorsWithTheNearest) {
  EXPECT_NE(refusal("resnet2").find("did you mean \"resnet20\""), std::string::npos);
  EXPECT_NE(refusal("vgg").find("zoo list"), std::string::npos);
}

TEST(Catalog, OptionsOfAnotherNetworkAreErrors) {
  EXPECT_NE(refusal("resnet18", {.base_channels = 128}).find("options of diracdeltanet"),
            std::string::npos);
  EXPECT_NE(refusal("mobilenet_v2", {.sizing = Sizing::Even}).find("mobilenet_v2 has none"),
            std::string::npos);
}

TEST(Catalog, ValuesOutOfBoundsAreErrors) {
  EXPECT_NE(refusal("resnet20", {.classes = 0}).find("classes"), std::string::npos);
  EXPECT_NE(refusal("resnet20", {.classes = 1 << 30}).find("classes"), std::string::npos);
  EXPECT_NE(refusal("resnet20", {.input_size = 0}).find("pixels"), std::string::npos);
  EXPECT_NE(refusal("resnet20", {.input_size = 1 << 20}).find("pixels"), std::string::npos);
  EXPECT_NE(refusal("diracdeltanet", {.base_channels = 30}).find("multiple of 4"),
            std::string::npos);
  EXPECT_NE(refusal("diracdeltanet", {.expansion = 0}).find("expansion"), std::string::npos);
  EXPECT_NE(refusal("diracdeltanet", {.expansion = std::nan("")}).find("expansion"),
            std::string::npos);
  EXPECT_NE(refusal("diracdeltanet", {.blocks = {{4, 0, 4}}}).find("blocks"), std::string::npos);
  EXPECT_NE(refusal("diracdeltanet", {.input_size = 8}).find("use a larger one"),
            std::string::npos);
}

}  // namespace
}  // namespace sluice::zoo
