// SPDX-License-Identifier: Apache-2.0
// Transposed convolutions: words spread apart, then a convolution.
#include <gmock/gmock.h>

#include "tests/rtl/mapped.hpp"

#include "sluice/rtl/layers.hpp"

namespace sluice::rtl {
namespace {

using numeric::Arithmetic;
using sluice::test::QuantizedNet;
using test::expect_exact;
using test::fold_products;
using test::instance_of;
using test::instances_of;
using test::number;
using test::refusal_of;
using testing::HasSubstr;

ir::Graph transposed_conv(const Shape& weights_shape, const ir::ConvTranspose& op,
                          Arithmetic arithmetic = Arithmetic::TfliteDouble) {
  QuantizedNet net(5, arithmetic);
  const std::int64_t filters = weights_shape[1] * op.group;
  const ir::ValueId x = net.input({1, weights_shape[0], 4, 5});
  const ir::ValueId weights = net.weights_per_channel(weights_shape, DType::Int8, 1, false);
  const ir::ValueId bias = net.bias({filters}, x, weights, 3000);
  const std::int64_t depth = num_elements(weights_shape) / weights_shape[1];
  return net.finish({net.add(op, {x, weights, bias}, net.grid_after(x, weights, depth))});
}

ir::ConvTranspose steps_of(const ir::Dims& strides, const ir::Dims& pads = {0, 0, 0, 0},
                           const ir::Dims& output_padding = {}) {
  ir::ConvTranspose op;
  op.window.strides = strides;
  op.window.pads = pads;
  op.output_padding = output_padding;
  return op;
}

TEST(Spread, WordsHaveTheCodeOfZeroBetweenThem) {
  QuantizedNet net(1);
  const ir::ValueId x = net.input({1, 2, 3, 5}, {DType::Int8, {0.05F}, {-17}});
  const ir::ValueId weights = net.weights_per_channel({2, 4, 2, 2}, DType::Int8, 1, false);
  const Netlist netlist = expect_exact(
      net.finish({net.add(steps_of({2, 2}), {x, weights}, net.grid_after(x, weights, 8))}));
  const Instance spread = instance_of(netlist, "sl_spread");
  EXPECT_EQ(number(spread, "Fill"), -17);
  EXPECT_EQ(number(spread, "RowStep"), 2);
  EXPECT_EQ(netlist.streams[spread.outputs[0].streams[0]].beats, 5 * 9 * 2);
  // A row of words waits while zeros are made.
  EXPECT_EQ(number(instance_of(netlist, "sl_fifo"), "Depth"), 10);
  const Instance windows = instance_of(netlist, "sl_window_taps");
  EXPECT_EQ(number(windows, "Rows"), 5);
  EXPECT_EQ(number(windows, "Cols"), 9);
  EXPECT_EQ(number(windows, "PadWord"), -17);
}

TEST(Spread, EveryFoldingOfATransposedConvolutionGivesItsCodes) {
  const ir::Graph network = transposed_conv({4, 6, 2, 2}, steps_of({2, 2}));
  for (const std::int64_t coarse_in : {1, 2, 4}) {
    for (const std::int64_t coarse_out : {1, 3, 6}) {
      for (const std::int64_t fine : {1, 2, 4}) {
        SCOPED_TRACE(testing::Message() << coarse_in << ", " << coarse_out << ", " << fine);
        expect_exact(
            network,
            fold_products({.coarse_in = coarse_in, .coarse_out = coarse_out, .fine = fine}));
      }
    }
  }
}

TEST(Spread, StepsPadsAndSizesOfAnyKindGiveTheirCodes) {
  const std::vector<ir::ConvTranspose> all = {
      steps_of({1, 1}, {1, 1, 1, 1}), steps_of({2, 2}, {1, 1, 1, 1}, {1, 1}),
      steps_of({3, 1}, {0, 2, 1, 0}), steps_of({1, 4}, {2, 0, 0, 1}),
      steps_of({4, 3}, {0, 0, 0, 0}, {2, 1})};
  for (const ir::ConvTranspose& op : all) {
    for (const Arithmetic arithmetic :
         {Arithmetic::TfliteSingle, Arithmetic::OnnxRuntime, Arithmetic::ShiftHalfEven}) {
      const Netlist netlist = expect_exact(transposed_conv({2, 3, 3, 3}, op, arithmetic));
      const bool is_spread = op.window.strides != ir::Dims{1, 1};
      EXPECT_EQ(instances_of(netlist, "sl_spread").size(), is_spread ? 1U : 0U);
    }
  }
}

TEST(Spread, WordsOfAWindowMayLieApartToo) {
  ir::ConvTranspose op = steps_of({2, 1}, {1, 0, 0, 1});
  op.window.dilations = {2, 3};
  expect_exact(transposed_conv({3, 2, 2, 2}, op), fold_products({.coarse_in = 3}));
}

// Where only columns are apart, a pixel waits; where that is one word, none.
TEST(Spread, OnlyWhatCanWaitHasAFifo) {
  const Netlist pixels = expect_exact(transposed_conv({4, 2, 1, 2}, steps_of({1, 2})));
  EXPECT_EQ(number(instance_of(pixels, "sl_fifo"), "Depth"), 4);
  const Netlist words = expect_exact(transposed_conv({4, 2, 1, 2}, steps_of({1, 2})),
                                     fold_products({.coarse_in = 4}));
  EXPECT_TRUE(instances_of(words, "sl_fifo").empty());
}

TEST(Spread, GroupsAreRefused) {
  QuantizedNet net(1, Arithmetic::ShiftHalfUp);
  const ir::ValueId x = net.input({1, 4, 3, 5});
  const ir::ValueId weights = net.codes({4, 3, 2, 2}, net.grid());
  ir::ConvTranspose op = steps_of({2, 2});
  op.group = 2;
  EXPECT_THAT(refusal_of(net.finish({net.add(op, {x, weights}, net.grid())})),
              HasSubstr("is transposed and has groups"));
}

}  // namespace
}  // namespace sluice::rtl
