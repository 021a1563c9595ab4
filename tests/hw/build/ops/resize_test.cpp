// SPDX-License-Identifier: Apache-2.0
#include "tests/hw/build/built_text.hpp"

namespace sluice::hw {
namespace {

std::string resize(const std::string& scales, const std::string& attributes = "") {
  return "input %x: float32[1x2x4x4]\nconst %s: float32[4] = [" + scales +
         "]\n%y = Resize(%x, _, %s) {" + attributes + "}\noutput %y";
}
const std::string kRefusal = "it does more than to repeat each word a whole number of times";

TEST(BuildResize, RepeatsByItsOwnScales) {
  const Layer layer = built_layer(resize("1, 1, 2, 3"));
  EXPECT_EQ(layer.as<Repeat>()->scale, (Extent{2, 3, 1}));
  EXPECT_EQ(map_out(layer), (FeatureMap{8, 12, 1, 2}));
}

TEST(BuildResize, RefusesPartsOfWords) {
  EXPECT_EQ(refusal(resize("1, 1, 1.5, 1.5")), kRefusal);
  EXPECT_EQ(refusal(resize("1, 1, 2, 2", "mode=Linear")), kRefusal);
}

TEST(BuildResize, RefusesNeighboursThatAreNoRepetition) {
  EXPECT_EQ(refusal(resize("1, 1, 3, 3", "coordinate_mode=Asymmetric")), kRefusal);
  EXPECT_EQ(refusal(resize("1, 1, 3, 3", "coordinate_mode=Asymmetric, nearest_mode=Floor")), "");
  EXPECT_EQ(refusal(resize("1, 1, 2, 2", "coordinate_mode=AlignCorners")), kRefusal);
}

}  // namespace
}  // namespace sluice::hw
