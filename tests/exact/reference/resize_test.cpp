// SPDX-License-Identifier: Apache-2.0
#include <cmath>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/exact/one_op.hpp"

namespace sluice::exact::reference {
namespace {

using ir::CoordinateMode;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

ir::Resize bilinear(CoordinateMode mode) {
  return {.mode = ir::ResizeMode::Linear, .coordinate_mode = mode, .axes = {2, 3}};
}

ir::Resize nearest(CoordinateMode mode) {
  return {.coordinate_mode = mode,
          .nearest_mode = mode == CoordinateMode::AlignCorners ? ir::NearestMode::RoundPreferCeil
                                                               : ir::NearestMode::Floor,
          .axes = {2, 3}};
}

// An image of one channel to that height and width.
std::vector<Operand> image(const sluice::Shape& size, const Codes& codes, const Quantization& q,
                           std::int64_t height, std::int64_t width) {
  const Tensor none(DType::Float32, {0});
  return {{{1, 1, size[0], size[1]}, codes, q}, none, none, integers({height, width})};
}

// One row to that width.
Codes row(const ir::Resize& op, const Codes& codes, std::int64_t width, const Quantization& q,
          Arithmetic arithmetic) {
  return codes_of_op(op, image({1, static_cast<std::int64_t>(codes.size())}, codes, q, 1, width), q,
                     arithmetic);
}

// ---- bilinear

// Halfway between two codes: away from zero, up (all of uint8's are positive), up.
TEST(ResizeBilinear, HalvesOfEveryArithmetic) {
  const ir::Resize op = bilinear(CoordinateMode::Asymmetric);
  const Codes x = {-4, -3, 2, 5};
  EXPECT_THAT(row(op, x, 8, int8(1, 50), Arithmetic::TfliteDouble),
              ElementsAre(-4, -4, -3, -1, 2, 4, 5, 5));  // −3.5, −0.5, 3.5
  EXPECT_THAT(row(op, x, 8, int8(1, 50), Arithmetic::Xnnpack),
              ElementsAre(-4, -3, -3, 0, 2, 4, 5, 5));
  EXPECT_THAT(row(op, {4, 3, 254, 255}, 8, uint8(1, 50), Arithmetic::TfliteDouble),
              ElementsAre(4, 4, 3, 129, 254, 255, 255, 255));
  EXPECT_THAT(row(op, {4, 3, 254, 255}, 8, uint8(1, 50), Arithmetic::Xnnpack),
              ElementsAre(4, 4, 3, 129, 254, 255, 255, 255));
}

TEST(ResizeBilinear, CoordinatesOfEachMode) {
  for (const Arithmetic arithmetic : {Arithmetic::TfliteDouble, Arithmetic::Xnnpack}) {
    for (const Quantization& q : {int8(1), uint8(1)}) {
      EXPECT_THAT(row(bilinear(CoordinateMode::AlignCorners), {0, 30, 60}, 5, q, arithmetic),
                  ElementsAre(0, 15, 30, 45, 60));
      EXPECT_THAT(row(bilinear(CoordinateMode::HalfPixel), {0, 40}, 4, q, arithmetic),
                  ElementsAre(0, 10, 30, 40));
      EXPECT_THAT(row(bilinear(CoordinateMode::Asymmetric), {0, 8, 16, 24}, 2, q, arithmetic),
                  ElementsAre(0, 16));
      EXPECT_THAT(row(bilinear(CoordinateMode::AlignCorners), {7, 8}, 1, q, arithmetic),
                  ElementsAre(7));
    }
  }
}

// Random codes, sizes that no step fits: within a code of the interpolation in float64.
TEST(ResizeBilinear, IsNearTheInterpolation) {
  const Codes x = {-128, 127, 3, -77, 50, 0, 99, -5, 12, 127, -128, 64};
  const auto at = [&](double y, double z) {
    const auto clamped_at = [&](std::int64_t r, std::int64_t c) {
      const std::int64_t row_at = std::clamp<std::int64_t>(r, 0, 2);
      const std::int64_t column_at = std::clamp<std::int64_t>(c, 0, 3);
      return static_cast<double>(x[static_cast<std::size_t>(row_at * 4 + column_at)]);
    };
    const double top = std::floor(y);
    const double left = std::floor(z);
    const auto r = static_cast<std::int64_t>(top);
    const auto c = static_cast<std::int64_t>(left);
    const auto across = [&](std::int64_t of_row) {
      return std::lerp(clamped_at(of_row, c), clamped_at(of_row, c + 1), z - left);
    };
    return std::lerp(across(r), across(r + 1), y - top);
  };
  constexpr std::int64_t kHeight = 7;
  constexpr std::int64_t kWidth = 11;
  for (const Arithmetic arithmetic : {Arithmetic::TfliteDouble, Arithmetic::Xnnpack}) {
    const Codes y = codes_of_op(bilinear(CoordinateMode::HalfPixel),
                                image({3, 4}, x, int8(1), kHeight, kWidth), int8(1), arithmetic);
    ASSERT_EQ(y.size(), static_cast<std::size_t>(kHeight * kWidth));
    for (std::size_t i = 0; i < y.size(); ++i) {
      const auto index = static_cast<std::int64_t>(i);
      const std::int64_t row_of = index / kWidth;
      const double row_at = (static_cast<double>(row_of) + 0.5) * 3 / kHeight - 0.5;
      const double column_at = (static_cast<double>(index % kWidth) + 0.5) * 4 / kWidth - 0.5;
      EXPECT_NEAR(static_cast<double>(y[i]), at(row_at, column_at), 1.01) << i;
    }
  }
}

// Steps of 25/1024 for 2/83 end beyond the last code, where TFLite reads other memory.
TEST(ResizeBilinear, RoundedStepsDoNotLeaveTheImage) {
  const Codes y = codes_of_op(bilinear(CoordinateMode::Asymmetric),
                              image({2, 2}, {-9, 100, -9, 100}, int8(1), 83, 83), int8(1),
                              Arithmetic::TfliteDouble);
  EXPECT_EQ(y.back(), 100);
  EXPECT_EQ(y[82], 100);
}

TEST(ResizeBilinear, InOnnxIsOfRealNumbers) {
  EXPECT_THAT(row(bilinear(CoordinateMode::HalfPixel), {0, 2}, 4, int8(1, 1), Arithmetic::Onnx),
              ElementsAre(0, 1, 1, 2));  // halves from the zero point: −1, −0.5, 0.5, 1
}

// ---- nearest

TEST(ResizeNearest, CoordinatesOfEachMode) {
  for (const Arithmetic arithmetic : kArithmetics) {
    EXPECT_THAT(row(nearest(CoordinateMode::Asymmetric), {1, 2, 3}, 6, int8(1), arithmetic),
                ElementsAre(1, 1, 2, 2, 3, 3));
    EXPECT_THAT(row(nearest(CoordinateMode::AlignCorners), {1, 2, 3}, 5, int8(1), arithmetic),
                ElementsAre(1, 2, 2, 3, 3));
    EXPECT_THAT(row(nearest(CoordinateMode::TfHalfPixelForNn), {1, 2, 3}, 2, int8(1), arithmetic),
                ElementsAre(1, 3));
    EXPECT_THAT(row(nearest(CoordinateMode::AlignCorners), {1, 2, 3}, 1, int8(1), arithmetic),
                ElementsAre(1));
  }
}

// 41·(2/82) is 1, but in float32 a little less; in steps of 2^−16, rounded up, a little more.
TEST(ResizeNearest, EveryRuntimeHasItsOwnPrecision) {
  const auto code = [](CoordinateMode mode, std::int64_t width, std::size_t at,
                       Arithmetic arithmetic) {
    return row(nearest(mode), {10, 20}, width, int8(1), arithmetic).at(at);
  };
  EXPECT_EQ(code(CoordinateMode::Asymmetric, 82, 41, Arithmetic::TfliteDouble), 10);
  EXPECT_EQ(code(CoordinateMode::Asymmetric, 82, 41, Arithmetic::Xnnpack), 20);
  EXPECT_EQ(code(CoordinateMode::Asymmetric, 82, 41, Arithmetic::Onnx), 20);
  for (const Arithmetic arithmetic : {Arithmetic::TfliteDouble, Arithmetic::Xnnpack}) {
    EXPECT_EQ(code(CoordinateMode::AlignCorners, 83, 41, arithmetic), 10);
    EXPECT_EQ(code(CoordinateMode::TfHalfPixelForNn, 41, 20, arithmetic), 10);
  }
}

TEST(ResizeNearest, OtherWaysAreOnnxsInEveryArithmetic) {
  const ir::Resize op{.nearest_mode = ir::NearestMode::Ceil, .axes = {2, 3}};
  for (const Arithmetic arithmetic : kArithmetics) {
    EXPECT_THAT(row(op, {1, 2, 3}, 6, int8(1), arithmetic), ElementsAre(1, 2, 2, 3, 3, 3));
  }
}

// ---- refusals

TEST(ResizeRefusals, WaysAndGridsOfNoIntegerRuntime) {
  const auto x = image({2, 2}, {1, 2, 3, 4}, int8(1), 4, 4);
  ir::Resize cubic = bilinear(CoordinateMode::HalfPixel);
  cubic.mode = ir::ResizeMode::Cubic;
  ir::Resize antialias = bilinear(CoordinateMode::HalfPixel);
  antialias.antialias = true;
  ir::Resize outside = bilinear(CoordinateMode::HalfPixel);
  outside.exclude_outside = true;
  for (const ir::Resize& op :
       {cubic, antialias, outside, bilinear(CoordinateMode::PytorchHalfPixel)}) {
    EXPECT_THAT(refusal(op, x, int8(1), Arithmetic::TfliteDouble),
                HasSubstr("interpolates codes in a way no integer runtime does"));
  }
  const ir::Resize op = bilinear(CoordinateMode::HalfPixel);
  EXPECT_THAT(refusal(op, x, int8(2), Arithmetic::Xnnpack), HasSubstr("changes scale"));
  EXPECT_THAT(refusal(op, x, std::nullopt, Arithmetic::Xnnpack),
              HasSubstr("mixes quantized and real values"));
  EXPECT_THAT(refusal(nearest(CoordinateMode::Asymmetric), x, int8(1, 1), Arithmetic::Xnnpack),
              HasSubstr("changes scale or zero point"));
}

}  // namespace
}  // namespace sluice::exact::reference
