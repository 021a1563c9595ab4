// SPDX-License-Identifier: Apache-2.0
#include "sluice/hw/build/rescales.hpp"

#include <gtest/gtest.h>

#include "tests/support/quantized_net.hpp"

#include "sluice/hw/build/build.hpp"

namespace sluice::hw {
namespace {

using numeric::Arithmetic;
using sluice::test::QuantizedNet;

// The layer of a network's last node.
Layer last_layer(const ir::Graph& network) {
  const auto graph = build_graph(network, {});
  EXPECT_TRUE(graph) << graph.error().text();
  return graph ? (*graph)[graph->size() - 1].layer : Layer();
}

TEST(SetRescales, ProductsShiftWhereTheArithmeticDoes) {
  for (const bool shifts : {false, true}) {
    QuantizedNet net(1, shifts ? Arithmetic::ShiftHalfUp : Arithmetic::TfliteDouble);
    const ir::ValueId x = net.input({1, 4, 6, 6});
    const ir::ValueId weights = net.weights_per_channel({4, 4, 3, 3}, DType::Int8, 0, false);
    const Layer layer =
        last_layer(net.finish({net.add(ir::Conv{}, {x, weights}, net.grid_after(x, weights, 36))}));
    EXPECT_EQ(output_rescale(layer), (Rescale{shifts ? Scaling::Shift : Scaling::Line, true}));
  }
}

TEST(SetRescales, RealNumbersAreShifted) {
  ir::Graph network;
  const ir::ValueId x = network.add_input("x", DType::Float32, {1, 2, 6, 6});
  const ir::ValueId weights = network.add_constant("w", Tensor(DType::Float32, {2, 2, 3, 3}));
  network.outputs = network[network.add_node("conv", ir::Conv{}, {x, weights})].outputs;
  ASSERT_TRUE(
      ir::infer_types(network, std::vector<Shape>{{1, 2, 6, 6}}, runtime::reference::evaluate));
  EXPECT_EQ(output_rescale(last_layer(network)).by, Scaling::Shift);
}

TEST(SetRescales, CodesThatMoveKeepTheirScaleOrAreRequantized) {
  for (const bool changes : {false, true}) {
    QuantizedNet net(1, Arithmetic::Onnx);
    const ir::ValueId x = net.input({1, 4, 6, 6});
    const auto grid = changes ? net.grid() : net.grid_of(x);
    const Layer layer =
        last_layer(net.finish({net.add(ir::MaxPool{.window = {.kernel = {2, 2}}}, {x}, grid)}));
    EXPECT_EQ(output_rescale(layer).by, changes ? Scaling::Line : Scaling::None);
  }
}

TEST(SetRescales, InputsOfAConcatenationChangeOnTheirOwn) {
  QuantizedNet net(1, Arithmetic::Onnx);
  const ir::ValueId x = net.input({1, 4, 6, 6});
  const ir::ValueId a = net.add(ir::Relu{}, {x}, net.grid());
  const ir::ValueId b = net.add(ir::Relu{}, {x}, net.grid());
  const Layer layer = last_layer(net.finish({net.add(ir::Concat{1}, {a, b}, net.grid_of(b))}));
  ASSERT_EQ(layer.inputs.size(), 2U);
  EXPECT_EQ(layer.inputs[0].rescale.by, Scaling::Line);
  EXPECT_EQ(layer.inputs[1].rescale.by, Scaling::None);
}

TEST(SetRescales, FunctionsAreLookedUpAndMeansAreOnALine) {
  QuantizedNet net(1);
  const ir::ValueId x = net.input({1, 4, 6, 6});
  EXPECT_EQ(output_rescale(last_layer(net.finish({net.add(ir::Sigmoid{}, {x}, net.grid())}))).by,
            Scaling::Table);
  QuantizedNet other(1, Arithmetic::ShiftHalfUp);
  const ir::ValueId y = other.input({1, 4, 6, 6});
  const ir::ValueId mean = other.add_like(ir::ReduceMean{}, {y, other.integers({2, 3})});
  EXPECT_EQ(output_rescale(last_layer(other.finish({mean}))).by, Scaling::Line);
}

}  // namespace
}  // namespace sluice::hw
