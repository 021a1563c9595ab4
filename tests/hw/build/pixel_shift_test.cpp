// SPDX-License-Identifier: Apache-2.0
#include "sluice/hw/build/pixel_shift.hpp"

#include <gmock/gmock.h>

#include "tests/hw/build/built_text.hpp"

namespace sluice::hw {
namespace {

using testing::ElementsAre;
using testing::Optional;

// Kernels of three channels with a weight each at the first, the middle and the last word.
std::string kernels(std::string_view weight = "1", std::string_view other = "0") {
  std::string elements;
  for (int c = 0; c < 3; ++c) {
    for (int tap = 0; tap < 9; ++tap) {
      elements += (elements.empty() ? "" : ", ") + std::string(tap == 4 * c ? weight : other);
    }
  }
  return "const %w: float32[3x1x3x3] = [" + elements + "]\n";
}

const std::string kInputOfThree = "input %x: float32[1x3x4x5]\n";
const std::string kAround = "{window={pads=[1, 1, 1, 1]}, group=3}";

std::optional<std::vector<std::int64_t>> taps_of(const std::string& lines) {
  const ir::Graph network = network_of(lines);
  return shift_taps(network, network.nodes[0]);
}

TEST(ShiftTaps, AreThePlacesOfTheOneWeight) {
  EXPECT_THAT(taps_of(kInputOfThree + kernels() + "%y = Conv(%x, %w) " + kAround + "\noutput %y"),
              Optional(ElementsAre(0, 4, 8)));
}

TEST(ShiftTaps, ABiasOfNothingChangesNothing) {
  const std::string conv = "%y = Conv(%x, %w, %b) " + kAround + "\noutput %y";
  EXPECT_TRUE(taps_of(kInputOfThree + kernels() + filled("b", {3}, "0") + conv));
  EXPECT_FALSE(taps_of(kInputOfThree + kernels() + filled("b", {3}, "0.5") + conv));
}

TEST(ShiftTaps, OtherWeightsAreAConvolution) {
  const std::string conv = "%y = Conv(%x, %w) " + kAround + "\noutput %y";
  EXPECT_FALSE(taps_of(kInputOfThree + kernels("2") + conv));
  EXPECT_FALSE(taps_of(kInputOfThree + kernels("-1") + conv));
  EXPECT_FALSE(taps_of(kInputOfThree + kernels("1", "1") + conv));
  EXPECT_FALSE(taps_of(kInputOfThree + kernels("0") + conv));
}

TEST(ShiftTaps, OtherWindowsAreAConvolution) {
  for (const std::string_view window :
       {"{window={pads=[1, 1, 1, 1], strides=[2, 2]}, group=3}", "{group=3}",
        "{window={pads=[2, 2, 2, 2], dilations=[2, 2]}, group=3}",
        "{window={pads=[0, 1, 2, 1]}, group=3}"}) {
    EXPECT_FALSE(taps_of(kInputOfThree + kernels() + "%y = Conv(%x, %w) " + std::string(window) +
                         "\noutput %y"))
        << window;
  }
}

TEST(ShiftTaps, OtherOperatorsHaveNone) {
  EXPECT_FALSE(taps_of(kInputOfThree + "%y = Relu(%x)\noutput %y"));
}

TEST(BuildPixelShift, IsALayerOfItsOwnByOurRules) {
  const std::string lines =
      kInputOfThree + kernels() + "%y = Conv(%x, %w) " + kAround + "\noutput %y";
  EXPECT_NE(built_layer(lines).as<PixelShift>(), nullptr);
  EXPECT_EQ(map_out(built_layer(lines)), (FeatureMap{4, 5, 1, 3}));
  EXPECT_EQ(built_layer(lines, kFpgaConvNet).as<PixelShift>(), nullptr);
}

}  // namespace
}  // namespace sluice::hw
