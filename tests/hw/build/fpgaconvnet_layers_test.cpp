// SPDX-License-Identifier: Apache-2.0
#include "sluice/hw/build/fpgaconvnet_layers.hpp"

#include "tests/hw/build/built_text.hpp"

namespace sluice::hw {
namespace {

std::string name_of(const std::string& line) {
  const ir::Graph network = network_of(kInput + line);
  return fpgaconvnet_op(network, steps_of(network, Rules::FpgaConvNet).back());
}

TEST(FpgaConvNetOp, OfAPoolingOfTheWholeMapIsAGlobalOne) {
  EXPECT_EQ(name_of("%y = MaxPool(%x) {window={kernel=[4, 4]}}\noutput %y"), "GlobalMaxPool");
  EXPECT_EQ(name_of("%y = AveragePool(%x) {window={kernel=[4, 4]}}\noutput %y"),
            "GlobalAveragePool");
  EXPECT_EQ(name_of("%y = MaxPool(%x) {window={kernel=[2, 2]}}\noutput %y"), "MaxPool");
}

TEST(FpgaConvNetOp, OfAReshapeThatIsReadAndFlattensIsFlatten) {
  const std::string reshape = "const %s: int64[2] = [1, 32]\n%y = Reshape(%x, %s)\n";
  EXPECT_EQ(name_of(reshape + "output %y"), "Reshape");
  const ir::Graph network = network_of(kInput + reshape + "%z = Relu(%y)\noutput %z");
  EXPECT_EQ(fpgaconvnet_op(network, steps_of(network, Rules::FpgaConvNet)[0]), "Flatten");
}

TEST(FpgaConvNetLayer, TakesAnyResizeForTwiceTheRows) {
  const Layer layer = built_layer(kInput + R"(const %s: float32[4] = [1, 1, 3, 3]
    %y = Resize(%x, _, %s)
    output %y)",
                                  kFpgaConvNet);
  const auto* repeat = layer.as<Repeat>();
  ASSERT_NE(repeat, nullptr);
  EXPECT_EQ(repeat->scale, (Extent{1, 1, 1}));
  EXPECT_EQ(repeat->channels, 2);
}

TEST(FpgaConvNetLayer, TakesALargestWordForAMean) {
  const Layer layer = built_layer(kInput + "%y = GlobalMaxPool(%x)\noutput %y", kFpgaConvNet);
  EXPECT_EQ(layer.as<GlobalPooling>()->reduction, Reduction::Average);
}

TEST(FpgaConvNetLayer, ForgetsDilation) {
  const Layer layer = built_layer(kInput + filled("w", {1, 2, 2, 2}) + R"(
    %y = Conv(%x, %w) {window={dilations=[2, 2]}}
    output %y)",
                                  kFpgaConvNet);
  EXPECT_EQ(layer.as<Convolution>()->dilation, Extent());
}

TEST(FpgaConvNetLayer, RefusesAConstantOperand) {
  EXPECT_EQ(refusal(kInput + filled("c", {1}) + "%y = Add(%x, %c)\noutput %y", kFpgaConvNet),
            "one of its operands is a constant");
}

TEST(FpgaConvNetLayer, RefusesWhatItsParserDoesNotKnow) {
  EXPECT_EQ(refusal(kInput + "%y = Tanh(%x)\noutput %y", kFpgaConvNet),
            "fpgaConvNet's parser has no layer for it");
}

}  // namespace
}  // namespace sluice::hw
