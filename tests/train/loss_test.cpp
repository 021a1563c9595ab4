// SPDX-License-Identifier: Apache-2.0
#include "sluice/train/loss.hpp"

#include <cmath>
#include <gtest/gtest.h>

namespace sluice::train {
namespace {

at::Tensor labels(std::vector<std::int64_t> values) {
  return at::tensor(values, at::kLong);
}

TEST(Loss, SmoothingTakesFromTheLabelForAll) {
  const at::Tensor targets = targets_of(labels({1}), 4, 0.2);
  EXPECT_TRUE(at::allclose(targets, at::tensor({0.05F, 0.85F, 0.05F, 0.05F}).unsqueeze(0)));
  EXPECT_TRUE(at::equal(targets_of(labels({0}), 2), at::tensor({1.0F, 0.0F}).unsqueeze(0)));
}

TEST(Loss, IsLibTorchsOwnOnLabels) {
  at::manual_seed(1);
  const at::Tensor scores = at::randn({8, 10});
  const at::Tensor wanted = labels({0, 1, 2, 3, 4, 5, 6, 9});
  for (const double smoothing : {0.0, 0.1}) {
    const at::Tensor expected =
        at::cross_entropy_loss(scores, wanted, {}, at::Reduction::Mean, -100, smoothing);
    const at::Tensor loss = cross_entropy(scores, targets_of(wanted, 10, smoothing));
    EXPECT_NEAR(loss.item<double>(), expected.item<double>(), 1e-6);
  }
}

TEST(Loss, RefineryHasTheGradientOfTheDivergenceFromTheTeacher) {
  at::manual_seed(2);
  const at::Tensor teacher = at::randn({4, 5});
  at::Tensor scores = at::randn({4, 5}).requires_grad_();
  cross_entropy(scores, soft_targets(teacher)).backward();
  const at::Tensor gradient = scores.grad().clone();
  // d/dz = (softmax(z) − p) / n.
  const at::Tensor expected = (at::softmax(scores, 1) - at::softmax(teacher, 1)) / 4;
  EXPECT_TRUE(at::allclose(gradient, expected.detach(), 1e-5, 1e-7));
}

TEST(Loss, ATemperatureFlattensTheTeacher) {
  const at::Tensor scores = at::tensor({0.0F, std::log(9.0F)}).unsqueeze(0);
  EXPECT_NEAR(soft_targets(scores)[0][1].item<double>(), 0.9, 1e-6);
  EXPECT_NEAR(soft_targets(scores, 2)[0][1].item<double>(), 0.75, 1e-6);
}

}  // namespace
}  // namespace sluice::train
