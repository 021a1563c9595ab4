// SPDX-License-Identifier: Apache-2.0
#include "sluice/train/network.hpp"

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
