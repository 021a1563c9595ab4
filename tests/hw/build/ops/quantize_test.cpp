// SPDX-License-Identifier: Apache-2.0
#include "tests/hw/build/built_text.hpp"

namespace sluice::hw {
namespace {

TEST(BuildQuantize, IsNoLayer) {
  const Graph graph = built(R"(input %x: float32[1x2x4x4]
    const %s: float32[] = [0.5]
    const %z: int8[] = [0]
    %a = Relu(%x) "a"
    %q = QuantizeLinear(%a, %s, %z)
    %d = DequantizeLinear(%q, %s, %z)
    %b = Relu(%d) "b"
    output %b)");
  EXPECT_EQ(edges(graph), "a -> b");
}

}  // namespace
}  // namespace sluice::hw
