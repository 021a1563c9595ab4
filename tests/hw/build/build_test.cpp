// SPDX-License-Identifier: Apache-2.0
#include "sluice/hw/build/build.hpp"

#include "tests/hw/build/built_text.hpp"

namespace sluice::hw {
namespace {

const std::string kErf = R"(input %x: float32[1x2x4x4]
  %y = Erf(%x) "first"
  %z = Exp(%y) "second"
  output %z)";

TEST(BuildGraph, FailsWithTheFirstNodeThatCannotBeMappedAndTheRemedy) {
  const auto graph = build_graph(network_of(kErf), {});
  ASSERT_FALSE(graph);
  EXPECT_EQ(graph.error().code, ErrorCode::Unsupported);
  EXPECT_EQ(graph.error().text(),
            "node \"first\" (Erf): there is no hardware for it yet; use HardSwish for Gelu, and "
            "train again (and 1 more like this)");
}

TEST(BuildGraph, ListsAllNodesThatCannotBeMapped) {
  const auto refused = unmappable(network_of(kErf), {});
  ASSERT_EQ(refused.size(), 2U);
  EXPECT_EQ(refused[0].node, "first");
  EXPECT_EQ(refused[1].op, "Exp");
}

TEST(BuildGraph, RefusesABatch) {
  EXPECT_EQ(refusal("input %x: float32[2x2x4x4]\n%y = Relu(%x)\noutput %y"), "it has 2 images");
}

TEST(BuildGraph, RefusesANetworkWithoutTypes) {
  ir::Graph network;
  network.outputs = {network.add_input("x", DType::Float32, {1, 2})};
  const auto refused = unmappable(network, {});
  ASSERT_EQ(refused.size(), 1U);
  EXPECT_EQ(refused[0].why, "it has no type");
}

TEST(BuildGraph, RefusesANetworkWithNothingToDo) {
  EXPECT_EQ(refusal("input %x: float32[1x2x4x4]\n%y = Identity(%x)\noutput %y"),
            "nothing in it is work for hardware");
}

TEST(LeftToHost, NamesWhatIsAtTheEnd) {
  const auto left = left_to_host(network_of(R"(input %x: float32[1x4]
    %y = Relu(%x) "relu"
    %z = Softmax(%y) "softmax"
    output %z)"),
                                 {});
  ASSERT_EQ(left.size(), 1U);
  EXPECT_EQ(left[0].node, "softmax");
  EXPECT_EQ(left[0].why, "it is at the network's end");
}

}  // namespace
}  // namespace sluice::hw
