// SPDX-License-Identifier: Apache-2.0
#include "sluice/zoo/weights.hpp"

#include "tests/zoo/run_network.hpp"

#include "sluice/numeric/element.hpp"

namespace sluice::zoo {
namespace {

importer::Checkpoint checkpoint_of(const Network& network, std::string_view naming = {}) {
  auto tensors = state_dict(network, naming);
  EXPECT_TRUE(tensors) << tensors.error().text();
  return {*std::move(tensors), {}};
}

NamedTensor& tensor_of(importer::Checkpoint& checkpoint, std::string_view name) {
  return *std::ranges::find(checkpoint.tensors, name, &NamedTensor::name);
}

// The same weights in both.
void expect_same(const Network& a, const Network& b) {
  for (const Parameter& parameter : a.parameters) {
    EXPECT_EQ(*a.graph[parameter.value].constant, *b.graph[parameter.value].constant)
        << parameter.name;
  }
}

std::string refusal(Network network, const importer::Checkpoint& checkpoint) {
  const Status status = load_weights(network, checkpoint);
  if (status) return "it was loaded";
  EXPECT_EQ(status.error().code, ErrorCode::Verify);
  return status.error().text();
}

TEST(Weights, AStateDictGoesOutAndIn) {
  const Network trained = built("diracdeltanet_tiny", {.seed = 2});
  Network network = built("diracdeltanet_tiny");
  const Status status = load_weights(network, checkpoint_of(trained));
  ASSERT_TRUE(status) << status.error().text();
  expect_same(network, trained);
}

TEST(Weights, TorchvisionsNamesGoOutAndIn) {
  const Network trained = built("shufflenetv2_x0_5", {.seed = 2});
  const importer::Checkpoint checkpoint = checkpoint_of(trained, "torchvision");
  EXPECT_NE(checkpoint.find("stage4.3.branch2.6.running_var"), nullptr);
  Network network = built("shufflenetv2_x0_5");
  const Status status = load_weights(network, checkpoint);
  ASSERT_TRUE(status) << status.error().text();
  expect_same(network, trained);
}

TEST(Weights, EveryNetworkTakesItsOwnStateDict) {
  for (const Architecture& architecture : architectures()) {
    if (architecture.input_size > 32 && architecture.name != "mobilenet_v2") continue;
    const Network trained = built(architecture.name, {.seed = 9});
    Network network = built(architecture.name, {.random_weights = false});
    const Status status = load_weights(network, checkpoint_of(trained));
    ASSERT_TRUE(status) << status.error().text();
    expect_same(network, trained);
  }
}

TEST(Weights, OrderDoesNotMatter) {
  const Network trained = built("resnet20", {.seed = 2});
  importer::Checkpoint checkpoint = checkpoint_of(trained);
  std::ranges::reverse(checkpoint.tensors);
  Network network = built("resnet20");
  ASSERT_TRUE(load_weights(network, checkpoint));
  expect_same(network, trained);
}

TEST(Weights, AnEmptyCheckpointLacksEverything) {
  const Network network = built("resnet20");
  EXPECT_NE(refusal(network, {})
                .find(std::to_string(network.parameters.size()) +
                      " tensors are missing (\"conv1.weight\", "),
            std::string::npos);
}

TEST(Weights, OursAndTorchvisionsNamesDoNotMix) {
  const Network network = built("shufflenetv2_x0_5");
  importer::Checkpoint checkpoint = checkpoint_of(network, "torchvision");
  tensor_of(checkpoint, "conv1.0.weight").name = "conv1.weight";
  const std::string words = refusal(network, checkpoint);
  EXPECT_NE(words.find("1 tensors are missing (\"conv1.0.weight\")"), std::string::npos) << words;
  EXPECT_NE(words.find("1 are not the network's (\"conv1.weight\" 24x3x3x3)"), std::string::npos)
      << words;
}

TEST(Weights, CountersOfBatchesArePassedOver) {
  Network network = built("resnet20");
  importer::Checkpoint checkpoint = checkpoint_of(network);
  checkpoint.tensors.push_back({"bn1.num_batches_tracked", Tensor::scalar<std::int64_t>(7)});
  EXPECT_TRUE(load_weights(network, checkpoint));
}

TEST(Weights, HalfPrecisionIsWidened) {
  Network network = built("resnet20");
  importer::Checkpoint checkpoint = checkpoint_of(network);
  for (NamedTensor& tensor : checkpoint.tensors) {
    tensor.tensor = numeric::cast(tensor.tensor, DType::Float16);
  }
  ASSERT_TRUE(load_weights(network, checkpoint));
  const Tensor& weight = *network.graph[find_parameter(network, "conv1.weight")->value].constant;
  EXPECT_EQ(weight, numeric::cast(tensor_of(checkpoint, "conv1.weight").tensor, DType::Float32));
}

TEST(Weights, WhatIsMissingLeftOverOrMisshapenIsListed) {
  const Network network = built("resnet20");
  importer::Checkpoint checkpoint = checkpoint_of(network);
  std::erase_if(checkpoint.tensors,
                [](const NamedTensor& t) { return t.name.starts_with("layer3.2.bn"); });
  checkpoint.tensors.push_back({"head.weight", Tensor(DType::Float32, {2})});
  tensor_of(checkpoint, "linear.bias").tensor = Tensor(DType::Float32, {100});
  const std::string words = refusal(network, checkpoint);
  EXPECT_NE(words.find("8 tensors are missing (\"layer3.2.bn1.weight\", \"layer3.2.bn1.bias\", "
                       "\"layer3.2.bn1.running_mean\", …)"),
            std::string::npos)
      << words;
  EXPECT_NE(words.find("1 are not the network's (\"head.weight\" 2)"), std::string::npos) << words;
  EXPECT_NE(words.find("1 have another shape (\"linear.bias\" 100, not 10)"), std::string::npos)
      << words;
}

TEST(Weights, ACheckpointOfAnotherNetworkIsRefusedAndChangesNothing) {
  Network network = built("resnet20");
  const Network before = network;
  EXPECT_FALSE(load_weights(network, checkpoint_of(built("resnet56"))));
  expect_same(network, before);
}

TEST(Weights, IntegersAreNoWeights) {
  const Network network = built("resnet20");
  importer::Checkpoint checkpoint = checkpoint_of(network);
  tensor_of(checkpoint, "bn1.bias").tensor = Tensor(DType::Int32, {16});
  EXPECT_NE(refusal(network, checkpoint).find("no real numbers (\"bn1.bias\" int32)"),
            std::string::npos);
}

TEST(Weights, TheTapsOfShiftsMayBeMissingButNotBeOthers) {
  Network network = built("diracdeltanet_tiny");
  importer::Checkpoint checkpoint = checkpoint_of(network);
  tensor_of(checkpoint, "shift1.kernel").tensor = Tensor(DType::Float32, {32, 1, 3, 3});
  EXPECT_NE(refusal(network, checkpoint).find("shift in other directions (\"shift1.kernel\")"),
            std::string::npos);
  std::erase_if(checkpoint.tensors,
                [](const NamedTensor& t) { return t.name.ends_with(".kernel"); });
  EXPECT_TRUE(load_weights(network, checkpoint));
}

TEST(Weights, AClipsGainFollowsItsScaleWhateverTheSign) {
  Network network = built("diracdeltanet_tiny");
  importer::Checkpoint checkpoint = checkpoint_of(network);
  tensor_of(checkpoint, "quant_act1.scale_coef").tensor = Tensor::from<float>({1}, {-1.5F});
  ASSERT_TRUE(load_weights(network, checkpoint));
  const auto clip = std::ranges::find_if(network.clips, [&](const ScaledClip& c) {
    return network.graph[c.scale].name == "quant_act1.scale_coef";
  });
  EXPECT_EQ(*network.graph[clip->scale].constant, Tensor::scalar(1.5F));
  EXPECT_EQ(*network.graph[clip->gain].constant, Tensor::scalar(4.0F));
}

TEST(Weights, AClipWithoutAScaleIsRefused) {
  const Network network = built("diracdeltanet_tiny");
  importer::Checkpoint checkpoint = checkpoint_of(network);
  for (const float scale : {0.0F, std::numeric_limits<float>::infinity(), 1e-45F}) {
    tensor_of(checkpoint, "quant_act3.scale_coef").tensor = Tensor::from<float>({1}, {scale});
    EXPECT_NE(refusal(network, checkpoint).find("finite and not 0"), std::string::npos) << scale;
  }
}

TEST(Weights, NamesThatANetworkDoesNotHaveAreErrors) {
  const auto tensors = state_dict(built("resnet20"), "torchvision");
  ASSERT_FALSE(tensors);
  EXPECT_EQ(tensors.error().code, ErrorCode::InvalidArgument);
}

}  // namespace
}  // namespace sluice::zoo
