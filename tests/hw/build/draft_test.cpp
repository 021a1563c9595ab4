// SPDX-License-Identifier: Apache-2.0
#include "sluice/hw/build/draft.hpp"

#include "tests/hw/build/built_text.hpp"

namespace sluice::hw {
namespace {

TEST(Assembled, PutsASplitBehindWhatSeveralRead) {
  const Graph graph = built(R"(input %x: float32[1x2x4x4]
    %a = Relu(%x) "a"
    %b = Relu(%a) "b"
    %c = Add(%a, %b) "c"
    output %c)");
  EXPECT_EQ(edges(graph), "a -> a_split, a_split -> b, a_split -> c, b -> c");
  EXPECT_EQ(graph[*graph.find("a_split")].layer.outputs.size(), 2U);
}

TEST(Assembled, KeepsTheOrderOfAJoinsInputs) {
  const Graph graph = built(R"(input %x: float32[1x2x4x4]
    %a = Relu(%x) "a"
    %b = Relu(%a) "b"
    %c = Concat(%b, %a) {axis=1} "c"
    output %c)");
  const Node& concat = graph[*graph.find("c")];
  EXPECT_EQ(graph[concat.predecessors[0]].name, "b");
  EXPECT_EQ(graph[concat.predecessors[1]].name, "a_split");
}

TEST(Assembled, SplitsWhatLeavesAndIsRead) {
  const Graph graph = built(R"(input %x: float32[1x2x4x4]
    %a = Relu(%x) "a"
    %b = Relu(%a) "b"
    output %a
    output %b)");
  EXPECT_EQ(edges(graph), "a -> a_split, a_split -> b");
  EXPECT_EQ(graph[*graph.find("a_split")].layer.outputs.size(), 2U);
  EXPECT_EQ(graph.output_nodes().size(), 2U);
}

TEST(Assembled, SplitsAnInputUnderItsName) {
  const Graph graph = built(R"(input %x: float32[1x2x4x4]
    %a = Relu(%x) "a"
    %b = Sigmoid(%x) "b"
    output %a
    output %b)");
  EXPECT_EQ(edges(graph), "x_split -> a, x_split -> b");
  EXPECT_EQ(graph.input_nodes().size(), 1U);
}

TEST(Assembled, KeepsTheOrderOfPartsAndNamesTheirSplitsByPort) {
  const Graph graph = built(R"(input %x: float32[1x4x4x4]
    %r = Relu(%x) "r"
    %p, %q = Split(%r) {axis=1} "parts"
    %b = Relu(%q) "b"
    %a = Relu(%p) "a"
    %c = Relu(%q) "c"
    output %a
    output %b
    output %c)");
  EXPECT_EQ(edges(graph),
            "r -> parts, parts -> a, parts -> parts_1_split, parts_1_split -> b, "
            "parts_1_split -> c");
}

TEST(Assembled, GivesSplitsNamesThatAreFree) {
  const Graph graph = built(R"(input %x: float32[1x2x4x4]
    %a = Relu(%x) "a"
    %b = Relu(%a) "a_split"
    %c = Add(%a, %b) "c"
    output %c)");
  EXPECT_TRUE(graph.find("a_split_"));
}

}  // namespace
}  // namespace sluice::hw
