// SPDX-License-Identifier: Apache-2.0
#include "tests/hw/build/built_text.hpp"

namespace sluice::hw {
namespace {

const std::string kTwo = "input %x: float32[1x2x4x4]\ninput %y: float32[1x2x1x1]\n";

TEST(BuildBinary, OfStreamsIsAJoin) {
  const Layer layer = built_layer(
      "input %x: float32[1x2x4x4]\ninput %y: float32[1x2x4x4]\n"
      "%z = Mul(%x, %y)\noutput %z");
  EXPECT_EQ(layer.as<Join>()->op, Eltwise::Mul);
  EXPECT_FALSE(layer.as<Join>()->broadcasts);
  EXPECT_EQ(layer.inputs.size(), 2U);
}

TEST(BuildBinary, WithAWordAChannelBroadcastsTheSecondInput) {
  const Graph graph = built(kTwo + R"(%a = Relu(%x) "map"
    %b = Relu(%y) "word"
    %z = Mul(%b, %a) "z"
    output %z)");
  const Node& join = graph[*graph.find("z")];
  EXPECT_TRUE(join.layer.as<Join>()->broadcasts);
  EXPECT_EQ(graph[join.predecessors[1]].name, "word");
  EXPECT_EQ(join.layer.map, (FeatureMap{4, 4, 1, 2}));
}

TEST(BuildBinary, WithARowIsRefused) {
  EXPECT_EQ(refusal("input %x: float32[1x2x4x4]\ninput %y: float32[1x2x1x4]\n"
                    "%z = Add(%x, %y)\noutput %z"),
            "it repeats one operand along rows, columns or channels");
}

TEST(BuildBinary, WithAConstantAChannelIsAFactorOrAnOffset) {
  const Layer sum = built_layer(kInput + filled("c", {2, 1, 1}) + "%z = Add(%x, %c)\noutput %z");
  EXPECT_FALSE(sum.as<ChannelAffine>()->has_scale);
  EXPECT_TRUE(sum.as<ChannelAffine>()->has_offset);
  const Layer product = built_layer(kInput + filled("c", {1}) + "%z = Mul(%c, %x)\noutput %z");
  EXPECT_TRUE(product.as<ChannelAffine>()->has_scale);
  EXPECT_FALSE(product.as<ChannelAffine>()->has_offset);
  const Layer quotient = built_layer(kInput + filled("c", {1}) + "%z = Div(%x, %c)\noutput %z");
  EXPECT_TRUE(quotient.as<ChannelAffine>()->has_scale);
  const Layer negated = built_layer(kInput + filled("c", {1}) + "%z = Sub(%c, %x)\noutput %z");
  EXPECT_TRUE(negated.as<ChannelAffine>()->has_scale && negated.as<ChannelAffine>()->has_offset);
}

TEST(BuildBinary, WithAConstantThatDiffersWithinAChannelIsRefused) {
  EXPECT_EQ(refusal(kInput + "const %c: float32[4] = [1, 2, 3, 4]\n%z = Add(%x, %c)\noutput %z"),
            "its constant differs within a channel");
}

TEST(BuildBinary, OfWordsAndLimitsIsACut) {
  EXPECT_NE(
      built_layer(kInput + filled("c", {1}) + "%z = Min(%x, %c)\noutput %z").as<Elementwise>(),
      nullptr);
  EXPECT_NE(built_layer(kInput + filled("c", {2, 1, 1}) + "%z = PRelu(%x, %c)\noutput %z")
                .as<Elementwise>(),
            nullptr);
}

TEST(BuildBinary, HasNoDifferencesNorQuotientsOfStreams) {
  EXPECT_EQ(refusal(kTwo + "%z = Sub(%x, %y)\noutput %z"),
            "there is no hardware for differences of streams");
  EXPECT_EQ(refusal(kTwo + "%z = Div(%x, %y)\noutput %z"),
            "there is no hardware for quotients of streams");
  EXPECT_EQ(refusal(kTwo + "%z = Max(%x, %y)\noutput %z"), "it compares two streams");
}

}  // namespace
}  // namespace sluice::hw
