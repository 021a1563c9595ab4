// SPDX-License-Identifier: Apache-2.0
#include "sluice/train/recipe.hpp"

#include <functional>
#include <gtest/gtest.h>
#include <limits>

namespace sluice::train {
namespace {

TEST(Recipe, TheDefaultsAreInBounds) {
  EXPECT_TRUE(check_recipe({}));
}

TEST(Recipe, NumbersOutsideTheirBoundsAreRefused) {
  constexpr double kNan = std::numeric_limits<double>::quiet_NaN();
  const std::vector<std::function<void(Recipe&)>> mistakes{
      [](Recipe& r) { r.schedule.rate = -1; },
      [](Recipe& r) { r.schedule.rate = std::numeric_limits<double>::infinity(); },
      [](Recipe& r) { r.schedule.steps = 0; },
      [](Recipe& r) { r.schedule.warm_up_steps = 2; },
      [](Recipe& r) { r.optimizer.momentum = 1.5; },
      [](Recipe& r) { r.optimizer.weight_decay = kNan; },
      [](Recipe& r) { r.label_smoothing = 1.1; },
      [](Recipe& r) { r.teacher_weight = -0.1; },
      [](Recipe& r) { r.temperature = 0; },
      [](Recipe& r) { r.mixup_alpha = -1; },
      [](Recipe& r) { r.max_gradient_norm = -1; },
      [](Recipe& r) { r.average_decay = 2; }};
  for (std::size_t i = 0; i < mistakes.size(); ++i) {
    Recipe recipe;
    mistakes[i](recipe);
    const Status status = check_recipe(recipe);
    ASSERT_FALSE(status) << i;
    EXPECT_EQ(status.error().code, ErrorCode::InvalidArgument);
  }
}

TEST(Recipe, OptimizersAreFoundByName) {
  for (const Method method : {Method::Sgd, Method::Adam, Method::AdamW}) {
    EXPECT_EQ(*method_from_string(to_string(method)), method);
  }
  EXPECT_NE(method_from_string("adamax").error().message.find("did you mean"), std::string::npos);
}

TEST(Recipe, PrecisionsAreFoundByNameAndIntegersTakeFloat32) {
  for (const Precision precision : {Precision::Float32, Precision::BFloat16}) {
    EXPECT_EQ(*precision_from_string(to_string(precision)), precision);
  }
  EXPECT_NE(precision_from_string("bfloat").error().message.find("did you mean"),
            std::string::npos);
  Recipe recipe;
  recipe.precision = Precision::BFloat16;
  EXPECT_TRUE(check_recipe(recipe));
  recipe.quantization.emplace();
  EXPECT_FALSE(check_recipe(recipe));
}

TEST(Recipe, ClipsLearnInFloat32OrByAQuantizer) {
  Recipe recipe;
  recipe.learns_clips = true;
  EXPECT_TRUE(check_recipe(recipe));
  recipe.quantization.emplace();
  const Status status = check_recipe(recipe);
  ASSERT_FALSE(status);
  EXPECT_EQ(status.error().code, ErrorCode::InvalidArgument);
}

}  // namespace
}  // namespace sluice::train
