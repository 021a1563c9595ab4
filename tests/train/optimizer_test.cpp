// SPDX-License-Identifier: Apache-2.0
#include "sluice/train/optimizer.hpp"

#include <functional>
#include <gtest/gtest.h>
#include <memory>
#include <torch/optim/adam.h>
#include <torch/optim/adamw.h>
#include <torch/optim/sgd.h>

namespace sluice::train {
namespace {

using Theirs =
    std::function<std::unique_ptr<torch::optim::Optimizer>(std::vector<at::Tensor> parameters)>;

// Twenty steps on a loss with different gradients each, by us and by LibTorch's own.
void expect_same_steps(const OptimizerOptions& options, const Theirs& make_theirs) {
  at::manual_seed(3);
  at::Tensor ours = at::randn({4, 3}).requires_grad_();
  at::Tensor theirs = ours.detach().clone().requires_grad_();
  Optimizer optimizer({{"w", Role::Weight, ours}}, options);
  const auto peer = make_theirs({theirs});
  for (int step = 0; step < 20; ++step) {
    const at::Tensor towards = at::randn({4, 3});
    for (at::Tensor* weights : {&ours, &theirs}) {
      weights->mutable_grad() = at::Tensor();
      (*weights - towards).pow(2).sum().backward();
    }
    optimizer.step(0.05);
    peer->step();
    ASSERT_TRUE(at::allclose(ours, theirs, 1e-5, 1e-6)) << "step " << step;
  }
}

TEST(Optimizer, SgdIsLibTorchs) {
  for (const bool nesterov : {false, true}) {
    expect_same_steps({.nesterov = nesterov, .weight_decay = 0.01}, [&](auto parameters) {
      return std::make_unique<torch::optim::SGD>(
          parameters,
          torch::optim::SGDOptions(0.05).momentum(0.9).nesterov(nesterov).weight_decay(0.01));
    });
  }
  expect_same_steps({.momentum = 0, .weight_decay = 0}, [](auto parameters) {
    return std::make_unique<torch::optim::SGD>(parameters, torch::optim::SGDOptions(0.05));
  });
}

TEST(Optimizer, AdamAndAdamWAreLibTorchs) {
  expect_same_steps({.method = Method::Adam, .weight_decay = 0.1}, [](auto parameters) {
    return std::make_unique<torch::optim::Adam>(parameters,
                                                torch::optim::AdamOptions(0.05).weight_decay(0.1));
  });
  expect_same_steps({.method = Method::AdamW, .weight_decay = 0.1}, [](auto parameters) {
    return std::make_unique<torch::optim::AdamW>(
        parameters, torch::optim::AdamWOptions(0.05).weight_decay(0.1));
  });
}

at::Tensor with_gradient(std::vector<float> values, std::vector<float> gradient) {
  at::Tensor tensor = at::tensor(values).requires_grad_();
  tensor.mutable_grad() = at::tensor(gradient);
  return tensor;
}

TEST(Optimizer, OnlyWeightsDecayUnlessAllAreToldTo) {
  for (const bool decays_all : {false, true}) {
    const at::Tensor weight = with_gradient({1}, {0}), bias = with_gradient({1}, {0});
    const at::Tensor step = with_gradient({1}, {0});
    Optimizer optimizer(
        {{"w", Role::Weight, weight}, {"b", Role::Bias, bias}, {"s", Role::Quantizer, step}},
        {.momentum = 0, .weight_decay = 0.5, .decays_all = decays_all});
    optimizer.step(1);
    EXPECT_FLOAT_EQ(weight.item<float>(), 0.5F);
    EXPECT_FLOAT_EQ(bias.item<float>(), decays_all ? 0.5F : 1.0F);
    EXPECT_FLOAT_EQ(step.item<float>(), decays_all ? 0.5F : 1.0F);
  }
}

TEST(Optimizer, ClippingKeepsTheDirection) {
  const at::Tensor weight = with_gradient({0, 0}, {3, 0}), bias = with_gradient({0}, {4});
  Optimizer optimizer({{"w", Role::Weight, weight}, {"b", Role::Bias, bias}}, {});
  EXPECT_DOUBLE_EQ(optimizer.clip_gradients(10), 5);
  EXPECT_FLOAT_EQ(bias.grad().item<float>(), 4);
  EXPECT_DOUBLE_EQ(optimizer.clip_gradients(1), 5);
  EXPECT_NEAR(optimizer.gradient_norm(), 1, 1e-5);
  EXPECT_NEAR(bias.grad().item<float>(), 0.8F, 1e-5);
}

TEST(Optimizer, StatePutBackGoesOnToTheBit) {
  for (const Method method : {Method::Sgd, Method::AdamW}) {
    const OptimizerOptions options{.method = method};
    at::manual_seed(5);
    const at::Tensor whole = at::randn({7}).requires_grad_();
    const at::Tensor cut = whole.detach().clone().requires_grad_();
    Optimizer all({{"w", Role::Weight, whole}}, options);
    auto half =
        std::make_unique<Optimizer>(std::vector<Parameter>{{"w", Role::Weight, cut}}, options);
    for (int step = 0; step < 10; ++step) {
      if (step == 5) {
        std::vector<StateTensor> saved = half->state();
        for (StateTensor& each : saved) each.tensor = each.tensor.clone();
        half =
            std::make_unique<Optimizer>(std::vector<Parameter>{{"w", Role::Weight, cut}}, options);
        const auto state = half->state();
        for (std::size_t i = 0; i < state.size(); ++i) state[i].tensor.copy_(saved[i].tensor);
      }
      whole.mutable_grad() = at::full({7}, static_cast<float>(step) - 3);
      cut.mutable_grad() = whole.grad().clone();
      all.step(0.1);
      half->step(0.1);
    }
    EXPECT_TRUE(at::equal(whole, cut));
  }
}

}  // namespace
}  // namespace sluice::train
