// SPDX-License-Identifier: Apache-2.0
// Losses of a classifier.
#pragma once

#include <torch/types.h>

namespace sluice::train {

// What the scores should say, [n, classes], rows adding up to 1: (1 − s) on the label and s spread
// over all classes.
[[nodiscard]] at::Tensor targets_of(const at::Tensor& labels, std::int64_t classes,
                                    double smoothing = 0);

// The mean over the images of −Σ targets·log softmax(scores). With a teacher's softmax as the
// targets this is label refinery (Bagherinezhad and others, 2018), whose gradient is that of the
// Kullback-Leibler divergence from it.
[[nodiscard]] at::Tensor cross_entropy(const at::Tensor& scores, const at::Tensor& targets);

// softmax(scores / temperature).
[[nodiscard]] at::Tensor soft_targets(const at::Tensor& scores, double temperature = 1);

}  // namespace sluice::train
