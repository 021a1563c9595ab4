// SPDX-License-Identifier: Apache-2.0
// Resize: sampling a tensor on another grid, with every choice ONNX names.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "sluice/base/shape.hpp"
#include "sluice/ir/field.hpp"

namespace sluice::ir {

enum class ResizeMode : unsigned char { Nearest, Linear, Cubic };

// How an output coordinate becomes an input coordinate.
enum class CoordinateMode : unsigned char {
  HalfPixel,
  HalfPixelSymmetric,
  PytorchHalfPixel,
  AlignCorners,
  Asymmetric,
  TfCropAndResize,
  TfHalfPixelForNn,
};

enum class NearestMode : unsigned char { RoundPreferFloor, RoundPreferCeil, Floor, Ceil };

enum class AspectRatioPolicy : unsigned char { Stretch, NotLarger, NotSmaller };

// inputs: x, roi (optional), scales (float32, optional), sizes (int64, optional): one of the last
// two must be given, known before running. An input without elements counts as absent.
struct Resize {
  ResizeMode mode = ResizeMode::Nearest;
  CoordinateMode coordinate_mode = CoordinateMode::HalfPixel;
  NearestMode nearest_mode = NearestMode::RoundPreferFloor;
  AspectRatioPolicy aspect_ratio_policy = AspectRatioPolicy::Stretch;
  float cubic_coeff_a = -0.75F;
  float extrapolation_value = 0;
  bool exclude_outside = false;
  bool antialias = false;
  std::vector<std::int64_t> axes;  // the dimensions scales, sizes and roi speak of; empty = all

  static constexpr auto fields() {
    return std::tuple{field("mode", &Resize::mode),
                      field("coordinate_mode", &Resize::coordinate_mode),
                      field("nearest_mode", &Resize::nearest_mode),
                      field("aspect_ratio_policy", &Resize::aspect_ratio_policy),
                      field("cubic_coeff_a", &Resize::cubic_coeff_a),
                      field("extrapolation_value", &Resize::extrapolation_value),
                      field("exclude_outside", &Resize::exclude_outside),
                      field("antialias", &Resize::antialias),
                      field("axes", &Resize::axes)};
  }
};

// Resize along one dimension, for one input size.
struct ResizeAxis {
  std::int64_t input = 1;
  std::int64_t output = 1;
  double scale = 1;   // output over input, as asked for: output may be its rounded form
  double length = 1;  // scale·input; a whole number where sizes were asked for
};

// One entry a dimension of `input`. Exactly one of `scales` and `sizes` is given (empty: not).
// With scales output = floor(input·scale), computed in float32 as ONNX's own inference does.
// InvalidArgument where the two do not fit the axes, or a scale is not positive and finite.
[[nodiscard]] Result<std::vector<ResizeAxis>> resolve_resize(const Resize& op,
                                                             const sluice::Shape& input,
                                                             std::span<const float> scales,
                                                             std::span<const std::int64_t> sizes);

// The dimensions scales, sizes and roi speak of, in their order; all of `rank` by default.
[[nodiscard]] Result<std::vector<std::int64_t>> resized_axes(const Resize& op, std::size_t rank);

}  // namespace sluice::ir
