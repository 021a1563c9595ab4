// SPDX-License-Identifier: Apache-2.0
#include "sluice/train/network.hpp"

#include <cmath>
#include <gtest/gtest.h>

#include "tests/support/random_net.hpp"

#include "sluice/train/tensors.hpp"

namespace sluice::train {
namespace {

using test::Net;

TEST(TrainNetwork, RunsAsTheDefinitionDoes) {
  int trained = 0;
  for (std::uint32_t seed = 1; seed <= 30; ++seed) {
    SCOPED_TRACE(seed);
    const ir::Graph graph = test::random_net(seed);
    const auto network = Network::create(graph);
    if (!network) continue;  // without weights there is nothing to train
    ++trained;
    const auto inputs = test::random_inputs(graph);
    const auto scores = network->scores(*to_torch(inputs[0]), false);
    ASSERT_TRUE(scores) << scores.error().text();
    test::expect_near({from_torch(*scores)}, {test::reference_outputs(graph, inputs)[0]}, 1e-4F);
  }
  EXPECT_GT(trained, 20);
}

// A convolution, a normalization, a classifier and a softmax.
ir::Graph small_classifier() {
  Net net;
  const auto x = net.input({2, 1, 6, 6});
  ir::Conv conv;
  conv.window.kernel = {3, 3};
  const auto y = net.add(conv, {x, net.weight({4, 1, 3, 3}), net.weight({4})});
  const auto z = net.add(ir::Relu{}, {net.batch_norm(y, 4)});
  const auto flat = net.add(ir::Flatten{}, {net.add(ir::GlobalAveragePool{}, {z})});
  const auto scores = net.add(ir::Gemm{}, {flat, net.weight({4, 3}), net.weight({3})});
  return net.finish({net.add(ir::Softmax{1}, {scores})});
}

// Two scaled clips of one scale, R = 3, behind layers of their own.
ir::Graph clipped_net() {
  Net net(7);
  const auto x = net.input({2, 3, 2, 2});
  const auto low = net.scalar(0), scale = net.scalar(1.5F), gain = net.scalar(2);
  std::vector<ir::ValueId> sides;
  for (int i = 0; i < 2; ++i) {
    const auto y = net.add(ir::Conv{}, {x, net.weight({4, 3, 1, 1}), net.weight({4})});
    sides.push_back(net.add(ir::Mul{}, {net.add(ir::Clip{}, {y, low, scale}), gain}));
  }
  return net.finish({net.add(ir::Flatten{}, {net.add(ir::Concat{1}, {sides[0], sides[1]})})});
}

TEST(TrainNetwork, ScaledClipsLearnTheirEndAsPublished) {
  auto network = Network::create(clipped_net());
  ASSERT_TRUE(network);
  const std::size_t before = network->parameters().size();
  ASSERT_TRUE(network->learn_clips());
  ASSERT_EQ(network->parameters().size(), before + 1);
  const Parameter clip = network->parameters().back();
  EXPECT_EQ(clip.role, Role::Quantizer);
  const auto images = to_torch(test::random_tensor({2, 3, 2, 2}, 9, -4, 4));
  const auto sum_at = [&](float scale) {
    const at::NoGradGuard no_gradients;
    clip.tensor.fill_(scale);
    return network->scores(*images, true)->sum().item<double>();
  };
  // −R·x/s² inside, 0 above: what finite differences say.
  const double slope = (sum_at(1.51F) - sum_at(1.49F)) / 0.02;
  clip.tensor.detach().fill_(1.5F);
  network->scores(*images, true)->sum().backward();
  EXPECT_LT(clip.tensor.grad().item<double>(), -0.5);
  EXPECT_NEAR(clip.tensor.grad().item<double>(), slope, 0.02 * std::abs(slope));
}

TEST(TrainNetwork, AScaleCountsByItsMagnitudeAndItsGainFollows) {
  auto network = Network::create(clipped_net());
  ASSERT_TRUE(network && network->learn_clips());
  const auto images = to_torch(test::random_tensor({2, 3, 2, 2}, 9, -4, 4));
  const auto before = network->scores(*images, false);
  network->parameters().back().tensor.detach().fill_(-1.5F);
  EXPECT_TRUE(at::equal(*network->scores(*images, false), *before));
  network->parameters().back().tensor.detach().fill_(-0.5F);
  const ir::Graph graph = network->graph();
  for (const ir::Node& node : graph.nodes) {
    if (ir::is<ir::Clip>(node.op)) {
      EXPECT_EQ(graph[node.inputs[2]].constant->data<float>()[0], 0.5F);
    }
    if (ir::is<ir::Mul>(node.op)) {
      EXPECT_EQ(graph[node.inputs[1]].constant->data<float>()[0], 6);
    }
  }
  test::expect_near({from_torch(*network->scores(*images, false))},
                    test::reference_outputs(graph, {from_torch(*images)}), 1e-5F);
}

TEST(TrainNetwork, WithoutScaledClipsThereAreNoneToLearn) {
  auto network = Network::create(small_classifier());
  ASSERT_TRUE(network);
  const Status status = network->learn_clips();
  ASSERT_FALSE(status);
  EXPECT_EQ(status.error().code, ErrorCode::InvalidArgument);
}

TEST(TrainNetwork, InBfloat16ItLearnsNearlyTheSameAndValidatesTheSame) {
  auto network = Network::create(small_classifier());
  ASSERT_TRUE(network);
  const auto images = to_torch(test::random_tensor({2, 1, 6, 6}, 3, -1, 1));
  const auto wide = network->scores(*images, true);
  wide->sum().backward();
  const auto before = network->scores(*images, false);  // by the statistics that this moved
  const at::Tensor weights = network->parameters()[0].tensor;
  const at::Tensor gradient = weights.grad().clone();
  network->multiply_in_bfloat16();
  EXPECT_TRUE(at::equal(*network->scores(*images, false), *before));
  weights.grad().zero_();
  const auto narrow = network->scores(*images, true);
  ASSERT_TRUE(narrow) << narrow.error().text();
  EXPECT_EQ(narrow->scalar_type(), at::kFloat);
  EXPECT_FALSE(at::equal(*narrow, *wide));
  EXPECT_TRUE(at::allclose(*narrow, *wide, 0.05, 0.05));
  narrow->sum().backward();
  EXPECT_EQ(weights.grad().scalar_type(), at::kFloat);
  EXPECT_TRUE(at::allclose(weights.grad(), gradient, 0.1, 0.05));
}

TEST(TrainNetwork, KernelsOfShiftsNeverLearn) {
  Net net;
  Tensor kernels(DType::Float32, {2, 1, 3, 3});
  kernels.mutable_data<float>()[1] = kernels.mutable_data<float>()[9 + 5] = 1;
  const ir::Conv shift{.window = {.kernel = {3, 3}, .pads = {1, 1, 1, 1}}, .group = 2};
  const auto moved = net.add(shift, {net.input({1, 2, 4, 4}), net.constant(kernels)});
  const auto network =
      Network::create(net.finish({net.add(ir::Conv{}, {moved, net.weight({3, 2, 1, 1})})}));
  ASSERT_TRUE(network);
  EXPECT_EQ(network->parameters().size(), 1U);
}

TEST(TrainNetwork, ParametersHaveTheirRoles) {
  const auto network = Network::create(small_classifier());
  ASSERT_TRUE(network) << network.error().text();
  std::vector<Role> roles;
  for (const Parameter& parameter : network->parameters()) roles.push_back(parameter.role);
  EXPECT_EQ(roles, (std::vector<Role>{Role::Weight, Role::Bias, Role::Normalization,
                                      Role::Normalization, Role::Weight, Role::Bias}));
  EXPECT_EQ(network->buffers().size(), 2U);
}

TEST(TrainNetwork, ScoresAreWhatGoesIntoTheLastSoftmax) {
  const ir::Graph graph = small_classifier();
  const auto network = Network::create(graph);
  ASSERT_TRUE(network);
  const auto inputs = test::random_inputs(graph);
  const at::Tensor scores = *network->scores(*to_torch(inputs[0]), false);
  test::expect_near({from_torch(at::softmax(scores, 1))}, test::reference_outputs(graph, inputs),
                    1e-5F);
}

TEST(TrainNetwork, GradientsReachEveryParameter) {
  const auto network = Network::create(small_classifier());
  ASSERT_TRUE(network);
  network->scores(at::randn({5, 1, 6, 6}), true)->square().sum().backward();
  for (const Parameter& parameter : network->parameters()) {
    ASSERT_TRUE(parameter.tensor.grad().defined()) << parameter.name;
    EXPECT_TRUE(parameter.tensor.grad().isfinite().all().item<bool>()) << parameter.name;
  }
}

TEST(TrainNetwork, TheGraphHasWhatTheTensorsHave) {
  const ir::Graph graph = small_classifier();
  const auto network = Network::create(graph);
  ASSERT_TRUE(network);
  EXPECT_EQ(test::reference_outputs(network->graph(), test::random_inputs(graph)),
            test::reference_outputs(graph, test::random_inputs(graph)));
  const at::NoGradGuard no_gradients;
  at::Tensor weights = network->parameters()[0].tensor;
  weights.fill_(0.25);
  bool is_there = false;
  for (const ir::Value& value : network->graph().values) {
    if (value.name != network->parameters()[0].name) continue;
    is_there = true;
    EXPECT_EQ(value.constant->data<float>()[0], 0.25F);
  }
  EXPECT_TRUE(is_there);
  // The graph that it was made of is another one.
  EXPECT_NE(graph.values[1].constant->data<float>()[0], 0.25F);
}

TEST(TrainNetwork, FrozenWeightsAreNotParameters) {
  const ir::Graph graph = small_classifier();
  const std::string name = Network::create(graph)->parameters()[0].name;
  const auto network = Network::create(graph, {name});
  ASSERT_TRUE(network);
  EXPECT_EQ(network->parameters().size(), 5U);
  const auto unknown = Network::create(graph, {name + "x"});
  ASSERT_FALSE(unknown);
  EXPECT_NE(unknown.error().message.find("did you mean"), std::string::npos);
}

TEST(TrainNetwork, WithoutWeightsThereIsNothingToTrain) {
  Net net;
  const ir::Graph graph = net.finish({net.add(ir::Relu{}, {net.input({1, 3})})});
  EXPECT_EQ(Network::create(graph).error().code, ErrorCode::Unsupported);
}

}  // namespace
}  // namespace sluice::train
