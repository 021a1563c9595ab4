// SPDX-License-Identifier: Apache-2.0
#include "sluice/passes/fold_gain.hpp"

#include "tests/support/random_net.hpp"

namespace sluice::passes {
namespace {

using test::Net;

// Folds and compares with the graph as it was.
ir::Graph gain_folded(const ir::Graph& graph) {
  ir::Graph result = graph;
  const auto status = fold_gain(result);
  EXPECT_TRUE(status) << status.error().text();
  const auto inputs = test::random_inputs(graph);
  test::expect_near(test::reference_outputs(result, inputs), test::reference_outputs(graph, inputs),
                    1e-5F);
  return result;
}

struct Layer {
  Net net;
  ir::ValueId conv;
  Layer()
      : conv(net.add(ir::Conv{},
                     {net.input({2, 3, 5, 5}), net.weight({4, 3, 1, 1}), net.weight({4})})) {}
  ir::ValueId clip(ir::ValueId x) {
    return net.add(ir::Clip{}, {x, net.scalar(-0.25F), net.scalar(0.5F)});
  }
  // How many nodes are left of what makes `y`.
  std::size_t left(ir::ValueId y) { return gain_folded(net.finish({y})).nodes.size(); }
};

TEST(FoldGain, GoesThroughAnActivationIntoTheLayer) {
  Layer layer;
  EXPECT_EQ(layer.left(layer.net.add(ir::Mul{}, {layer.clip(layer.conv), layer.net.scalar(3)})),
            2U);
  Layer relu;
  const ir::ValueId y = relu.net.add(ir::Relu{}, {relu.conv});
  EXPECT_EQ(relu.left(relu.net.add(ir::Mul{}, {relu.net.scalar(0.3F), y})), 2U);
}

TEST(FoldGain, GoesIntoALayerWithoutAnActivation) {
  Layer layer;
  EXPECT_EQ(layer.left(layer.net.add(ir::Mul{}, {layer.conv, layer.net.scalar(3)})), 1U);
  Net net;
  const ir::Gemm op{.alpha = 0.5F, .beta = 2, .trans_b = true};
  const ir::ValueId y = net.add(op, {net.input({3, 5}), net.weight({4, 5}), net.weight({4})});
  EXPECT_EQ(gain_folded(net.finish({net.add(ir::Mul{}, {y, net.scalar(0.7F)})})).nodes.size(), 1U);
}

TEST(FoldGain, OneBehindTheOtherGoToo) {
  Layer layer;
  const ir::ValueId y = layer.net.add(ir::Mul{}, {layer.clip(layer.conv), layer.net.scalar(3)});
  EXPECT_EQ(layer.left(layer.net.add(ir::Mul{}, {y, layer.net.scalar(0.1F)})), 2U);
}

TEST(FoldGain, ConstantsOfOtherLayersStay) {
  Net net;
  const ir::ValueId x = net.input({1, 3, 4, 4});
  const ir::ValueId weights = net.weight({3, 3, 1, 1});
  const ir::ValueId low = net.scalar(-1), high = net.scalar(1), gain = net.scalar(2);
  ir::ValueId y = x;
  for (int i = 0; i < 2; ++i) {
    y = net.add(ir::Clip{}, {net.add(ir::Conv{}, {y, weights}), low, high});
    if (i == 0) y = net.add(ir::Mul{}, {y, gain});
  }
  EXPECT_EQ(gain_folded(net.finish({y})).nodes.size(), 4U);
}

TEST(FoldGain, WhatIsReadElsewhereOrIsNoPositiveNumberStays) {
  Layer shared;
  const ir::ValueId cut = shared.clip(shared.conv);
  const ir::ValueId scaled = shared.net.add(ir::Mul{}, {cut, shared.net.scalar(3)});
  EXPECT_EQ(shared.left(shared.net.add(ir::Add{}, {scaled, cut})), 4U);
  for (const float factor : {-1.0F, 0.0F}) {
    Layer layer;
    EXPECT_EQ(
        layer.left(layer.net.add(ir::Mul{}, {layer.clip(layer.conv), layer.net.scalar(factor)})),
        3U);
  }
  Layer vector;
  EXPECT_EQ(vector.left(vector.net.add(ir::Mul{}, {vector.conv, vector.net.weight({5})})), 2U);
}

TEST(FoldGain, WhatNoLayerMakesStays) {
  Net net;
  const ir::ValueId y = net.add(ir::Relu{}, {net.input({1, 3, 4, 4})});
  EXPECT_EQ(gain_folded(net.finish({net.add(ir::Mul{}, {y, net.scalar(3)})})).nodes.size(), 2U);
}

}  // namespace
}  // namespace sluice::passes
