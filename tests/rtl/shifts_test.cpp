// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>

#include "tests/rtl/mapped.hpp"

#include "sluice/rtl/layers.hpp"

namespace sluice::rtl {
namespace {

using numeric::Arithmetic;
using numeric::Quantization;
using sluice::test::QuantizedNet;
using test::expect_exact;
using test::fold_all;
using test::instance_of;
using test::instances_of;
using test::number;
using test::numbers;
using testing::ElementsAre;

// A convolution of each channel whose one weight is at the channel's tap.
ir::Graph pixel_shift(const std::vector<std::int64_t>& taps, Arithmetic arithmetic,
                      const Quantization& of_weights, std::int8_t weight, DType dtype = DType::Int8,
                      bool keeps_grid = true) {
  QuantizedNet net(3, arithmetic, dtype);
  const auto channels = static_cast<std::int64_t>(taps.size());
  const ir::ValueId x = net.input({1, channels, 4, 5});
  std::vector<std::int8_t> kernels(taps.size() * 9, 0);
  for (std::size_t c = 0; c < taps.size(); ++c) {
    kernels[c * 9 + static_cast<std::size_t>(taps[c])] = weight;
  }
  const ir::ValueId weights = net.constant(Tensor::from<std::int8_t>({channels, 1, 3, 3}, kernels));
  net.graph()[weights].quantization = of_weights;
  ir::Conv op;
  op.group = channels;
  op.window.pads = {1, 1, 1, 1};
  return net.finish({net.add(op, {x, weights}, keeps_grid ? net.grid_of(x) : net.grid())});
}

const Quantization kSixtyFourths{DType::Int8, {1.0F / 64}, {0}};

TEST(Shifts, OneWeightAChannelIsAMoveOfPixels) {
  for (const Arithmetic arithmetic :
       {Arithmetic::TfliteDouble, Arithmetic::TfliteSingle, Arithmetic::Xnnpack,
        Arithmetic::OnnxRuntime, Arithmetic::ShiftHalfEven, Arithmetic::ShiftFloor}) {
    for (const std::int64_t streams : {1, 2, 6}) {
      const Netlist netlist = expect_exact(
          pixel_shift({0, 1, 2, 3, 5, 8}, arithmetic, kSixtyFourths, 64), fold_all(streams));
      const Instance shift = instance_of(netlist, "sl_pixel_shift");
      EXPECT_EQ(number(shift, "Lanes"), streams);
      EXPECT_THAT(numbers(shift, "Taps"), ElementsAre(0, 1, 2, 3, 5, 8));
      EXPECT_TRUE(netlist.memories.empty());
    }
  }
}

TEST(Shifts, TapsThatComeAgainAreToldOnce) {
  const Netlist netlist = expect_exact(
      pixel_shift({1, 3, 4, 5, 7, 1, 3, 4}, Arithmetic::ShiftHalfEven, kSixtyFourths, 64));
  EXPECT_THAT(numbers(instance_of(netlist, "sl_pixel_shift"), "Taps"), ElementsAre(1, 3, 4, 5, 7));
  EXPECT_EQ(number(instance_of(expect_exact(pixel_shift({4, 4, 4}, Arithmetic::ShiftHalfEven,
                                                        kSixtyFourths, 64)),
                               "sl_pixel_shift"),
                   "Period"),
            1);
}

TEST(Shifts, ByWeightsThatAreNearlyOneMoveCodesAsWell) {
  expect_exact(
      pixel_shift({1, 7, 5}, Arithmetic::TfliteDouble, {DType::Int8, {1.0F / 127}, {0}}, 127));
  const Netlist netlist = expect_exact(pixel_shift(
      {1, 7, 5}, Arithmetic::TfliteDouble, {DType::Int8, {1.0F / 127}, {0}}, 127, DType::UInt8));
  EXPECT_EQ(instances_of(netlist, "sl_pixel_shift").size(), 1U);
}

TEST(Shifts, OfCodesThatChangeAreConvolutions) {
  for (const std::int8_t weight : std::vector<std::int8_t>{63, 32, -64}) {
    const Netlist netlist =
        expect_exact(pixel_shift({1, 7, 5}, Arithmetic::TfliteDouble, kSixtyFourths, weight));
    EXPECT_TRUE(instances_of(netlist, "sl_pixel_shift").empty());
  }
  const Netlist netlist = expect_exact(
      pixel_shift({1, 7, 5}, Arithmetic::TfliteDouble, kSixtyFourths, 64, DType::Int8, false));
  EXPECT_EQ(instances_of(netlist, "sl_dot").size(), 1U);
}

}  // namespace
}  // namespace sluice::rtl
