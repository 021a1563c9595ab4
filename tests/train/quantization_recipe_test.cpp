// SPDX-License-Identifier: Apache-2.0
#include "sluice/train/quantization_recipe.hpp"

#include <functional>
#include <gtest/gtest.h>
#include <vector>

namespace sluice::train {
namespace {

TEST(QuantizationRecipe, TheDefaultsAndTanhWeightsAreTaken) {
  QuantizationRecipe recipe;
  EXPECT_TRUE(check_quantization_recipe(recipe));
  recipe.weights.kind = QuantizerKind::Tanh;
  recipe.weights.power_of_two = false;
  recipe.activations.kind = QuantizerKind::Pact;
  EXPECT_TRUE(check_quantization_recipe(recipe));
}

TEST(QuantizationRecipe, WhatHasNoIntegersIsRefused) {
  const std::vector<std::function<void(QuantizationRecipe&)>> mistakes{
      [](auto& r) { r.weights.bits = 0; }, [](auto& r) { r.activations.bits = 9; },
      [](auto& r) { r.edge_bits = 0; }, [](auto& r) { r.weights.kind = QuantizerKind::Pact; },
      [](auto& r) { r.activations.kind = QuantizerKind::Tanh; }, [](auto& r) { r.input_bits = 9; },
      [](auto& r) { r.first_bits = 0; }, [](auto& r) { r.last_bits = -1; },
      // Fixed steps are no powers of two.
      [](auto& r) { r.activations.kind = QuantizerKind::NormalizedPact; },
      [](auto& r) { r.activations.kind = QuantizerKind::Dorefa; },
      [](auto& r) { r.weights.kind = QuantizerKind::Dorefa; },
      [](auto& r) {
        r.weights.kind = QuantizerKind::LsqPlus;
        r.weights.has_offset = true;
      },
      // Codes beyond a byte: those of edges have 8 bits unless told.
      [](auto& r) {
        r.weights.kind = QuantizerKind::Dorefa;
        r.weights.power_of_two = false;
      }};
  for (std::size_t i = 0; i < mistakes.size(); ++i) {
    QuantizationRecipe recipe;
    mistakes[i](recipe);
    const Status status = check_quantization_recipe(recipe);
    ASSERT_FALSE(status) << i;
    EXPECT_EQ(status.error().code, ErrorCode::InvalidArgument);
  }
}

TEST(QuantizationRecipe, EveryWidthAndStepsOfAnySizeAreTaken) {
  QuantizationRecipe recipe;
  recipe.weights.power_of_two = recipe.activations.power_of_two = false;
  recipe.edge_bits = 7;
  for (const QuantizerKind weights :
       {QuantizerKind::Lsq, QuantizerKind::LsqPlus, QuantizerKind::Tanh, QuantizerKind::Dorefa}) {
    for (const QuantizerKind activations :
         {QuantizerKind::Lsq, QuantizerKind::LsqPlus, QuantizerKind::Pact,
          QuantizerKind::NormalizedPact, QuantizerKind::Dorefa}) {
      for (const int bits : {1, 7}) {
        recipe.weights.kind = weights;
        recipe.activations.kind = activations;
        recipe.weights.bits = recipe.activations.bits = bits;
        EXPECT_TRUE(check_quantization_recipe(recipe))
            << to_string(weights) << " " << to_string(activations) << " " << bits;
      }
    }
  }
}

TEST(QuantizationRecipe, StepsArePowersOfTwoWhereBothKindsHaveThem) {
  QuantizationRecipe recipe;
  EXPECT_TRUE(has_powers_of_two(recipe));
  recipe.weights.power_of_two = false;
  EXPECT_FALSE(has_powers_of_two(recipe));
  recipe.weights.kind = QuantizerKind::Tanh;  // whose always is
  EXPECT_TRUE(has_powers_of_two(recipe));
  recipe.activations.power_of_two = false;
  EXPECT_FALSE(has_powers_of_two(recipe));
}

}  // namespace
}  // namespace sluice::train
