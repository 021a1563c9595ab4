// SPDX-License-Identifier: Apache-2.0
#include "sluice/runtime/reference/resize_taps.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace sluice::runtime::reference {
namespace {

using ir::CoordinateMode;
using ir::NearestMode;
using ::testing::DoubleNear;
using ::testing::ElementsAre;

// An axis as scales and as sizes make it.
ir::ResizeAxis scaled(std::int64_t input, double scale) {
  const double length = scale * static_cast<double>(input);
  return {input, static_cast<std::int64_t>(length), scale, length};
}
ir::ResizeAxis sized(std::int64_t input, std::int64_t output) {
  const auto length = static_cast<double>(output);
  return {input, output, length / static_cast<double>(input), length};
}

std::vector<double> coordinates(CoordinateMode mode, const ir::ResizeAxis& axis,
                                RoiRange roi = {}) {
  std::vector<double> result;
  result.reserve(static_cast<std::size_t>(axis.output));
  for (std::int64_t i = 0; i < axis.output; ++i) {
    result.push_back(input_coordinate(mode, axis, roi, i));
  }
  return result;
}

AxisMap nearest(NearestMode mode, const ir::ResizeAxis& axis,
                CoordinateMode coordinates = CoordinateMode::Asymmetric) {
  return nearest_map({.coordinate_mode = coordinates, .nearest_mode = mode}, axis, {});
}

TEST(InputCoordinate, FollowsEachModesFormula) {
  const ir::ResizeAxis axis = sized(4, 2);
  EXPECT_THAT(coordinates(CoordinateMode::HalfPixel, axis), ElementsAre(0.5, 2.5));
  EXPECT_THAT(coordinates(CoordinateMode::PytorchHalfPixel, axis), ElementsAre(0.5, 2.5));
  EXPECT_THAT(coordinates(CoordinateMode::HalfPixelSymmetric, axis), ElementsAre(0.5, 2.5));
  EXPECT_THAT(coordinates(CoordinateMode::AlignCorners, axis), ElementsAre(0, 3));
  EXPECT_THAT(coordinates(CoordinateMode::Asymmetric, axis), ElementsAre(0, 2));
  EXPECT_THAT(coordinates(CoordinateMode::TfHalfPixelForNn, axis), ElementsAre(1, 3));
  EXPECT_THAT(coordinates(CoordinateMode::TfCropAndResize, axis, {0.5, 1}), ElementsAre(1.5, 3));
}

TEST(InputCoordinate, OneOutputElementIsItsOwnCase) {
  const ir::ResizeAxis axis = sized(5, 1);
  EXPECT_THAT(coordinates(CoordinateMode::AlignCorners, axis), ElementsAre(0));
  EXPECT_THAT(coordinates(CoordinateMode::PytorchHalfPixel, axis), ElementsAre(0));
  EXPECT_THAT(coordinates(CoordinateMode::HalfPixel, axis), ElementsAre(2));
  EXPECT_THAT(coordinates(CoordinateMode::TfCropAndResize, axis, {0.5, 1}), ElementsAre(3));
}

TEST(InputCoordinate, FractionalLengthsCountAsTheyAre) {
  const ir::ResizeAxis axis = scaled(4, 0.625);  // 2.5 elements, of which 2 are made
  EXPECT_THAT(coordinates(CoordinateMode::AlignCorners, axis), ElementsAre(0, 2));
  EXPECT_THAT(coordinates(CoordinateMode::HalfPixelSymmetric, axis),
              ElementsAre(DoubleNear(0.7, 1e-12), DoubleNear(2.3, 1e-12)));
}

TEST(InputCoordinate, WholeQuotientsOfSizesAreExact) {
  for (std::int64_t input = 1; input < 60; ++input) {
    for (std::int64_t output = 1; output < 60; ++output) {
      for (std::int64_t i = 0; i < output; ++i) {
        if (i * input % output != 0) continue;
        const std::int64_t quotient = i * input / output;
        EXPECT_EQ(input_coordinate(CoordinateMode::Asymmetric, sized(input, output), {}, i),
                  static_cast<double>(quotient));
      }
    }
  }
}

TEST(NearestMap, HalvesGoWhereTheModeSays) {
  const ir::ResizeAxis axis = sized(4, 8);  // 0, 0.5, 1, 1.5, …
  EXPECT_EQ(nearest(NearestMode::RoundPreferFloor, axis), (AxisMap{0, 0, 1, 1, 2, 2, 3, 3}));
  EXPECT_EQ(nearest(NearestMode::RoundPreferCeil, axis), (AxisMap{0, 1, 1, 2, 2, 3, 3, 3}));
  EXPECT_EQ(nearest(NearestMode::Floor, axis), (AxisMap{0, 0, 1, 1, 2, 2, 3, 3}));
  EXPECT_EQ(nearest(NearestMode::Ceil, axis), (AxisMap{0, 1, 1, 2, 2, 3, 3, 3}));
}

TEST(NearestMap, StaysWithinTheInput) {
  const ir::ResizeAxis axis = sized(2, 6);
  EXPECT_EQ(nearest(NearestMode::Floor, axis, CoordinateMode::HalfPixel),
            (AxisMap{0, 0, 0, 0, 1, 1}));
}

TEST(NearestMap, OutsideTheRoiIsExtrapolated) {
  const ir::Resize op{.coordinate_mode = CoordinateMode::TfCropAndResize};
  EXPECT_EQ(nearest_map(op, sized(3, 3), {-0.5, 1.5}), (AxisMap{kFill, 1, kFill}));
  EXPECT_EQ(nearest_map(op, sized(3, 2), {-1e308, 1e308}), (AxisMap{kFill, kFill}));
}

TEST(InterpolationTaps, WeightsSumToOne) {
  for (const bool antialias : {false, true}) {
    for (const bool exclude_outside : {false, true}) {
      for (const auto mode : {ir::ResizeMode::Linear, ir::ResizeMode::Cubic}) {
        const ir::Resize op{
            .mode = mode, .exclude_outside = exclude_outside, .antialias = antialias};
        for (const std::int64_t output : {1, 3, 7, 20}) {
          const AxisTaps taps = interpolation_taps(op, sized(7, output), {});
          for (std::int64_t i = 0; i < output; ++i) {
            double sum = 0;
            for (const ResizeTap& tap : taps.of(i)) sum += tap.weight;
            EXPECT_THAT(sum, DoubleNear(1, 1e-12));
          }
        }
      }
    }
  }
}

TEST(InterpolationTaps, SameSizeIsTheIdentity) {
  const ir::Resize op{.mode = ir::ResizeMode::Cubic};
  EXPECT_TRUE(interpolation_taps(op, sized(5, 5), {}).is_identity(5));
  EXPECT_FALSE(interpolation_taps(op, sized(5, 6), {}).is_identity(5));
  EXPECT_FALSE(interpolation_taps(op, sized(5, 4), {}).is_identity(5));
}

TEST(InterpolationTaps, AntialiasingStretchesTheKernelOnlyWhenShrinking) {
  const ir::Resize op{.mode = ir::ResizeMode::Linear, .antialias = true};
  EXPECT_EQ(interpolation_taps(op, sized(16, 4), {}).of(2).size(), 8U);
  EXPECT_EQ(interpolation_taps(op, sized(4, 16), {}).of(9).size(), 2U);
}

}  // namespace
}  // namespace sluice::runtime::reference
