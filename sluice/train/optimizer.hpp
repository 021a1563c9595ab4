// SPDX-License-Identifier: Apache-2.0
// Optimizer: from gradients to the next weights. Its state is tensors by name, so that a training
// goes on to the bit where it was left.
#pragma once

#include <string>
#include <torch/types.h>
#include <vector>

#include "sluice/train/network.hpp"
#include "sluice/train/recipe.hpp"

namespace sluice::train {

struct StateTensor {
  std::string name;
  at::Tensor tensor;
};

class Optimizer {
 public:
  // The parameters' tensors are moved in place.
  Optimizer(std::vector<Parameter> parameters, OptimizerOptions options);

  // Takes one step along the gradients, which are left as they are; parameters without one stay.
  void step(double rate);
  void zero_gradients();
  // Shrinks all gradients together to the norm if they are above it; what the norm was.
  double clip_gradients(double max_norm);
  [[nodiscard]] double gradient_norm() const;

  // What it remembers: "momentum/NAME", "variance/NAME" (Adam), "steps". To be copied into as well.
  [[nodiscard]] std::vector<StateTensor> state() const;

 private:
  void step_sgd(std::size_t i, const at::Tensor& gradient, double rate);
  void step_adam(std::size_t i, const at::Tensor& gradient, double rate);
  [[nodiscard]] double decay_of(const Parameter& parameter) const;

  std::vector<Parameter> parameters_;
  OptimizerOptions options_;
  std::vector<at::Tensor> momenta_, variances_;
  at::Tensor steps_;  // that were taken, int64
};

}  // namespace sluice::train
