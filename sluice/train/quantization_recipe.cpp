// SPDX-License-Identifier: Apache-2.0
#include "sluice/train/quantization_recipe.hpp"

#include <fmt/format.h>

namespace sluice::train {
namespace {

Status check_bits(std::string_view of, int bits) {
  if (bits >= 2 && bits <= 8) return {};
  return invalid_argument(fmt::format("{} have 2 to 8 bits, not {}", of, bits));
}

bool has_power_of_two(const QuantizerOptions& options) {
  return options.power_of_two || options.kind == QuantizerKind::Tanh;
}

}  // namespace

Status check_quantization_recipe(const QuantizationRecipe& recipe) {
  SL_TRY_STATUS(check_bits("weights", recipe.weights.bits));
  SL_TRY_STATUS(check_bits("activations", recipe.activations.bits));
  SL_TRY_STATUS(check_bits("the first and the last layer", recipe.edge_bits));
  const QuantizerKind weights = recipe.weights.kind;
  if (weights != QuantizerKind::Lsq && weights != QuantizerKind::Tanh) {
    return invalid_argument(fmt::format(
        "weights are trained for integers by lsq or tanh, not by {}", to_string(weights)));
  }
  const QuantizerKind activations = recipe.activations.kind;
  if (activations != QuantizerKind::Lsq && activations != QuantizerKind::Pact) {
    return invalid_argument(fmt::format(
        "activations are trained for integers by lsq or pact, not by {}", to_string(activations)));
  }
  if (has_power_of_two(recipe.weights) && has_power_of_two(recipe.activations)) return {};
  return invalid_argument("steps must be powers of two, so that integers are what training sees");
}

}  // namespace sluice::train
