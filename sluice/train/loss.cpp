// SPDX-License-Identifier: Apache-2.0
#include "sluice/train/loss.hpp"

namespace sluice::train {

at::Tensor targets_of(const at::Tensor& labels, std::int64_t classes, double smoothing) {
  const at::Tensor exact = at::one_hot(labels, classes).to(at::kFloat);
  if (smoothing == 0) return exact;
  return exact * (1 - smoothing) + smoothing / static_cast<double>(classes);
}

at::Tensor cross_entropy(const at::Tensor& scores, const at::Tensor& targets) {
  return -(targets * at::log_softmax(scores, 1)).sum(1).mean();
}

at::Tensor soft_targets(const at::Tensor& scores, double temperature) {
  return at::softmax(temperature == 1 ? scores : scores / temperature, 1);
}

}  // namespace sluice::train
