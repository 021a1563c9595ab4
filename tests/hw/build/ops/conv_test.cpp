// SPDX-License-Identifier: Apache-2.0
#include "tests/hw/build/built_text.hpp"

namespace sluice::hw {
namespace {

TEST(BuildConv, HasItsPaddingAndBias) {
  const Layer layer = built_layer("input %x: float32[1x2x5x5]\n" + filled("w", {4, 2, 3, 3}) +
                                  filled("b", {4}) + R"(
    %y = Conv(%x, %w, %b) {window={pads=[1, 1, 1, 1]}}
    output %y)");
  EXPECT_TRUE(layer.as<Convolution>()->has_bias);
  EXPECT_EQ(map_out(layer), (FeatureMap{5, 5, 1, 4}));
}

TEST(BuildConv, OfALineIsOneOfARow) {
  const Layer layer = built_layer("input %x: float32[1x2x9]\n" + filled("w", {4, 2, 3}) +
                                  "%y = Conv(%x, %w)\noutput %y");
  EXPECT_EQ(layer.as<Convolution>()->kernel, (Extent{1, 3, 1}));
  EXPECT_EQ(map_out(layer), (FeatureMap{1, 7, 1, 4}));
}

TEST(BuildConv, WithDilationCoversMoreWithAsManyProducts) {
  const Layer layer = built_layer("input %x: float32[1x2x9x9]\n" + filled("w", {4, 2, 3, 3}) + R"(
    %y = Conv(%x, %w) {window={dilations=[2, 3]}}
    output %y)");
  EXPECT_EQ(map_out(layer), (FeatureMap{5, 3, 1, 4}));
  EXPECT_EQ(operations_of(layer), 2 * 9 * 2 * 4 * 15);
}

TEST(BuildConv, ThatOnlyMovesPixelsIsAShift) {
  const std::string before = "input %x: float32[1x2x4x4]\nconst %w: float32[2x1x3x3] = [";
  const std::string after = R"(]
    %y = Conv(%x, %w) {window={pads=[1, 1, 1, 1]}, group=2}
    output %y)";
  const Layer shift =
      built_layer(before + "0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0" + after);
  EXPECT_NE(shift.as<PixelShift>(), nullptr);
  EXPECT_EQ(map_out(shift), (FeatureMap{4, 4, 1, 2}));
  EXPECT_EQ(operations_of(shift), 0);
  const Layer conv =
      built_layer(before + "0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2, 0, 0, 0" + after);
  EXPECT_NE(conv.as<Convolution>(), nullptr);
}

TEST(BuildConv, TransposedSpreadsTheWords) {
  const Layer layer = built_layer("input %x: float32[1x4x5x6]\n" + filled("w", {4, 2, 3, 3}) + R"(
    %y = ConvTranspose(%x, %w) {window={strides=[2, 3], pads=[1, 0, 1, 0]},
                                output_padding=[1, 0]}
    output %y)");
  const auto* conv = layer.as<Convolution>();
  EXPECT_EQ(conv->spread, (Extent{2, 3, 1}));
  EXPECT_EQ(conv->step, Extent());
  EXPECT_EQ(conv->padding.top, 1);
  EXPECT_EQ(conv->padding.bottom, 2);
  EXPECT_EQ(conv->padding.left, 2);
  EXPECT_EQ(map_out(layer), (FeatureMap{10, 18, 1, 2}));
}

TEST(BuildConv, TransposedWithPadsBeyondItsKernelIsRefused) {
  EXPECT_EQ(refusal("input %x: float32[1x1x5x5]\n" + filled("w", {1, 1, 1, 1}) + R"(
    %y = ConvTranspose(%x, %w) {window={pads=[1, 1, 1, 1]}}
    output %y)"),
            "its pads are larger than its kernel");
}

TEST(BuildConv, WithWeightsThatAreAStreamIsRefused) {
  EXPECT_EQ(refusal("input %x: float32[1x2x5x5]\ninput %w: float32[4x2x1x1]\n"
                    "%y = Conv(%x, %w)\noutput %y"),
            "it has 4 images");
}

}  // namespace
}  // namespace sluice::hw
