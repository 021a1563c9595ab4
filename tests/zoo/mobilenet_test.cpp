// SPDX-License-Identifier: Apache-2.0
#include "sluice/zoo/mobilenet.hpp"

#include "tests/zoo/run_network.hpp"

namespace sluice::zoo {
namespace {

TEST(MobileNet, NamesAreTorchvisions) {
  const Network network = built("mobilenet_v2", {.random_weights = false});
  for (const char* name :
       {"features.0.0.weight", "features.1.conv.0.0.weight", "features.1.conv.1.weight",
        "features.1.conv.2.running_mean", "features.2.conv.1.0.weight", "features.2.conv.3.bias",
        "features.18.1.weight", "classifier.1.bias"}) {
    EXPECT_NE(find_parameter(network, name), nullptr) << name;
  }
  EXPECT_EQ(find_parameter(network, "features.19.0.weight"), nullptr);
}

TEST(MobileNet, BlocksAddWhereShapesStayTheSame) {
  const Network network = built("mobilenet_v2", {.random_weights = false});
  std::vector<std::string> adds;
  for (const ir::Node& node : network.graph.nodes) {
    if (ir::is<ir::Add>(node.op)) adds.push_back(node.name);
  }
  EXPECT_EQ(adds.size(), 10U);
  EXPECT_EQ(adds.front(), "features.3.add");
  EXPECT_EQ(adds.back(), "features.16.add");
}

TEST(MobileNet, TheLastMapHasAThirtySecondOfTheSize) {
  const ir::Graph graph = typed(built("mobilenet_v2", {.random_weights = false}));
  const auto node = std::ranges::find(graph.nodes, "features.18.2", &ir::Node::name);
  EXPECT_EQ(graph.type(node->outputs[0]).shape, (Shape{1, 1280, 7, 7}));
}

}  // namespace
}  // namespace sluice::zoo
