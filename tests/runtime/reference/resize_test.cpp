// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <limits>

#include "tests/support/apply.hpp"

namespace sluice::runtime::reference {
namespace {

using ir::CoordinateMode;
using ir::ResizeMode;
using test::computed;
using test::vec;
using ::testing::ElementsAre;
using ::testing::FloatNear;
using ::testing::Pointwise;

// The squares 0, 1, 4, 9, 16 resized to a size or by a scale.
std::vector<float> to_size(const ir::Resize& op, std::int64_t size) {
  return computed<float>(op, {vec<float>({0, 1, 4, 9, 16}), {}, {}, vec<std::int64_t>({size})});
}
std::vector<float> by_scale(const ir::Resize& op, float scale) {
  return computed<float>(op, {vec<float>({0, 1, 4, 9, 16}), {}, vec<float>({scale})});
}

// The expected values below are those of ONNX's own reference implementation.
void expect_near(const std::vector<float>& got, const std::vector<float>& expected) {
  EXPECT_THAT(got, Pointwise(FloatNear(1e-5F), expected));
}

TEST(Resize, LinearInEveryCoordinateMode) {
  const auto linear = [](CoordinateMode mode) {
    return ir::Resize{.mode = ResizeMode::Linear, .coordinate_mode = mode};
  };
  expect_near(to_size(linear(CoordinateMode::HalfPixel), 3), {0.333333F, 4, 13.666667F});
  expect_near(to_size(linear(CoordinateMode::HalfPixel), 1), {4});
  expect_near(to_size(linear(CoordinateMode::PytorchHalfPixel), 1), {0});
  expect_near(to_size(linear(CoordinateMode::AlignCorners), 3), {0, 4, 16});
  expect_near(to_size(linear(CoordinateMode::Asymmetric), 3), {0, 3, 11.333333F});
  expect_near(by_scale(linear(CoordinateMode::HalfPixel), 0.7F), {0.214286F, 2.928572F, 9.5F});
  expect_near(by_scale(linear(CoordinateMode::HalfPixelSymmetric), 0.7F), {0.571429F, 4, 12});
  expect_near(by_scale(linear(CoordinateMode::AlignCorners), 0.7F), {0, 2.8F, 10.4F});
  expect_near(by_scale(linear(CoordinateMode::Asymmetric), 0.7F), {0, 2.285714F, 8.285715F});
}

TEST(Resize, CubicWithAndWithoutWhatIsOutside) {
  expect_near(
      to_size({.mode = ResizeMode::Cubic}, 8),
      {-0.092834F, 0.187561F, 1.176514F, 2.619385F, 5.44165F, 8.471436F, 13.395081F, 16.649841F});
  expect_near(
      to_size({.mode = ResizeMode::Cubic, .exclude_outside = true}, 8),
      {-0.111006F, 0.16992F, 1.176514F, 2.619385F, 5.44165F, 8.471436F, 13.640088F, 16.77704F});
}

TEST(Resize, AntialiasedShrinking) {
  expect_near(to_size({.mode = ResizeMode::Linear, .antialias = true}, 3),
              {0.375F, 4.444444F, 13.375F});
  expect_near(to_size({.mode = ResizeMode::Linear, .antialias = true}, 2), {1.52F, 10.48F});
  expect_near(to_size({.mode = ResizeMode::Cubic, .antialias = true}, 3),
              {0.043373F, 3.97619F, 13.614458F});
  expect_near(to_size({.mode = ResizeMode::Cubic, .exclude_outside = true, .antialias = true}, 2),
              {1.002624F, 10.314828F});
}

TEST(Resize, CropAndResizeExtrapolatesOutsideTheInput) {
  const ir::Resize op{.mode = ResizeMode::Linear,
                      .coordinate_mode = CoordinateMode::TfCropAndResize,
                      .extrapolation_value = -7};
  expect_near(
      computed<float>(
          op,
          {vec<float>({0, 1, 4, 9, 16}), vec<float>({0.25F, 1.25F}), {}, vec<std::int64_t>({4})}),
      {1, 5.666667F, 13.666667F, -7});
}

TEST(Resize, ExtrapolatesWhereAnyDimensionIsOutside) {
  const Tensor x = Tensor::from<float>({2, 2}, {1, 2, 3, 4});
  const Tensor roi = vec<float>({0, 0, 1, 2});  // the second dimension runs out of the input
  for (const auto mode : {ResizeMode::Linear, ResizeMode::Nearest}) {
    const ir::Resize op{
        .mode = mode, .coordinate_mode = CoordinateMode::TfCropAndResize, .extrapolation_value = 9};
    EXPECT_THAT(computed<float>(op, {x, roi, {}, vec<std::int64_t>({2, 2})}),
                ElementsAre(1, 9, 3, 9));
  }
}

TEST(Resize, RefusesARoiThatIsNotFinite) {
  const ir::Resize op{.coordinate_mode = CoordinateMode::TfCropAndResize};
  const float nan = std::numeric_limits<float>::quiet_NaN();
  EXPECT_FALSE(
      test::apply(op, {vec<float>({1, 2}), vec<float>({0, nan}), {}, vec<std::int64_t>({2})}));
}

TEST(Resize, LinearInTwoDimensionsAtOnce) {
  const ir::Resize op{.mode = ResizeMode::Linear, .coordinate_mode = CoordinateMode::AlignCorners};
  const Tensor x = Tensor::from<float>({2, 2}, {0, 2, 4, 6});
  EXPECT_THAT(computed<float>(op, {x, {}, {}, vec<std::int64_t>({3, 3})}),
              ElementsAre(0, 1, 2, 2, 3, 4, 4, 5, 6));
}

// One dimension grows a thousandfold, the other shrinks as much: neither order of the two may
// need more memory than the input and the result.
TEST(Resize, LongAndWideTradePlacesWithoutAnythingLargerBetween) {
  const Tensor x(DType::Float32, {1, 1 << 20});
  const ir::Resize op{.mode = ResizeMode::Linear, .antialias = true};
  const auto y = test::apply(op, {x, {}, {}, vec<std::int64_t>({1 << 20, 1})});
  ASSERT_TRUE(y);
  EXPECT_EQ(y->shape(), (Shape{1 << 20, 1}));
}

TEST(Resize, NearestMovesElementsOfAnyType) {
  const ir::Resize op{.coordinate_mode = CoordinateMode::Asymmetric,
                      .nearest_mode = ir::NearestMode::Floor};
  const auto bools = Tensor::from<bool>({2}, {true, false});
  EXPECT_THAT(computed<bool>(op, {bools, {}, vec<float>({2})}),
              ElementsAre(true, true, false, false));
  EXPECT_THAT(computed<std::int64_t>(op, {vec<std::int64_t>({INT64_MAX, 1}), {}, vec<float>({2})}),
              ElementsAre(INT64_MAX, INT64_MAX, 1, 1));
}

TEST(Resize, IntegersAreRoundedAndClamped) {
  const ir::Resize op{.mode = ResizeMode::Cubic};
  EXPECT_THAT(computed<std::uint8_t>(
                  op, {vec<std::uint8_t>({0, 0, 255, 255}), {}, {}, vec<std::int64_t>({8})}),
              ElementsAre(0, 0, 0, 58, 197, 255, 255, 255));
}

TEST(Resize, NothingToMakeIsNoError) {
  const ir::Resize op{.mode = ResizeMode::Linear};
  const auto y = test::apply(op, {Tensor(DType::Float32, {2, 3}), {}, vec<float>({0.4F, 1})});
  ASSERT_TRUE(y);
  EXPECT_EQ(y->shape(), (Shape{0, 3}));
}

}  // namespace
}  // namespace sluice::runtime::reference
