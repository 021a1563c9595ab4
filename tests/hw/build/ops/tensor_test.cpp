// SPDX-License-Identifier: Apache-2.0
#include "tests/hw/build/built_text.hpp"

namespace sluice::hw {
namespace {

TEST(BuildTensor, DropsWhatKeepsTheWords) {
  const Graph graph = built(R"(input %x: float32[1x2x4x4]
    %a = Relu(%x) "a"
    %i = Identity(%a)
    %d = Dropout(%i)
    %c = Cast(%d) {to=float16}
    %b = Relu(%c) "b"
    output %b)");
  EXPECT_EQ(edges(graph), "a -> b");
}

TEST(BuildTensor, RefusesShapesThatAreComputed) {
  EXPECT_EQ(refusal("input %x: float32[1x2x4x4]\n%y = Shape(%x)\noutput %y"),
            "a shape is computed while the network runs");
}

}  // namespace
}  // namespace sluice::hw
