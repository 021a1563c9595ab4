// SPDX-License-Identifier: Apache-2.0
#include "sluice/passes/real_interface.hpp"

#include <gtest/gtest.h>

#include "sluice/runtime/reference/kernel.hpp"

namespace sluice::passes {
namespace {

using numeric::Arithmetic;
using numeric::Quantization;

// x (int8) → Relu → y (uint8), beside a float32 input that nothing reads.
struct QuantizedNet {
  ir::Graph graph;
  ir::ValueId x = graph.add_input("x", DType::Int8, {1, 4});
  ir::ValueId plain = graph.add_input("plain", DType::Float32, {2});
  ir::ValueId y;

  QuantizedNet() {
    const ir::NodeId relu = graph.add_node("relu", ir::Relu{}, {x});
    graph[relu].arithmetic = Arithmetic::TfliteSingle;
    y = graph[relu].outputs[0];
    graph[x].quantization = Quantization{DType::Int8, {0.5F}, {3}};
    graph[y].quantization = Quantization{DType::UInt8, {0.25F}, {0}};
    graph.outputs = {y};
    const std::vector<Shape> shapes = {{1, 4}, {2}};
    EXPECT_TRUE(ir::infer_types(graph, shapes, runtime::reference::evaluate));
  }
};

TEST(RealInputs, AreQuantizedAsTheNetworkRounds) {
  QuantizedNet net;
  ASSERT_TRUE(real_inputs(net.graph));
  const ir::GraphInput& input = net.graph.inputs[0];
  EXPECT_EQ(input.dtype, DType::Float32);
  EXPECT_EQ(net.graph[input.value].name, "x");
  EXPECT_FALSE(net.graph[input.value].quantization.has_value());
  const ir::Node& quantizer = net.graph.nodes[0];
  EXPECT_TRUE(ir::is<ir::Identity>(quantizer.op));
  EXPECT_EQ(quantizer.arithmetic, Arithmetic::TfliteSingle);
  EXPECT_EQ(quantizer.outputs[0], net.x);
  EXPECT_EQ(net.graph[net.x].name, "x/codes");
}

TEST(RealInputs, LeaveRealOnesAlone) {
  QuantizedNet net;
  ASSERT_TRUE(real_inputs(net.graph));
  EXPECT_EQ(net.graph.inputs[1].value, net.plain);
  EXPECT_EQ(net.graph.nodes.size(), 2U);
  ASSERT_TRUE(real_inputs(net.graph));  // there are no others left
  EXPECT_EQ(net.graph.nodes.size(), 2U);
}

TEST(RealOutputs, AreDequantizedUnderTheirName) {
  QuantizedNet net;
  const std::string name = net.graph[net.y].name;
  ASSERT_TRUE(real_outputs(net.graph));
  const ir::ValueId output = net.graph.outputs[0];
  EXPECT_EQ(net.graph[output].name, name);
  EXPECT_EQ(net.graph.type(output), (ir::ValueType{DType::Float32, {1, 4}}));
  EXPECT_TRUE(ir::is<ir::Identity>(net.graph.nodes.back().op));
}

}  // namespace
}  // namespace sluice::passes
