// SPDX-License-Identifier: Apache-2.0
#include "tests/hw/build/built_text.hpp"

namespace sluice::hw {
namespace {

const std::string kOfSixBySix = "input %x: float32[1x2x6x6]\n";

TEST(BuildPool, HasItsReduction) {
  const std::string window = " {window={kernel=[2, 2], strides=[2, 2]}}\noutput %y";
  EXPECT_EQ(built_layer(kOfSixBySix + "%y = MaxPool(%x)" + window).as<Pooling>()->reduction,
            Reduction::Max);
  EXPECT_EQ(built_layer(kOfSixBySix + "%y = AveragePool(%x)" + window).as<Pooling>()->reduction,
            Reduction::Average);
}

TEST(BuildPool, OfTheWholeMapIsGlobal) {
  const Layer layer =
      built_layer(kOfSixBySix + "%y = AveragePool(%x) {window={kernel=[6, 6]}}\noutput %y");
  EXPECT_EQ(layer.as<GlobalPooling>()->reduction, Reduction::Average);
}

TEST(BuildPool, OfTheLargestWordStaysThat) {
  EXPECT_EQ(
      built_layer(kOfSixBySix + "%y = GlobalMaxPool(%x)\noutput %y").as<GlobalPooling>()->reduction,
      Reduction::Max);
}

TEST(BuildPool, RoundedUpIsPaddedSoFar) {
  const Layer layer = built_layer(kOfSixBySix + R"(
    %y = MaxPool(%x) {window={kernel=[3, 3], strides=[2, 2]}, ceil_mode=true}
    output %y)");
  EXPECT_EQ(layer.as<Pooling>()->padding.bottom, 1);
  EXPECT_EQ(map_out(layer), (FeatureMap{3, 3, 1, 2}));
}

TEST(BuildPool, RefusesDilationPlacesAndNorms) {
  EXPECT_EQ(refusal(kOfSixBySix + R"(%y = MaxPool(%x) {window={kernel=[2, 2], dilations=[2, 2]}}
                               output %y)"),
            "the words of its window are apart");
  EXPECT_EQ(refusal(kOfSixBySix + R"(%y, %i = MaxPool(%x) {window={kernel=[2, 2]}}
                               output %y
                               output %i)"),
            "it gives the places of the largest words");
  EXPECT_EQ(refusal(kOfSixBySix + "%y = LpPool(%x) {window={kernel=[2, 2]}}\noutput %y"),
            "there is no hardware for norms of windows");
}

}  // namespace
}  // namespace sluice::hw
