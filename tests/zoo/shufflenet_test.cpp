// SPDX-License-Identifier: Apache-2.0
#include "sluice/zoo/shufflenet.hpp"

#include "tests/zoo/run_network.hpp"

namespace sluice::zoo {
namespace {

const Network& one_x() {
  static const Network kNetwork = built("shufflenetv2_x1_0", {.random_weights = false});
  return kNetwork;
}

TEST(ShuffleNet, EveryPartTakesThePublishedProducts) {
  const auto groups = count_groups(one_x());
  EXPECT_EQ(macs_of(groups, "conv1"), 8'128'512);
  EXPECT_EQ(macs_of(groups, "linear"), 1'024'000);
  EXPECT_NEAR(static_cast<double>(macs_of(groups, "layer1")), 25.72e6, 5e3);
  EXPECT_NEAR(static_cast<double>(macs_of(groups, "layer2")), 54.59e6, 5e3);
  EXPECT_NEAR(static_cast<double>(macs_of(groups, "layer3")), 32.16e6, 5e3);
  EXPECT_NEAR(static_cast<double>(macs_of(groups, "conv2")), 23.28e6, 5e3);
}

TEST(ShuffleNet, ItsStateDictHas338EntriesWithTheCounters) {
  std::size_t normalizations = 0;
  for (const Parameter& parameter : one_x().parameters) {
    normalizations += parameter.kind == ParameterKind::RunningMean ? 1 : 0;
  }
  EXPECT_EQ(one_x().parameters.size() + normalizations, 338U);
}

TEST(ShuffleNet, TorchvisionsNamesAreKnown) {
  ASSERT_EQ(one_x().other_names.size(), 1U);
  const NameMap& map = one_x().other_names[0];
  EXPECT_EQ(map.name, "torchvision");
  EXPECT_EQ(map.names.size(), one_x().parameters.size());
  const auto theirs = [&](std::string_view ours) {
    const auto found =
        std::ranges::find_if(map.names, [&](const auto& pair) { return pair.second == ours; });
    return found == map.names.end() ? std::string() : found->first;
  };
  EXPECT_EQ(theirs("conv1.weight"), "conv1.0.weight");
  EXPECT_EQ(theirs("bn1.running_var"), "conv1.1.running_var");
  EXPECT_EQ(theirs("layer1.0.shortcut.2.weight"), "stage2.0.branch1.2.weight");
  EXPECT_EQ(theirs("layer2.7.conv2.weight"), "stage3.7.branch2.3.weight");
  EXPECT_EQ(theirs("layer3.3.bn3.bias"), "stage4.3.branch2.6.bias");
  EXPECT_EQ(theirs("conv2.weight"), "conv5.0.weight");
  EXPECT_EQ(theirs("linear.bias"), "fc.bias");
}

TEST(ShuffleNet, LayersHalveTheMaps) {
  const ir::Graph graph = typed(one_x());
  const auto shape_of = [&](std::string_view name) {
    const auto node = std::ranges::find(graph.nodes, name, &ir::Node::name);
    return graph.type(node->outputs[0]).shape;
  };
  EXPECT_EQ(shape_of("maxpool"), (Shape{1, 24, 56, 56}));
  EXPECT_EQ(shape_of("layer1.3.shuffle"), (Shape{1, 116, 28, 28}));
  EXPECT_EQ(shape_of("layer2.7.shuffle"), (Shape{1, 232, 14, 14}));
  EXPECT_EQ(shape_of("layer3.3.shuffle"), (Shape{1, 464, 7, 7}));
  EXPECT_EQ(shape_of("relu2"), (Shape{1, 1024, 7, 7}));
}

}  // namespace
}  // namespace sluice::zoo
