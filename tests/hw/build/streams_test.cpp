// SPDX-License-Identifier: Apache-2.0
#include "sluice/hw/build/streams.hpp"

#include "tests/hw/build/built_text.hpp"

namespace sluice::hw {
namespace {

TEST(Streams, ShuffleChannelsOnceForAllReaders) {
  const Graph graph = built(R"(input %x: float32[1x6x4x4]
    const %grouped: int64[5] = [1, 2, 3, 4, 4]
    const %flat: int64[4] = [1, 6, 4, 4]
    %a = Relu(%x) "a"
    %b = Reshape(%a, %grouped)
    %c = Transpose(%b) {permutation=[0, 2, 1, 3, 4]}
    %d = Reshape(%c, %flat) "shuffle"
    %e = MaxPool(%d) {window={kernel=[2, 2]}} "e"
    %f = MaxPool(%d) {window={kernel=[2, 2]}} "f"
    output %e
    output %f)");
  EXPECT_EQ(edges(graph),
            "a -> shuffle, shuffle -> shuffle_split, shuffle_split -> e, shuffle_split -> f");
  EXPECT_EQ(graph[1].layer.as<Shuffle>()->groups, 2);
}

TEST(Streams, OfTheHostHaveShapesOfFeatureMaps) {
  const ir::Graph network = network_of("input %x: float32[3x4]\n%y = Relu(%x)\noutput %y");
  const BuildOptions options;
  Streams streams(network, options);
  EXPECT_FALSE(streams.set_host(network.inputs[0].value));
  EXPECT_EQ(streams.find(network.inputs[0].value), nullptr);
  EXPECT_FALSE(streams.plain(network.inputs[0].value));
}

}  // namespace
}  // namespace sluice::hw
