// SPDX-License-Identifier: Apache-2.0
#include "sluice/train/optimizer.hpp"

#include <cmath>
#include <utility>

namespace sluice::train {

Optimizer::Optimizer(std::vector<Parameter> parameters, OptimizerOptions options)
    : parameters_(std::move(parameters)),
      options_(options),
      steps_(at::zeros({}, at::TensorOptions(at::kLong))) {
  for (const Parameter& parameter : parameters_) {
    momenta_.push_back(at::zeros_like(parameter.tensor.detach()));
    if (options_.method != Method::Sgd) {
      variances_.push_back(at::zeros_like(parameter.tensor.detach()));
    }
  }
}

double Optimizer::decay_of(const Parameter& parameter) const {
  const bool decays = options_.decays_all || parameter.role == Role::Weight;
  return decays ? options_.weight_decay : 0;
}

void Optimizer::step(double rate) {
  const at::NoGradGuard no_gradients;
  steps_ += 1;
  for (std::size_t i = 0; i < parameters_.size(); ++i) {
    const at::Tensor& gradient = parameters_[i].tensor.grad();
    if (!gradient.defined()) continue;
    if (options_.method == Method::Sgd) {
      step_sgd(i, gradient, rate);
    } else {
      step_adam(i, gradient, rate);
    }
  }
}

// g += decay·w; m = momentum·m + g; w −= rate·m, or rate·(g + momentum·m) (Nesterov). Starting at 0
// makes the first m the first g, as PyTorch's.
void Optimizer::step_sgd(std::size_t i, const at::Tensor& gradient, double rate) {
  const at::Tensor weights = parameters_[i].tensor;
  const double decay = decay_of(parameters_[i]);
  const at::Tensor g = decay == 0 ? gradient : gradient.add(weights, decay);
  if (options_.momentum == 0) {
    weights.sub_(g, rate);
    return;
  }
  momenta_[i].mul_(options_.momentum).add_(g);
  weights.sub_(options_.nesterov ? g.add(momenta_[i], options_.momentum) : momenta_[i], rate);
}

// Kingma and Ba (2015); AdamW takes the decay from the weights, not into the gradient (Loshchilov
// and Hutter, 2019).
void Optimizer::step_adam(std::size_t i, const at::Tensor& gradient, double rate) {
  const at::Tensor weights = parameters_[i].tensor;
  const double decay = decay_of(parameters_[i]);
  at::Tensor g = gradient;
  if (decay != 0 && options_.method == Method::AdamW) weights.mul_(1 - rate * decay);
  if (decay != 0 && options_.method == Method::Adam) g = gradient.add(weights, decay);
  momenta_[i].mul_(options_.beta1).add_(g, 1 - options_.beta1);
  variances_[i].mul_(options_.beta2).addcmul_(g, g, 1 - options_.beta2);
  const auto steps = static_cast<double>(steps_.item<std::int64_t>());
  const double bias1 = 1 - std::pow(options_.beta1, steps);
  const double bias2 = 1 - std::pow(options_.beta2, steps);
  const at::Tensor scale = (variances_[i].sqrt() / std::sqrt(bias2)).add_(options_.epsilon);
  weights.addcdiv_(momenta_[i], scale, -rate / bias1);
}

void Optimizer::zero_gradients() {
  for (Parameter& parameter : parameters_) parameter.tensor.mutable_grad() = at::Tensor();
}

double Optimizer::gradient_norm() const {
  double sum = 0;
  for (const Parameter& parameter : parameters_) {
    const at::Tensor& gradient = parameter.tensor.grad();
    if (gradient.defined()) sum += gradient.square().sum(at::kDouble).item<double>();
  }
  return std::sqrt(sum);
}

double Optimizer::clip_gradients(double max_norm) {
  const double norm = gradient_norm();
  // As PyTorch: a hair below the bound, so that no rounding lies above it.
  constexpr double kHair = 1e-6;
  if (!(norm > max_norm)) return norm;
  for (Parameter& parameter : parameters_) {
    at::Tensor& gradient = parameter.tensor.mutable_grad();
    if (gradient.defined()) gradient.mul_(max_norm / (norm + kHair));
  }
  return norm;
}

std::vector<StateTensor> Optimizer::state() const {
  std::vector<StateTensor> result{{"steps", steps_}};
  for (std::size_t i = 0; i < parameters_.size(); ++i) {
    result.push_back({"momentum/" + parameters_[i].name, momenta_[i]});
    if (!variances_.empty()) result.push_back({"variance/" + parameters_[i].name, variances_[i]});
  }
  return result;
}

}  // namespace sluice::train
