// SPDX-License-Identifier: Apache-2.0
#include "sluice/train/quantization_recipe.hpp"

#include <array>
#include <fmt/format.h>

namespace sluice::train {
namespace {

constexpr int kMostBits = 8;

struct Width {
  std::string_view of;
  int bits;
  bool is_of_weights;
};

Status check_width(const Width& width, const QuantizationRecipe& recipe) {
  if (width.bits < 1 || width.bits > kMostBits) {
    return invalid_argument(
        fmt::format("{} 1 to {} bits, not {}", width.of, kMostBits, width.bits));
  }
  if (!width.is_of_weights || recipe.weights.kind != QuantizerKind::Dorefa ||
      width.bits < kMostBits) {
    return {};
  }
  return invalid_argument(fmt::format(
      "{} {} bits, and the codes of dorefa's weights take one more, beyond a byte; give "
      "them {} or fewer, or take lsq",
      width.of, width.bits, kMostBits - 1));
}

bool has_power_of_two(const QuantizerOptions& options) {
  return options.power_of_two || options.kind == QuantizerKind::Tanh;
}

Status check_kinds(const QuantizationRecipe& recipe) {
  const QuantizerKind weights = recipe.weights.kind, activations = recipe.activations.kind;
  if (weights == QuantizerKind::Pact || weights == QuantizerKind::NormalizedPact) {
    return invalid_argument(
        fmt::format("weights are trained for integers by lsq, lsq+, tanh or dorefa, not by {}",
                    to_string(weights)));
  }
  if (activations == QuantizerKind::Tanh) {
    return invalid_argument(
        "activations are trained for integers by lsq, lsq+, pact, normalized-pact or dorefa, not "
        "by tanh");
  }
  if (weights == QuantizerKind::LsqPlus && recipe.weights.has_offset) {
    return invalid_argument("weights have no offset: sums would need those of their inputs");
  }
  const bool is_fixed =
      (weights == QuantizerKind::Dorefa && recipe.weights.power_of_two) ||
      ((activations == QuantizerKind::Dorefa || activations == QuantizerKind::NormalizedPact) &&
       recipe.activations.power_of_two);
  if (!is_fixed) return {};
  return invalid_argument(
      "the steps of dorefa and normalized-pact are fixed, and no powers of two; let steps be any");
}

}  // namespace

bool has_powers_of_two(const QuantizationRecipe& recipe) noexcept {
  return has_power_of_two(recipe.weights) && has_power_of_two(recipe.activations);
}

Status check_quantization_recipe(const QuantizationRecipe& recipe) {
  const std::array widths{
      Width{"weights have", recipe.weights.bits, true},
      Width{"activations have", recipe.activations.bits, false},
      Width{"the network's input has", recipe.input_bits.value_or(recipe.edge_bits), false},
      Width{"weights of the first layer have", recipe.first_bits.value_or(recipe.edge_bits), true},
      Width{"weights of the last layer have", recipe.last_bits.value_or(recipe.edge_bits), true}};
  for (const Width& width : widths) SL_TRY_STATUS(check_width(width, recipe));
  return check_kinds(recipe);
}

}  // namespace sluice::train
