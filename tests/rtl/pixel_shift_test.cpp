// SPDX-License-Identifier: Apache-2.0
#include "sluice/ir/pixel_shift.hpp"

#include <gmock/gmock.h>

#include "tests/rtl/mapped.hpp"

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
using test::parameter;

// Kernels of three by three with a single code that stands for 1.
ir::Graph shift_net(const Quantization& x, const std::vector<std::int64_t>& taps,
                    const Quantization& weights, std::int64_t code, Arithmetic arithmetic) {
  constexpr std::int64_t kChannels = 10;
  QuantizedNet net(3, arithmetic);
  const ir::ValueId input = net.input({1, kChannels, 4, 5}, x);
  std::vector<std::int64_t> kernels(kChannels * 9, 0);
  for (std::size_t c = 0; c < kChannels; ++c) {
    kernels[c * 9 + static_cast<std::size_t>(taps[c % taps.size()])] = code;
  }
  const ir::ValueId w = net.graph().add_constant(
      "kernels",
      numeric::cast(Tensor::from<std::int64_t>({kChannels, 1, 3, 3}, kernels), weights.dtype));
  net.graph()[w].quantization = weights;
  const ir::Conv conv{.window = {.kernel = {3, 3}, .pads = {1, 1, 1, 1}}, .group = kChannels};
  return net.finish({net.add(conv, {input, w}, x)});
}

const Quantization kShifted{DType::Int8, {0.05F}, {-11}};
const Quantization kOneAsCode{DType::Int8, {1}, {0}};
const std::vector<std::int64_t> kCrossTaps{1, 3, 4, 5, 7};

TEST(EmitPixelShift, MovesChannelsAsTheConvolutionDoes) {
  for (const std::int64_t streams : {1, 2, 5}) {
    for (const auto& taps : {kCrossTaps, std::vector<std::int64_t>{8, 0, 4, 2}}) {
      const Netlist netlist = expect_exact(
          shift_net(kShifted, taps, kOneAsCode, 1, Arithmetic::TfliteSingle), fold_all(streams));
      const Instance shift = instance_of(netlist, "sl_pixel_shift");
      EXPECT_EQ(number(shift, "Lanes"), streams);
      EXPECT_EQ(number(shift, "Beats"), 10 / streams);
      EXPECT_EQ(number(shift, "Fill"), -11);
      EXPECT_TRUE(netlist.memories.empty());
      EXPECT_TRUE(instances_of(netlist, "sl_dot").empty());
    }
  }
}

TEST(EmitPixelShift, NamesTheTapsFromTheLastToTheFirst) {
  const Netlist netlist =
      expect_exact(shift_net(kShifted, kCrossTaps, kOneAsCode, 1, Arithmetic::TfliteSingle));
  const Instance shift = instance_of(netlist, "sl_pixel_shift");
  EXPECT_EQ(parameter(shift, "Taps"), "20'h75431");
  EXPECT_EQ(number(shift, "Period"), 5);
}

TEST(EmitPixelShift, OfPowersOfTwoTheCodeOfOneIsAnyPower) {
  const Quantization narrow{.dtype = DType::UInt8, .scales = {0.25F}, .bits = 4};
  const Quantization eighths{.dtype = DType::Int8, .scales = {0.125F}, .bits = 5};
  const Netlist netlist =
      expect_exact(shift_net(narrow, kCrossTaps, eighths, 8, Arithmetic::ShiftHalfEven));
  EXPECT_EQ(number(instance_of(netlist, "sl_pixel_shift"), "Width"), 4);
}

TEST(EmitPixelShift, WhatRescalesOnTheWayIsAConvolution) {
  const Quantization halves{DType::Int8, {0.5F}, {0}};
  const Netlist netlist =
      expect_exact(shift_net(kShifted, kCrossTaps, halves, 1, Arithmetic::TfliteSingle));
  EXPECT_TRUE(instances_of(netlist, "sl_pixel_shift").empty());
  EXPECT_EQ(instances_of(netlist, "sl_dot").size(), 1U);
}

}  // namespace
}  // namespace sluice::rtl
