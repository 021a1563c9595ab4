// SPDX-License-Identifier: Apache-2.0
#include "sluice/train/recipe.hpp"

#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <limits>

#include "sluice/base/text.hpp"

namespace sluice::train {
namespace {

constexpr std::array<std::string_view, 3> kMethods{"sgd", "adam", "adamw"};
constexpr std::array<std::string_view, 2> kPrecisions{"float32", "bfloat16"};
constexpr double kUnlimited = std::numeric_limits<double>::max();

struct Bound {
  std::string_view name;
  double value, least, most;
};

}  // namespace

Result<Method> method_from_string(std::string_view name) {
  const auto* found = std::ranges::find(kMethods, name);
  if (found != kMethods.end()) return static_cast<Method>(found - kMethods.begin());
  return invalid_argument(fmt::format("no optimizer {}{}; there are sgd, adam and adamw",
                                      sluice::quoted(name), did_you_mean(name, kMethods)));
}

std::string_view to_string(Method method) noexcept {
  return kMethods[static_cast<std::size_t>(method)];
}

Result<Precision> precision_from_string(std::string_view name) {
  const auto* found = std::ranges::find(kPrecisions, name);
  if (found != kPrecisions.end()) return static_cast<Precision>(found - kPrecisions.begin());
  return invalid_argument(fmt::format("no precision {}{}; there are float32 and bfloat16",
                                      sluice::quoted(name), did_you_mean(name, kPrecisions)));
}

std::string_view to_string(Precision precision) noexcept {
  return kPrecisions[static_cast<std::size_t>(precision)];
}

Status check_recipe(const Recipe& recipe) {
  if (recipe.quantization) SL_TRY_STATUS(check_quantization_recipe(*recipe.quantization));
  if (recipe.quantization && recipe.learns_clips) {
    return invalid_argument(
        "clips learn in float32, and for integers by a quantizer that has them: pact or "
        "normalized-pact");
  }
  if (recipe.quantization && recipe.precision != Precision::Float32) {
    return invalid_argument(
        "training for integers takes float32, in which their sums are exact; leave bfloat16 to the "
        "training before it");
  }
  const OptimizerOptions& optimizer = recipe.optimizer;
  for (const Bound& bound : {Bound{"learning rate", recipe.schedule.rate, 0, kUnlimited},
                             Bound{"momentum", optimizer.momentum, 0, 1},
                             Bound{"weight decay", optimizer.weight_decay, 0, kUnlimited},
                             Bound{"label smoothing", recipe.label_smoothing, 0, 1},
                             Bound{"teacher's weight", recipe.teacher_weight, 0, 1},
                             Bound{"temperature", recipe.temperature, 1e-3, kUnlimited},
                             Bound{"mixup", recipe.mixup_alpha, 0, 100},
                             Bound{"gradient norm", recipe.max_gradient_norm, 0, kUnlimited},
                             Bound{"average's decay", recipe.average_decay, 0, 1}}) {
    // A NaN is within no bounds.
    if (bound.value >= bound.least && bound.value <= bound.most) continue;
    if (bound.most == kUnlimited) {
      return invalid_argument(
          fmt::format("the {} is {:g} or more, not {}", bound.name, bound.least, bound.value));
    }
    return invalid_argument(fmt::format("the {} is {:g} to {:g}, not {}", bound.name, bound.least,
                                        bound.most, bound.value));
  }
  if (recipe.schedule.steps < 1) return invalid_argument("a training has one step or more");
  if (recipe.schedule.warm_up_steps >= 0 &&
      recipe.schedule.warm_up_steps <= recipe.schedule.steps) {
    return {};
  }
  return invalid_argument(fmt::format("warming up takes 0 to all {} steps, not {}",
                                      recipe.schedule.steps, recipe.schedule.warm_up_steps));
}

}  // namespace sluice::train
