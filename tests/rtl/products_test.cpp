// SPDX-License-Identifier: Apache-2.0
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

// A convolution of `channels` channels in groups; with weights per channel and a bias.
ir::Graph convolution(const Shape& weights_shape, std::int64_t group, ir::Window window,
                      Arithmetic arithmetic = Arithmetic::TfliteDouble, DType dtype = DType::Int8) {
  QuantizedNet net(7, arithmetic, dtype);
  const ir::ValueId x = net.input({1, weights_shape[1] * group, 7, 6});
  const ir::ValueId weights = net.weights_per_channel(weights_shape, dtype, 0, false);
  const ir::ValueId bias = net.bias({weights_shape[0]}, x, weights, 3000);
  ir::Conv op;
  op.group = group;
  op.window = std::move(window);
  return net.finish(
      {net.add(op, {x, weights, bias},
               net.grid_after(x, weights, num_elements(weights_shape) / weights_shape[0]))});
}

std::vector<std::int64_t> weights_of(const Netlist& netlist) {
  const Instance dot = instance_of(netlist, "sl_dot");
  const std::int64_t count = number(dot, "Groups") * number(dot, "LanesIn") *
                             number(dot, "LanesOut") * number(dot, "Fine");
  const std::vector<int> widths(static_cast<std::size_t>(count),
                                static_cast<int>(number(dot, "WeightWidth")));
  return test::fields_of(test::memory_of(netlist, dot, "WeightsFile"), widths);
}

std::vector<std::int64_t> biases_of(const Netlist& netlist) {
  const Instance dot = instance_of(netlist, "sl_dot");
  const std::vector<int> widths(
      static_cast<std::size_t>(number(dot, "Groups") * number(dot, "LanesOut")),
      static_cast<int>(number(dot, "AccWidth")));
  return test::fields_of(test::memory_of(netlist, dot, "BiasFile"), widths);
}

// Filters of one input channel and a kernel of 2 x 2: kernel columns outermost.
TEST(Products, WeightsOfAFilterAreInTheOrderOfTheWindow) {
  QuantizedNet net(1);
  const ir::ValueId x = net.input({1, 1, 4, 4});
  const ir::ValueId weights =
      net.constant(Tensor::from<std::int8_t>({2, 1, 2, 2}, {1, 2, 3, 4, -5, -6, -7, -8}));
  net.graph()[weights].quantization = numeric::Quantization{DType::Int8, {0.02F}, {0}};
  const ir::Graph network = net.finish({net.add(ir::Conv{}, {x, weights}, net.grid())});
  const Netlist netlist = test::emitted(network);
  EXPECT_THAT(weights_of(netlist), testing::ElementsAre(1, -5, 3, -7, 2, -6, 4, -8));
  const Netlist whole = test::emitted(network, fold_products({.coarse_out = 2, .fine = 4}));
  EXPECT_THAT(weights_of(whole), testing::ElementsAre(1, 3, 2, 4, -5, -7, -6, -8));
  EXPECT_EQ(number(instance_of(netlist, "sl_dot"), "WeightWidth"), 4);
}

TEST(Products, BiasesLeaveOutWhatTheZeroPointOfTheInputAdds) {
  QuantizedNet net(1);
  const ir::ValueId x = net.input({1, 2, 4, 4}, {DType::Int8, {0.05F}, {-100}});
  const ir::ValueId weights =
      net.constant(Tensor::from<std::int8_t>({2, 2, 1, 1}, {3, 4, -50, 20}));
  net.graph()[weights].quantization = numeric::Quantization{DType::Int8, {0.02F}, {0}};
  const ir::ValueId bias = net.constant(Tensor::from<std::int32_t>({2}, {1000, -7}));
  net.graph()[bias].quantization = numeric::Quantization{DType::Int32, {0.05F * 0.02F}, {0}};
  const ir::Graph network = net.finish({net.add(ir::Conv{}, {x, weights, bias}, net.grid())});
  const Netlist netlist = expect_exact(network);
  EXPECT_THAT(biases_of(netlist), testing::ElementsAre(1000 + 100 * 7, -7 + 100 * -30));
}

// Sums of a filter: all codes less their zero point, at each weight, and the bias.
TEST(Products, AccumulatorsAreAsWideAsTheirSumsCanBe) {
  const auto bits_for_bias = [](std::int32_t bias) {
    QuantizedNet net(1);
    const ir::ValueId x = net.input({1, 1, 3, 3}, {DType::Int8, {0.05F}, {-128}});
    const ir::ValueId weights = net.constant(Tensor::from<std::int8_t>({1, 1, 1, 2}, {1, 1}));
    net.graph()[weights].quantization = numeric::Quantization{DType::Int8, {0.02F}, {0}};
    const ir::ValueId content = net.constant(Tensor::from<std::int32_t>({1}, {bias}));
    net.graph()[content].quantization = numeric::Quantization{DType::Int32, {0.05F * 0.02F}, {0}};
    const ir::Graph network = net.finish({net.add(ir::Conv{}, {x, weights, content}, net.grid())});
    return number(instance_of(expect_exact(network), "sl_dot"), "AccWidth");
  };
  // 0 to 510 + bias.
  EXPECT_EQ(bits_for_bias(0), 10);
  EXPECT_EQ(bits_for_bias(1), 10);
  EXPECT_EQ(bits_for_bias(2), 11);
  EXPECT_EQ(bits_for_bias(-512), 10);
  EXPECT_EQ(bits_for_bias(-513), 11);
}

TEST(Products, EveryFoldingOfAConvolutionGivesItsCodes) {
  const ir::Graph network = convolution({6, 4, 3, 2}, 1, {.strides = {2, 1}, .pads = {1, 0, 2, 1}});
  for (const std::int64_t coarse_in : {1, 2, 4}) {
    for (const std::int64_t coarse_out : {1, 3, 6}) {
      for (const std::int64_t fine : {1, 2, 3, 6}) {
        SCOPED_TRACE(testing::Message() << coarse_in << ", " << coarse_out << ", " << fine);
        const Netlist netlist = expect_exact(
            network,
            fold_products({.coarse_in = coarse_in, .coarse_out = coarse_out, .fine = fine}));
        const Instance dot = instance_of(netlist, "sl_dot");
        EXPECT_EQ(number(dot, "Fine"), fine);
        EXPECT_EQ(number(dot, "Beats"), 4 / coarse_in * (6 / fine));
        EXPECT_EQ(number(dot, "Filters"), 6 / coarse_out);
      }
    }
  }
}

TEST(Products, GroupsFollowOneAnother) {
  const ir::Graph network = convolution({6, 2, 3, 3}, 3, {.pads = {1, 1, 1, 1}});
  for (const std::int64_t coarse : {1, 2}) {
    const Netlist netlist = expect_exact(
        network, fold_products({.coarse_in = coarse, .coarse_out = coarse, .fine = 3}));
    EXPECT_EQ(number(instance_of(netlist, "sl_dot"), "Sets"), 3);
  }
}

TEST(Products, WholeGroupsGoSideBySide) {
  const ir::Graph network = convolution({6, 2, 3, 3}, 3, {.pads = {1, 1, 1, 1}});
  const Netlist netlist = expect_exact(
      network, fold_products({.coarse_in = 2, .coarse_out = 2, .coarse_group = 3, .fine = 9}));
  const Instance dot = instance_of(netlist, "sl_dot");
  EXPECT_EQ(number(dot, "Groups"), 3);
  EXPECT_EQ(number(dot, "Sets"), 1);
  const ir::Graph depthwise = convolution({4, 1, 3, 3}, 4, {.dilations = {2, 2}});
  for (const std::int64_t side_by_side : {1, 2, 4}) {
    expect_exact(depthwise, fold_products({.coarse_group = side_by_side, .fine = 3}));
  }
}

TEST(Products, PartsOfGroupsSideBySideAreRefusedWithWhatToChoose) {
  const ir::Graph network = convolution({6, 2, 3, 3}, 3, {.pads = {1, 1, 1, 1}});
  const std::string refusal =
      refusal_of(network, fold_products({.coarse_in = 1, .coarse_group = 3}));
  EXPECT_THAT(refusal, HasSubstr(network.nodes[0].name));
  EXPECT_THAT(refusal, HasSubstr("choose coarse_group 1, or coarse_in 2 and coarse_out 2"));
}

TEST(Products, ScalesOfOneAreOneEntry) {
  QuantizedNet net(7);
  const ir::ValueId x = net.input({1, 3, 5, 5});
  const ir::ValueId weights = net.codes({4, 3, 3, 3}, {DType::Int8, {0.01F}, {0}});
  const Netlist netlist =
      expect_exact(net.finish({net.add(ir::Conv{}, {x, weights}, net.grid_after(x, weights, 27))}));
  EXPECT_EQ(number(instance_of(netlist, "sl_requantize"), "Depth"), 1);
  const Netlist many =
      expect_exact(convolution({4, 3, 3, 3}, 1, {}), fold_products({.coarse_out = 2}));
  EXPECT_EQ(number(instance_of(many, "sl_requantize"), "Depth"), 2);
}

TEST(Products, ShiftArithmeticsRoundOnce) {
  for (const Arithmetic arithmetic :
       {Arithmetic::ShiftFloor, Arithmetic::ShiftHalfUp, Arithmetic::ShiftHalfEven}) {
    const ir::Graph network = convolution({4, 3, 3, 3}, 1, {.pads = {1, 1, 1, 1}}, arithmetic);
    const Netlist netlist = expect_exact(network, fold_products({.coarse_in = 3, .coarse_out = 2}));
    EXPECT_EQ(instances_of(netlist, "sl_shift_round").size(), 1U);
    EXPECT_TRUE(instances_of(netlist, "sl_requantize").empty());
  }
}

TEST(Products, UnsignedCodesAreMultipliedAsTheyAre) {
  const Netlist netlist = expect_exact(
      convolution({4, 2, 3, 3}, 1, {.pads = {1, 1, 0, 0}}, Arithmetic::TfliteDouble, DType::UInt8),
      fold_products({.coarse_in = 2}));
  EXPECT_EQ(test::parameter(instance_of(netlist, "sl_dot"), "XSigned"), "1'b0");
}

TEST(Products, WindowsOfOneWordNeedNoModule) {
  const Netlist netlist = expect_exact(convolution({4, 3, 1, 1}, 1, {}));
  EXPECT_EQ(netlist.blocks[0].instances[0].module, "sl_dot");
  const Netlist strided = expect_exact(convolution({4, 3, 1, 1}, 1, {.strides = {2, 2}}));
  EXPECT_EQ(strided.blocks[0].instances[0].module, "sl_window_taps");
}

TEST(Products, PaddingHasTheCodeOfZero) {
  const ir::Graph network = convolution({4, 3, 3, 3}, 1, {.pads = {1, 1, 1, 1}});
  const std::int64_t zero_point = network[network.inputs[0].value].quantization->zero_points[0];
  ASSERT_NE(zero_point, 0);
  EXPECT_EQ(number(instance_of(expect_exact(network), "sl_window_taps"), "PadWord"), zero_point);
}

// A map, flat, and a layer of weights; as matrices of either form.
ir::Graph classifier(ir::Op op, const Shape& weights_shape) {
  QuantizedNet net(3);
  const ir::ValueId x = net.input({1, 3, 2, 4});
  const ir::ValueId relu = net.add_like(ir::Relu{}, {x});
  const ir::ValueId flat = net.add_like(ir::Flatten{}, {relu});
  const ir::ValueId weights = net.codes(weights_shape, {DType::Int8, {0.02F}, {0}});
  std::vector<ir::ValueId> inputs{flat, weights};
  if (ir::is<ir::Gemm>(op)) inputs.push_back(net.bias({6}, flat, weights));
  return net.finish({net.add(std::move(op), inputs, net.grid_after(flat, weights, 24))});
}

TEST(Products, AMatrixBehindAFlattenHasItsColumnsInStreamOrder) {
  for (const std::int64_t coarse_in : {1, 3}) {
    for (const std::int64_t coarse_out : {1, 2, 6}) {
      const hw::Folding by{.coarse_in = coarse_in, .coarse_out = coarse_out};
      expect_exact(classifier(ir::Gemm{}, {24, 6}), fold_products(by));
      expect_exact(classifier(ir::Gemm{.trans_b = true}, {6, 24}), fold_products(by));
      expect_exact(classifier(ir::MatMul{}, {24, 6}), fold_products(by));
    }
  }
}

TEST(Products, RefusesFactorsOfAGemm) {
  EXPECT_THAT(refusal_of(classifier(ir::Gemm{.alpha = 0.5F}, {24, 6})),
              HasSubstr("a factor alpha or beta"));
}

TEST(Products, RefusesAccumulatorsThatAreTooNarrow) {
  ir::Graph network = convolution({4, 3, 3, 3}, 1, {});
  network.nodes[0].accumulator = numeric::Accumulator{.bits = 12};
  EXPECT_THAT(refusal_of(network), HasSubstr("its accumulators have 12 bits, and "));
  network.nodes[0].accumulator = numeric::Accumulator{.bits = 32};
  EXPECT_EQ(refusal_of(network), "");
}

TEST(Products, RefusesWeightsThatAreComputed) {
  QuantizedNet net(1);
  const ir::ValueId x = net.input({1, 3, 4, 4});
  const ir::ValueId weights = net.input({2, 3, 1, 1});
  ir::Graph network = net.finish({net.add(ir::Conv{}, {x, weights}, net.grid())});
  EXPECT_FALSE(hw::build_graph(network, {}));  // no layer is made of it
}

TEST(AddWindows, GivesWordsColumnsOrAllAtOnceAsFineAsks) {
  const ir::Graph network = convolution({4, 3, 3, 2}, 1, {});
  const auto modules = [&](std::int64_t fine) {
    const Netlist netlist = test::emitted(network, fold_products({.fine = fine}));
    std::vector<std::string> names;
    for (const Instance& instance : netlist.blocks[0].instances) names.push_back(instance.module);
    names.pop_back();
    return names;
  };
  using testing::ElementsAre;
  EXPECT_THAT(modules(1), ElementsAre("sl_window_taps", "sl_dot"));
  EXPECT_THAT(modules(3), ElementsAre("sl_window_taps", "sl_dot"));
  EXPECT_THAT(modules(2), ElementsAre("sl_window_slide", "sl_parts", "sl_dot"));
  EXPECT_THAT(modules(6), ElementsAre("sl_window_slide", "sl_dot"));
}

// Float32 holds no sum beyond 2^24 but in steps of 2 and more, so that codes begin off every line.
TEST(Products, SumsThatFloat32RoundsAreComparedWithThresholds) {
  int num_compared = 0;
  for (std::uint64_t seed = 1; seed < 5; ++seed) {
    QuantizedNet net(seed, Arithmetic::OnnxRuntime);
    constexpr std::int64_t kInputs = 2048;
    const ir::ValueId x = net.input({1, kInputs}, {DType::Int8, {0.05F}, {-128}});
    const ir::ValueId weights = net.weights_per_channel({kInputs, 4}, DType::Int8, 1, false);
    const float step = net.grid_of(x).scales[0] * net.grid_of(weights).scales[0];
    const ir::Graph network = net.finish({net.add(
        ir::MatMul{}, {x, weights}, numeric::Quantization{DType::Int8, {step * 77'777}, {3}})});
    const Netlist netlist =
        expect_exact(network, fold_products({.coarse_in = 64, .coarse_out = 2}));
    num_compared += instances_of(netlist, "sl_bisect").empty() ? 0 : 1;
  }
  EXPECT_GT(num_compared, 0);
}

}  // namespace
}  // namespace sluice::rtl
