// SPDX-License-Identifier: Apache-2.0
#include "sluice/hw/build/site.hpp"

#include "tests/hw/build/built_text.hpp"

namespace sluice::hw {
namespace {

TEST(Site, NamesTheInputWhoseOrderIsNotPlain) {
  EXPECT_EQ(refusal(R"(input %x: float32[1x2x4x4]
    %a = Relu(%x)
    %b = Transpose(%a) {permutation=[0, 2, 3, 1]}
    %c = GlobalMaxPool(%b)
    output %c)"),
            "the words of its input \"b\" come in another order than those of a feature map of "
            "shape 1x4x4x2");
}

TEST(Site, TellsStreamsFromConstantsAndWhatIsUsed) {
  const ir::Graph network =
      network_of("input %x: float32[1x4]\n" + filled("c", {4}) + "%y = Add(%x, %c)\noutput %y");
  const auto known = known_values(network);
  const BuildOptions options;
  Streams streams(network, options);
  const auto steps = steps_of(network, Rules::Sluice);
  const Site site(network, steps[0], options, known, streams);
  EXPECT_TRUE(site.is_stream(0));
  EXPECT_FALSE(site.is_stream(1));
  EXPECT_FALSE(site.has(2));
  EXPECT_TRUE(site.is_used(0));
}

}  // namespace
}  // namespace sluice::hw
