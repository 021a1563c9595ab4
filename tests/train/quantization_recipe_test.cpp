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
      [](auto& r) { r.weights.bits = 1; },
      [](auto& r) { r.activations.bits = 9; },
      [](auto& r) { r.edge_bits = 0; },
      [](auto& r) { r.weights.kind = QuantizerKind::Pact; },
      [](auto& r) { r.activations.kind = QuantizerKind::Tanh; },
      [](auto& r) { r.weights.power_of_two = false; },
      [](auto& r) { r.activations.power_of_two = false; }};
  for (std::size_t i = 0; i < mistakes.size(); ++i) {
    QuantizationRecipe recipe;
    mistakes[i](recipe);
    const Status status = check_quantization_recipe(recipe);
    ASSERT_FALSE(status) << i;
    EXPECT_EQ(status.error().code, ErrorCode::InvalidArgument);
  }
}

}  // namespace
}  // namespace sluice::train
