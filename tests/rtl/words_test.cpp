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
using test::refusal_of;
using testing::ElementsAre;
using testing::HasSubstr;

const Quantization kInt8Grid{DType::Int8, {0.05F}, {-11}};

TEST(Words, AReluOfOneScaleIsAClamp) {
  QuantizedNet net(1);
  const ir::ValueId x = net.input({1, 4, 3, 5}, kInt8Grid);
  const Netlist netlist = expect_exact(net.finish({net.add_like(ir::Relu{}, {x})}), fold_all(2));
  const Instance clip = instance_of(netlist, "sl_clip");
  EXPECT_EQ(number(clip, "Lowest"), -11);
  EXPECT_EQ(number(clip, "Highest"), 127);
  EXPECT_TRUE(netlist.memories.empty());
}

TEST(Words, ABoundedReluOfOneScaleHasBothBounds) {
  QuantizedNet net(1);
  const ir::ValueId x = net.input({1, 4, 3, 5}, kInt8Grid);
  const Netlist netlist =
      expect_exact(net.finish({net.add_like(ir::Clip{}, {x, net.scalar(0), net.scalar(6)})}));
  EXPECT_EQ(number(instance_of(netlist, "sl_clip"), "Highest"), 109);
}

TEST(Words, AReluThatChangesTheScaleIsScaled) {
  for (const Arithmetic arithmetic :
       {Arithmetic::TfliteDouble, Arithmetic::TfliteSingle, Arithmetic::ShiftHalfUp}) {
    QuantizedNet net(4, arithmetic);
    const ir::ValueId x = net.input({1, 4, 8, 8});
    const Netlist netlist =
        expect_exact(net.finish({net.add(ir::Relu{}, {x}, net.grid())}), fold_all(4));
    EXPECT_EQ(instances_of(netlist, "sl_requantize").size(), 1U);
  }
}

TEST(Words, OtherFunctionsAreLookedUp) {
  QuantizedNet net(1);
  const ir::ValueId x = net.input({1, 4, 3, 5});
  const Netlist netlist = expect_exact(net.finish({net.add_like(ir::Sigmoid{}, {x})}), fold_all(2));
  EXPECT_EQ(number(instance_of(netlist, "sl_table"), "Lanes"), 2);
}

// Inputs whose names are in another order than the node has them.
ir::Graph concatenation(const std::vector<std::int64_t>& channels, bool is_alike = true,
                        Arithmetic arithmetic = Arithmetic::TfliteDouble) {
  QuantizedNet net(2, arithmetic);
  std::vector<ir::ValueId> inputs;
  for (std::size_t i = 0; i < channels.size(); ++i) {
    const ir::ValueId x = net.input({1, channels[i], 3, 4}, kInt8Grid);
    const Quantization grid = is_alike || i == 0 ? kInt8Grid : net.grid();
    inputs.push_back(net.add(ir::Relu{}, {x}, grid));
    net.graph().nodes.back().name = std::string(1, static_cast<char>('z' - i)) + "_relu";
  }
  return net.finish({net.add(ir::Concat{1}, inputs, kInt8Grid)});
}

TEST(Words, ConcatenationsFollowTheNetworkNotTheNames) {
  const Netlist netlist = expect_exact(concatenation({2, 4, 6}), fold_all(2));
  const Instance concat = instance_of(netlist, "sl_concat");
  EXPECT_THAT(numbers(concat, "Beats"), ElementsAre(1, 2, 3));
  ASSERT_EQ(concat.inputs[0].streams.size(), 3U);
  for (const std::size_t i : {0U, 1U, 2U}) {
    EXPECT_EQ(netlist.streams[concat.inputs[0].streams[i]].beats,
              12 * static_cast<std::int64_t>(i + 1));
  }
}

TEST(Words, ConcatenationsOfDifferentScalesAreRefused) {
  EXPECT_THAT(refusal_of(concatenation({2, 4}, false)),
              HasSubstr("moves or compares codes of different scales; quantize them with one"));
}

TEST(Words, ConcatenationsOfDifferentScalesAreOfOneWhereTheRuntimeMakesThemSo) {
  const Netlist netlist =
      expect_exact(concatenation({2, 4, 6}, false, Arithmetic::OnnxRuntime), fold_all(2));
  // One for the ReLU and one for the change, of two inputs.
  EXPECT_EQ(instances_of(netlist, "sl_requantize").size(), 4U);
}

// Of what moves or compares codes, into another grid.
void expect_changes(ir::Op op, const std::vector<std::int64_t>& integers) {
  for (const Arithmetic arithmetic :
       {Arithmetic::OnnxRuntime, Arithmetic::Onnx, Arithmetic::ShiftHalfEven}) {
    SCOPED_TRACE(testing::Message() << ir::op_name(op) << to_string(arithmetic));
    QuantizedNet net(3, arithmetic);
    const ir::ValueId x = net.input({1, 4, 5, 6});
    const ir::ValueId map = net.add_like(ir::Relu{}, {x});
    std::vector<ir::ValueId> inputs{map};
    if (!integers.empty()) inputs.push_back(net.integers(integers));
    const ir::ValueId y = net.add(op, inputs, net.grid());
    const Netlist netlist = expect_exact(
        net.finish({net.add_like(ir::MaxPool{.window = {.kernel = {2, 2}}}, {y})}), fold_all(2));
    EXPECT_EQ(instances_of(netlist, "sl_requantize").size(), 1U);
  }
}

TEST(Words, WhatMovesOrComparesCodesMayChangeTheirScale) {
  expect_changes(ir::Pad{}, {0, 0, 1, 2, 0, 0, 3, 0});
  expect_changes(ir::MaxPool{.window = {.kernel = {3, 3}, .pads = {1, 1, 1, 1}}}, {});
}

TEST(Words, PartsMayHaveScalesOfTheirOwn) {
  QuantizedNet net(3, Arithmetic::OnnxRuntime);
  const ir::ValueId x = net.input({1, 6, 3, 4}, kInt8Grid);
  const ir::ValueId whole = net.add_like(ir::Relu{}, {x});
  ir::Graph& graph = net.graph();
  const ir::NodeId split = graph.add_node("parts", ir::Split{1}, {whole, net.integers({2, 4})}, 2);
  graph[split].arithmetic = Arithmetic::OnnxRuntime;
  const auto parts = graph[split].outputs;
  for (const ir::ValueId id : parts) graph[id].quantization = net.grid();
  const ir::ValueId a = net.add_like(ir::Relu{}, {parts[0]});
  const ir::ValueId b = net.add_like(ir::Relu{}, {parts[1]});
  const Netlist netlist = expect_exact(net.finish({a, b}), fold_all(2));
  EXPECT_EQ(instances_of(netlist, "sl_requantize").size(), 2U);
}

// Parts that layers with other names read, in another order.
TEST(Words, PartsFollowTheNetworkNotTheNames) {
  for (const bool is_reversed : {false, true}) {
    QuantizedNet net(3);
    const ir::ValueId x = net.input({1, 6, 3, 4}, kInt8Grid);
    const ir::ValueId whole = net.add_like(ir::Relu{}, {x});
    ir::Graph& graph = net.graph();
    const ir::NodeId split =
        graph.add_node("parts", ir::Split{1}, {whole, net.integers({2, 4})}, 2);
    graph[split].arithmetic = Arithmetic::TfliteDouble;
    const auto parts = graph[split].outputs;
    for (const ir::ValueId id : parts) graph[id].quantization = kInt8Grid;
    const ir::ValueId a = net.add(ir::Relu{}, {parts[0]}, kInt8Grid);
    graph.nodes.back().name = is_reversed ? "z" : "a";
    const ir::ValueId b = net.add(ir::MaxPool{.window = {.kernel = {2, 2}}}, {parts[1]}, kInt8Grid);
    graph.nodes.back().name = is_reversed ? "a" : "z";
    const Netlist netlist = expect_exact(net.finish({a, b}), fold_all(2));
    const Instance chop = instance_of(netlist, "sl_chop");
    EXPECT_THAT(numbers(chop, "Beats"), ElementsAre(1, 2));
    EXPECT_EQ(chop.outputs[0].streams.size(), 2U);
  }
}

ir::Graph resized(const std::vector<float>& scales) {
  QuantizedNet net(1);
  const ir::ValueId x = net.input({1, 4, 3, 5}, kInt8Grid);
  ir::Resize op;
  op.coordinate_mode = ir::CoordinateMode::Asymmetric;
  op.nearest_mode = ir::NearestMode::Floor;
  return net.finish(
      {net.add_like(op, {x, ir::kNoValue, net.constant(Tensor::from<float>({4}, scales))})});
}

TEST(Words, RowsAndColumnsAreRepeated) {
  for (const auto& scales : {std::vector<float>{1, 1, 2, 3}, {1, 1, 1, 2}, {1, 1, 4, 1}}) {
    for (const std::int64_t streams : {1, 2, 4}) {
      const Netlist netlist = expect_exact(resized(scales), fold_all(streams));
      EXPECT_EQ(number(instance_of(netlist, "sl_repeat"), "Beats"), 4 / streams);
    }
  }
}

// Behind a layer: what is at the beginning is the host's.
ir::Graph padded(const std::vector<std::int64_t>& pads) {
  QuantizedNet net(1);
  const ir::ValueId x = net.input({1, 4, 3, 5}, kInt8Grid);
  const ir::ValueId relu = net.add_like(ir::Relu{}, {x});
  const ir::ValueId y = net.add_like(ir::Pad{}, {relu, net.integers(pads)});
  return net.finish({net.add_like(ir::MaxPool{.window = {.kernel = {2, 2}}}, {y})});
}

TEST(Words, PaddingOnItsOwnHasTheCodeOfZero) {
  for (const std::int64_t streams : {1, 2, 4}) {
    const Netlist netlist = expect_exact(padded({0, 0, 1, 2, 0, 0, 3, 0}), fold_all(streams));
    const Instance windows = instances_of(netlist, "sl_window_taps").at(0);
    EXPECT_EQ(number(windows, "PadWord"), -11);
    EXPECT_EQ(number(windows, "KernelRows"), 1);
  }
}

TEST(Words, PaddedChannelsAreRefused) {
  EXPECT_THAT(refusal_of(padded({0, 0, 1, 2, 0, 2, 3, 0})), HasSubstr("pads channels"));
}

// Channels of three groups, between two layers.
ir::Graph shuffled() {
  QuantizedNet net(1);
  const ir::ValueId x = net.input({1, 6, 3, 4}, kInt8Grid);
  const ir::ValueId relu = net.add_like(ir::Relu{}, {x});
  const ir::ValueId grouped = net.add_like(ir::Reshape{}, {relu, net.integers({1, 3, 2, 3, 4})});
  const ir::ValueId turned = net.add_like(ir::Transpose{{0, 2, 1, 3, 4}}, {grouped});
  const ir::ValueId y = net.add_like(ir::Reshape{}, {turned, net.integers({1, 6, 3, 4})});
  return net.finish({net.add_like(ir::MaxPool{.window = {.kernel = {2, 2}}}, {y})});
}

TEST(Words, ChannelsAreShuffled) {
  const Netlist netlist = expect_exact(shuffled());
  EXPECT_EQ(number(instance_of(netlist, "sl_shuffle"), "Groups"), 3);
}

TEST(Words, ChannelsOfSeveralStreamsAreShuffled) {
  const Netlist netlist = expect_exact(shuffled(), fold_all(2));
  EXPECT_EQ(number(instance_of(netlist, "sl_shuffle"), "Lanes"), 2);
}

}  // namespace
}  // namespace sluice::rtl
