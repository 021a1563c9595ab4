// SPDX-License-Identifier: Apache-2.0
// That layers are emitted so is tested in emit_test.cpp, on networks drawn at random.
#include "sluice/rtl/scalings.hpp"

#include "tests/rtl/mapped.hpp"

namespace sluice::rtl {
namespace {

using hw::Scaling;
using numeric::Arithmetic;
using sluice::test::QuantizedNet;

// Of the layer of a network's last node.
hw::Rescale last_rescale(const ir::Graph& network) {
  const hw::Graph graph = test::mapped(network);
  const auto id = graph.find(network.nodes.back().name);
  EXPECT_TRUE(id);
  return id ? hw::output_rescale(graph[*id].layer) : hw::Rescale();
}

TEST(SetScalings, SumsThatFloat32RoundsAreComparedWithThresholds) {
  QuantizedNet net(1, Arithmetic::OnnxRuntime);
  const ir::ValueId x = net.input({1, 2048}, {DType::Int8, {0.05F}, {-128}});
  const ir::ValueId weights = net.weights_per_channel({2048, 4}, DType::Int8, 1, false);
  const float step = net.grid_of(x).scales[0] * net.grid_of(weights).scales[0];
  const numeric::Quantization coarse{DType::Int8, {step * 77'777}, {3}};
  const hw::Rescale rescale =
      last_rescale(net.finish({net.add(ir::MatMul{}, {x, weights}, coarse)}));
  EXPECT_EQ(rescale.by, Scaling::Thresholds);
  EXPECT_EQ(rescale.threshold_steps, 8);
}

TEST(SetScalings, ProductsOnALineStayThere) {
  for (const Arithmetic arithmetic : {Arithmetic::TfliteDouble, Arithmetic::OnnxRuntime}) {
    QuantizedNet net(1, arithmetic);
    const ir::ValueId x = net.input({1, 4, 6, 6});
    const ir::ValueId weights = net.weights_per_channel({4, 4, 3, 3}, DType::Int8, 0, false);
    const ir::Graph network =
        net.finish({net.add(ir::Conv{}, {x, weights}, net.grid_after(x, weights, 36))});
    EXPECT_EQ(last_rescale(network), (hw::Rescale{Scaling::Line, true}));
  }
}

// The same scale, of another zero point: the codes between the bounds do not stay what they are.
TEST(SetScalings, ClampsAreClipsWhereCodesStay) {
  QuantizedNet net(1);
  const ir::ValueId x = net.input({1, 4, 6, 6}, {DType::Int8, {0.05F}, {3}});
  EXPECT_EQ(last_rescale(net.finish({net.add_like(ir::Relu{}, {x})})).by, Scaling::None);
  QuantizedNet other(1);
  const ir::ValueId y = other.input({1, 4, 6, 6}, {DType::Int8, {0.05F}, {3}});
  const numeric::Quantization to{DType::Int8, {0.03F}, {-5}};
  EXPECT_EQ(last_rescale(other.finish({other.add(ir::Relu{}, {y}, to)})).by, Scaling::Line);
}

TEST(SetScalings, AreThoseOfWhatIsEmitted) {
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    SCOPED_TRACE(seed);
    QuantizedNet net(seed, Arithmetic::OnnxRuntime);
    const ir::Graph network =
        net.finish({net.add(ir::Relu{}, {net.input({1, 4, 5, 5})}, net.grid())});
    const Netlist netlist = test::emitted(network);
    const Scaling by = last_rescale(network).by;
    const auto count = [&](std::string_view module) {
      return test::instances_of(netlist, module).size();
    };
    EXPECT_EQ(count("sl_clip"), by == Scaling::None ? 1U : 0U);
    EXPECT_EQ(count("sl_requantize"), by == Scaling::Line ? 1U : 0U);
    EXPECT_EQ(count("sl_table"), by == Scaling::Table ? 1U : 0U);
  }
}

TEST(SetScalings, LayersThatAreRefusedKeepTheirs) {
  QuantizedNet net(1);
  const ir::ValueId x = net.input({1, 4, 6, 6});
  const ir::Graph network =
      net.finish({net.add(ir::MaxPool{.window = {.kernel = {2, 2}}}, {x}, net.grid())});
  EXPECT_EQ(last_rescale(network).by, Scaling::Line);
  EXPECT_NE(test::refusal_of(network), "");
}

}  // namespace
}  // namespace sluice::rtl
