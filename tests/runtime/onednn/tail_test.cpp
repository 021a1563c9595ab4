// SPDX-License-Identifier: Apache-2.0
#include "sluice/runtime/onednn/tail.hpp"

#include "tests/support/fast_equals_reference.hpp"

namespace sluice::runtime::onednn {
namespace {

using test::expect_fast_equals_reference;
using test::Net;

ir::ValueId conv(Net& net, ir::ValueId x, std::int64_t channels = 16) {
  return net.add(ir::Conv{}, {x, net.weight({channels, channels, 1, 1})});
}

TEST(Tail, ResidualSumsEqualTheReference) {
  for (const std::int64_t channels : {16, 19}) {
    Net net;
    const ir::ValueId x = conv(net, net.input({2, channels, 6, 6}), channels);
    const ir::ValueId y = net.add(ir::Add{}, {conv(net, conv(net, x, channels), channels), x});
    const ir::ValueId z = net.add(ir::Relu{}, {y});
    EXPECT_EQ(expect_fast_equals_reference(net.finish({conv(net, z, channels)})), 0U);
  }
}

TEST(Tail, ASumWithTheConvolutionsOwnInputLeavesIt) {
  Net net;
  const ir::ValueId x = conv(net, net.input({1, 16, 6, 6}));
  EXPECT_EQ(expect_fast_equals_reference(net.finish({net.add(ir::Add{}, {conv(net, x), x})})), 0U);
}

TEST(Tail, ASumWithAValueThatIsReadLaterLeavesIt) {
  Net net;
  const ir::ValueId x = conv(net, net.input({1, 16, 6, 6}));
  const ir::ValueId y = net.add(ir::Add{}, {conv(net, conv(net, x)), x});
  EXPECT_EQ(expect_fast_equals_reference(net.finish({net.add(ir::Sub{}, {y, x})})), 0U);
}

TEST(Tail, TwoSumsWithTheSameValueEqualTheReference) {
  Net net;
  const ir::ValueId x = conv(net, net.input({1, 16, 6, 6}));
  const ir::ValueId y = net.add(ir::Add{}, {conv(net, conv(net, x)), x});
  const ir::ValueId z = net.add(ir::Add{}, {net.add(ir::Relu{}, {y}), x});
  EXPECT_EQ(expect_fast_equals_reference(net.finish({conv(net, z)})), 0U);
}

TEST(Tail, ASumWithAGraphInputLeavesIt) {
  Net net;
  const ir::ValueId x = net.input({1, 16, 6, 6});
  const ir::ValueId y = net.add(ir::Add{}, {conv(net, conv(net, x)), x});
  const ir::Graph graph = net.finish({y});
  const auto inputs = test::random_inputs(graph);
  const Tensor before = Tensor::from<float>(
      {1, 16, 6, 6}, {inputs[0].data<float>().begin(), inputs[0].data<float>().end()});
  test::outputs_of(make_onednn_executor(graph), inputs);
  EXPECT_EQ(inputs[0], before);
}

TEST(Tail, ActivationsAfterEveryPrimitiveEqualTheReference) {
  const std::vector<ir::Op> activations{ir::ThresholdedRelu{0.2F},
                                        ir::Relu{},
                                        ir::LeakyRelu{},
                                        ir::HardSwish{},
                                        ir::Sigmoid{},
                                        ir::Mish{},
                                        ir::Elu{},
                                        ir::Tanh{},
                                        ir::Selu{},
                                        ir::HardSigmoid{},
                                        ir::Softplus{},
                                        ir::Gelu{}};
  for (const ir::Op& activation : activations) {
    Net net;
    const ir::ValueId x = net.input({2, 8, 6, 6});
    const ir::ValueId y = net.add(activation, {conv(net, x, 8)});
    const ir::ConvTranspose up{.window = {.kernel = {2, 2}, .strides = {2, 2}}};
    const ir::ValueId z = net.add(activation, {net.add(up, {y, net.weight({8, 4, 2, 2})})});
    const ir::ValueId flat = net.add(ir::Flatten{}, {net.add(ir::GlobalAveragePool{}, {z})});
    const ir::ValueId logits =
        net.add(activation, {net.add(ir::Gemm{}, {flat, net.weight({4, 7}), net.weight({7})})});
    EXPECT_EQ(expect_fast_equals_reference(net.finish({logits, z})), 0U) << ir::op_name(activation);
  }
}

}  // namespace
}  // namespace sluice::runtime::onednn
