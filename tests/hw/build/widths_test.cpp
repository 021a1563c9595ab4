// SPDX-License-Identifier: Apache-2.0
#include "sluice/hw/build/widths.hpp"

#include "tests/hw/build/built_text.hpp"

namespace sluice::hw {
namespace {

std::string conv(const std::string& weight) {
  return "input %x: float32[1x1x2x2]\n" + filled("w", {2, 1, 1, 1}, weight) +
         "%y = Conv(%x, %w) \"conv\"\noutput %y";
}

Convolution built_conv(const std::string& weight, const BuildOptions& options = {}) {
  return *built_layer(conv(weight), options).as<Convolution>();
}

TEST(Widths, LeaveWeightsTheDigitsBehindTheLargest) {
  EXPECT_EQ(built_conv("1").weight, (FixedPoint{16, 15}));
  EXPECT_EQ(built_conv("1.5").weight, (FixedPoint{16, 14}));
  EXPECT_EQ(built_conv("-0.1").weight, (FixedPoint{16, 18}));
  EXPECT_EQ(built_conv("0").weight, (FixedPoint{16, 15}));
}

TEST(Widths, OfSumsHaveTheProductsBinaryPoint) {
  EXPECT_EQ(built_conv("1").acc, (FixedPoint{30, 23}));
}

TEST(Widths, AreTheFilesWhereItSays) {
  BuildOptions options;
  options.hints["conv"].data_bits = 4;
  options.hints["conv"].weight_bits = 8;
  options.hints["conv"].acc_bits = 20;
  const Layer layer = built_layer(conv("1"), options);
  EXPECT_EQ(layer.data, (FixedPoint{4, 2}));
  EXPECT_EQ(layer.as<Convolution>()->weight, (FixedPoint{8, 7}));
  EXPECT_EQ(layer.as<Convolution>()->acc, (FixedPoint{20, 9}));
}

TEST(Widths, HaveEightBitsBeforeThePointWhereTheRangeIsKnown) {
  BuildOptions options;
  options.calibrated.emplace().tensors = {"x"};
  const Layer layer = built_layer(conv("0.1"), options);
  EXPECT_EQ(layer.data, (FixedPoint{16, 8}));
  EXPECT_EQ(layer.as<Convolution>()->output, (FixedPoint{16, 16}));
  EXPECT_EQ(layer.as<Convolution>()->weight, (FixedPoint{16, 15}));
}

}  // namespace
}  // namespace sluice::hw
