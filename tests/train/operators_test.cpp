// SPDX-License-Identifier: Apache-2.0
#include "sluice/train/operators.hpp"

#include <functional>
#include <gtest/gtest.h>

#include "tests/support/net.hpp"

#include "sluice/train/network.hpp"
#include "sluice/train/tensors.hpp"

namespace sluice::train {
namespace {

using test::Net;

// One operator, by LibTorch and by the kernels that define it.
void expect_defined(const std::string& what, Shape input,
                    const std::function<ir::ValueId(Net&, ir::ValueId)>& make) {
  SCOPED_TRACE(what);
  Net net;
  const ir::Graph graph = net.finish({make(net, net.input(std::move(input)))});
  const auto inputs = test::random_inputs(graph);
  std::vector<at::Tensor> values(graph.values.size());
  for (std::size_t v = 0; v < values.size(); ++v) {
    if (graph.values[v].constant) values[v] = *to_torch(*graph.values[v].constant);
  }
  values[ir::index(graph.inputs[0].value)] = *to_torch(inputs[0]);
  for (const ir::Node& node : graph.nodes) {
    const Status status = check_operator(graph, node);
    ASSERT_TRUE(status) << status.error().text();
    std::vector<at::Tensor> arguments;
    for (const ir::ValueId id : node.inputs) {
      arguments.push_back(id == ir::kNoValue ? at::Tensor() : values[ir::index(id)]);
    }
    const auto outputs = apply_operator({graph, node, arguments});
    ASSERT_TRUE(outputs) << outputs.error().text();
    for (std::size_t i = 0; i < outputs->size(); ++i) {
      values[ir::index(node.outputs[i])] = (*outputs)[i];
    }
  }
  test::expect_near({from_torch(values[ir::index(graph.outputs[0])])},
                    test::reference_outputs(graph, inputs), 1e-5F);
}

ir::Conv conv(ir::Dims kernel, ir::Dims pads, ir::Dims strides = {}, std::int64_t group = 1) {
  ir::Conv op;
  op.window.kernel = std::move(kernel);
  op.window.pads = std::move(pads);
  op.window.strides = std::move(strides);
  op.group = group;
  return op;
}

TEST(TrainOperators, ConvolutionsAreTheDefinition) {
  expect_defined("3x3", {2, 3, 8, 8}, [](Net& net, auto x) {
    return net.add(conv({3, 3}, {1, 1, 1, 1}), {x, net.weight({4, 3, 3, 3}), net.weight({4})});
  });
  expect_defined("strided, padded more at one end", {2, 4, 9, 9}, [](Net& net, auto x) {
    return net.add(conv({3, 3}, {0, 1, 1, 2}, {2, 2}, 2), {x, net.weight({6, 2, 3, 3})});
  });
  expect_defined("dilated, SAME", {1, 2, 7, 7}, [](Net& net, auto x) {
    ir::Conv op;
    op.window.dilations = {2, 2};
    op.window.auto_pad = ir::AutoPad::SameUpper;
    return net.add(op, {x, net.weight({3, 2, 3, 3})});
  });
  expect_defined("one dimension", {2, 3, 16}, [](Net& net, auto x) {
    return net.add(conv({5}, {2, 2}), {x, net.weight({4, 3, 5})});
  });
}

TEST(TrainOperators, LayersOfMatricesAndNormalizationsAreTheDefinition) {
  expect_defined("Gemm", {3, 5}, [](Net& net, auto x) {
    return net.add(ir::Gemm{.alpha = 0.5F, .beta = 2, .trans_b = true},
                   {x, net.weight({4, 5}), net.weight({4})});
  });
  expect_defined("MatMul", {3, 5}, [](Net& net, auto x) {
    return net.add(ir::MatMul{}, {x, net.weight({5, 2})});
  });
  expect_defined("BatchNormalization", {2, 4, 3, 3},
                 [](Net& net, auto x) { return net.batch_norm(x, 4); });
}

TEST(TrainOperators, PoolsAreTheDefinition) {
  expect_defined("max, padded", {2, 3, 7, 7}, [](Net& net, auto x) {
    ir::MaxPool op;
    op.window = {.kernel = {2, 2}, .strides = {2, 2}, .pads = {1, 1, 1, 1}};
    return net.add(op, {x});
  });
  expect_defined("max, padded at one end", {1, 2, 6, 6}, [](Net& net, auto x) {
    ir::MaxPool op;
    op.window = {.kernel = {3, 3}, .strides = {2, 2}, .pads = {0, 0, 1, 1}};
    return net.add(op, {x});
  });
  expect_defined("average", {2, 3, 8, 8}, [](Net& net, auto x) {
    ir::AveragePool op;
    op.window = {.kernel = {3, 3}, .strides = {1, 1}, .pads = {1, 1, 1, 1}};
    return net.add(op, {x});
  });
  expect_defined("global", {2, 3, 5, 4},
                 [](Net& net, auto x) { return net.add(ir::GlobalAveragePool{}, {x}); });
  expect_defined("mean", {2, 3, 5, 4}, [](Net& net, auto x) {
    return net.add(ir::ReduceMean{.keep_dims = false}, {x, net.integers({2, 3})});
  });
}

TEST(TrainOperators, ElementwiseOnesAreTheDefinition) {
  for (const ir::Op& op :
       {ir::Op(ir::Relu{}), ir::Op(ir::LeakyRelu{}), ir::Op(ir::Elu{}), ir::Op(ir::Sigmoid{}),
        ir::Op(ir::Tanh{}), ir::Op(ir::HardSwish{}), ir::Op(ir::HardSigmoid{}), ir::Op(ir::Mish{}),
        ir::Op(ir::Identity{}), ir::Op(ir::Dropout{}), ir::Op(ir::Softmax{1})}) {
    expect_defined(std::string(ir::op_name(op)), {2, 5, 3},
                   [&](Net& net, auto x) { return net.add(op, {x}); });
  }
  for (const ir::Op& op : {ir::Op(ir::Add{}), ir::Op(ir::Sub{}), ir::Op(ir::Mul{}),
                           ir::Op(ir::Div{}), ir::Op(ir::PRelu{})}) {
    expect_defined(std::string(ir::op_name(op)), {2, 5, 3}, [&](Net& net, auto x) {
      return net.add(op, {x, net.weight({5, 1}, 0.5F, 2)});
    });
  }
  expect_defined("Clip", {4, 4}, [](Net& net, auto x) {
    return net.add(ir::Clip{}, {x, net.scalar(-0.5F), net.scalar(0.25F)});
  });
  expect_defined("Clip above", {4, 4}, [](Net& net, auto x) {
    return net.add(ir::Clip{}, {x, ir::kNoValue, net.scalar(0.25F)});
  });
}

TEST(TrainOperators, ProductsWithOneAreTheDefinition) {
  expect_defined("a number", {2, 5, 3}, [](Net& net, auto x) {
    return net.add(ir::Mul{}, {x, net.scalar(1)});
  });
  expect_defined("of more dimensions", {5, 3}, [](Net& net, auto x) {
    return net.add(ir::Mul{}, {x, net.constant(Tensor::from<float>({1, 1, 1}, {1}))});
  });
}

// As clip(x, 0, 2), whose gradient ends where its values do.
TEST(TrainOperators, GradientsOfClipsFlowBetweenTheBounds) {
  Net net;
  const auto x = net.input({1, 7});
  const ir::Graph graph = net.finish({net.add(ir::Clip{}, {x, net.scalar(0), net.scalar(2)})});
  at::Tensor input = at::tensor({-1.0F, -0.5F, 0.25F, 1.0F, 1.75F, 2.5F, 9.0F}).view({1, 7});
  input.requires_grad_();
  const std::vector<at::Tensor> inputs{input, at::scalar_tensor(0.0F), at::scalar_tensor(2.0F)};
  const auto outputs = apply_operator({graph, graph.nodes[0], inputs});
  ASSERT_TRUE(outputs) << outputs.error().text();
  (*outputs)[0].sum().backward();
  EXPECT_TRUE(
      input.grad().equal(at::tensor({0.0F, 0.0F, 1.0F, 1.0F, 1.0F, 0.0F, 0.0F}).view({1, 7})));
}

TEST(TrainOperators, WhatMovesValuesIsTheDefinition) {
  expect_defined("Split and Concat", {2, 6, 3, 3}, [](Net& net, auto x) {
    const auto halves = net.add_many(ir::Split{1}, {x, net.integers({2, 4})}, 2);
    return net.add(ir::Concat{1}, {halves[1], halves[0]});
  });
  expect_defined("Slice", {2, 6, 9, 9}, [](Net& net, auto x) {
    return net.add(ir::Slice{}, {x, net.integers({1, 0}), net.integers({-1, 9}),
                                 net.integers({1, 2}), net.integers({2, 2})});
  });
  expect_defined("Pad", {2, 3, 4, 4}, [](Net& net, auto x) {
    return net.add(ir::Pad{}, {x, net.integers({0, 4, 0, -1, 0, 2, 1, 0}), net.scalar(0.5F)});
  });
  expect_defined("channel shuffle", {2, 6, 3, 3}, [](Net& net, auto x) {
    const auto split = net.add(ir::Reshape{}, {x, net.integers({2, 2, 3, 3, 3})});
    const auto swapped = net.add(ir::Transpose{{0, 2, 1, 3, 4}}, {split});
    return net.add(ir::Reshape{}, {swapped, net.integers({2, 6, 3, 3})});
  });
  expect_defined("Flatten", {2, 3, 4, 1}, [](Net& net, auto x) {
    return net.add(ir::Flatten{}, {net.add(ir::Squeeze{}, {x, net.integers({3})})});
  });
  expect_defined("Unsqueeze", {2, 3}, [](Net& net, auto x) {
    return net.add(ir::Unsqueeze{}, {x, net.integers({2, 3})});
  });
}

TEST(TrainOperators, AReshapeFollowsTheBatch) {
  Net net;
  const auto x = net.input({4, 6, 3, 3});
  const ir::Graph graph = net.finish({net.add(ir::Reshape{}, {x, net.integers({4, 54})})});
  const at::Tensor input = at::zeros({7, 6, 3, 3});
  const std::vector<at::Tensor> inputs{input, *to_torch(Tensor::from<std::int64_t>({2}, {4, 54}))};
  const auto outputs = apply_operator({graph, graph.nodes[0], inputs});
  ASSERT_TRUE(outputs) << outputs.error().text();
  EXPECT_EQ((*outputs)[0].sizes(), (std::vector<std::int64_t>{7, 54}));
}

TEST(TrainOperators, ThoseThatHaveNoGradientAreRefusedWithTheirPlace) {
  Net net;
  const ir::Graph graph = net.finish({net.add(ir::ArgMax{1}, {net.input({2, 5})})});
  const Status status = check_operator(graph, graph.nodes[0]);
  ASSERT_FALSE(status);
  EXPECT_EQ(status.error().code, ErrorCode::Unsupported);
  EXPECT_NE(status.error().text().find("ArgMax"), std::string::npos);
}

TEST(TrainOperators, BatchStatisticsMoveTheRunningOnes) {
  Net net;
  const ir::Graph graph = net.finish({net.batch_norm(net.input({8, 2, 4, 4}), 2)});
  const at::Tensor x = at::randn({8, 2, 4, 4}) * 3 + 1;
  const at::Tensor mean = at::zeros({2}), variance = at::ones({2});
  const std::vector<at::Tensor> inputs{x, at::ones({2}), at::zeros({2}), mean, variance};
  const auto outputs = apply_operator({graph, graph.nodes[0], inputs, true});
  ASSERT_TRUE(outputs);
  EXPECT_NEAR((*outputs)[0].mean().item<double>(), 0, 1e-5);
  // ONNX's momentum of 0.9 keeps nine tenths.
  const at::Tensor expected = x.mean({0, 2, 3}) * 0.1;
  EXPECT_TRUE(at::allclose(mean, expected, 1e-4, 1e-6));
}

}  // namespace
}  // namespace sluice::train
