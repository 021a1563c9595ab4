// SPDX-License-Identifier: Apache-2.0
// Codes on another grid of positions; the output has the input's quantization. Every runtime has
// its own coordinates: of bilinear interpolation, and of the nearest position.
#include "sluice/ir/ops/resize.hpp"

#include <algorithm>
#include <cmath>
#include <vector>

#include "sluice/exact/reference/kernel.hpp"
#include "sluice/numeric/element.hpp"

namespace sluice::exact::reference {
namespace {

using ir::CoordinateMode;

struct Axis {
  std::int64_t input;
  std::int64_t output;
  CoordinateMode mode;

  [[nodiscard]] bool is_aligned() const {
    return mode == CoordinateMode::AlignCorners && output > 1;
  }
  [[nodiscard]] float float_scale() const {
    return is_aligned() ? static_cast<float>(input - 1) / static_cast<float>(output - 1)
                        : static_cast<float>(input) / static_cast<float>(output);
  }
};

// An output position is between two of the input, `fraction` of the way.
template <class Fraction>
struct Tap {
  std::int64_t lower;
  std::int64_t upper;
  Fraction fraction;
};

// TFLite, int8: positions in steps of 2^−10. Where rounded steps lead beyond the last code, TFLite
// reads what lies behind it in memory; here that is the last code.
Tap<std::int64_t> tflite_tap(const Axis& axis, std::int64_t i) {
  constexpr std::int64_t kOne = 1 << 10;
  const bool aligned = axis.is_aligned();
  const std::int64_t from = aligned ? axis.input - 1 : axis.input;
  const std::int64_t to = aligned ? axis.output - 1 : axis.output;
  const std::int64_t scale = (from * kOne + to / 2) / to;
  std::int64_t position = i * scale;
  if (axis.mode == CoordinateMode::HalfPixel) position += scale / 2 - kOne / 2;
  const std::int64_t lower = std::clamp<std::int64_t>(position / kOne, 0, axis.input - 1);
  const std::int64_t upper =
      std::max<std::int64_t>(0, std::min((position + kOne - 1) / kOne, axis.input - 1));
  return {lower, upper, position - lower * kOne};
}

// TFLite, uint8: positions in float32.
Tap<float> tflite_float_tap(const Axis& axis, std::int64_t i) {
  const float scale = axis.float_scale();
  const auto at = static_cast<float>(i);
  const float position =
      axis.mode == CoordinateMode::HalfPixel ? (at + 0.5F) * scale - 0.5F : at * scale;
  const auto lower = std::max<std::int64_t>(static_cast<std::int64_t>(std::floor(position)), 0);
  const auto upper =
      std::min<std::int64_t>(static_cast<std::int64_t>(std::ceil(position)), axis.input - 1);
  return {lower, upper, position - static_cast<float>(lower)};
}

// XNNPACK: positions in float32, fractions in steps of 2^−11.
Tap<std::int64_t> xnnpack_tap(const Axis& axis, std::int64_t i) {
  constexpr float kOne = 1 << 11;
  const float scale = axis.float_scale();
  float position = static_cast<float>(i) * scale;
  if (axis.mode == CoordinateMode::HalfPixel) position += 0.5F * scale - 0.5F;
  position = std::clamp(position, 0.0F, static_cast<float>(axis.input - 1));
  const auto lower = static_cast<std::int64_t>(position);
  const float fraction = std::nearbyint(kOne * (position - static_cast<float>(lower)));
  return {lower, std::min(lower + 1, axis.input - 1), static_cast<std::int64_t>(fraction)};
}

// TFLite, the nearest position: in float32.
Tap<std::int64_t> nearest_tap(const Axis& axis, std::int64_t i) {
  const auto at = static_cast<float>(i);
  float position =
      (axis.mode == CoordinateMode::TfHalfPixelForNn ? at + 0.5F : at) * axis.float_scale();
  if (axis.mode == CoordinateMode::AlignCorners) position = std::round(position);
  const std::int64_t index = std::min(static_cast<std::int64_t>(position), axis.input - 1);
  return {index, index, 0};
}

// TFLite's optimised kernel, which XNNPACK's users fall back to: without an option, in steps of
// 2^−16 that are rounded up.
Tap<std::int64_t> optimised_nearest_tap(const Axis& axis, std::int64_t i) {
  constexpr int kBits = 16;
  if (axis.mode != CoordinateMode::Asymmetric) return nearest_tap(axis, i);
  const std::int64_t scale = axis.input * (1 << kBits) / axis.output + 1;
  const std::int64_t index = std::min((i * scale) >> kBits, axis.input - 1);
  return {index, index, 0};
}

// The four codes around a position.
struct Corners {
  std::int64_t top_left, top_right, bottom_left, bottom_right;
};

std::int64_t nearest_code(const Corners& c, std::int64_t /*y*/, std::int64_t /*x*/) {
  return c.top_left;
}

std::int64_t interpolated_as_tflite(const Corners& c, std::int64_t y, std::int64_t x) {
  constexpr std::int64_t kOne = 1 << 10;
  constexpr std::int64_t kUnit = kOne * kOne;
  const std::int64_t sum = c.top_left * (kOne - y) * (kOne - x) + c.bottom_left * y * (kOne - x) +
                           c.top_right * (kOne - y) * x + c.bottom_right * y * x;
  return (sum + (sum > 0 ? kUnit / 2 : -kUnit / 2)) / kUnit;
}

std::int64_t interpolated_in_float(const Corners& c, float y, float x) {
  const auto weighted = [](std::int64_t code, float of_y, float of_x) {
    return static_cast<float>(code) * of_y * of_x;
  };
  const float sum = weighted(c.top_left, 1 - y, 1 - x) + weighted(c.bottom_left, y, 1 - x) +
                    weighted(c.top_right, 1 - y, x) + weighted(c.bottom_right, y, x);
  return static_cast<std::int64_t>(std::trunc(sum + 0.5F));
}

std::int64_t interpolated_as_xnnpack(const Corners& c, std::int64_t y, std::int64_t x) {
  constexpr int kBits = 11;
  constexpr std::int64_t kOne = 1 << kBits;
  const std::int64_t top = c.top_left * kOne + (c.top_right - c.top_left) * x;
  const std::int64_t bottom = c.bottom_left * kOne + (c.bottom_right - c.bottom_left) * x;
  return numeric::shift_right(top * kOne + (bottom - top) * y, 2 * kBits,
                              numeric::Rounding::HalfUp);
}

// Every image plane of [N, C, H, W].
template <class TapOf, class Interpolate>
Tensor resized(const NodeView& node, CoordinateMode mode, TapOf tap_of, Interpolate interpolate) {
  const Shape& from = node.in(0).shape();
  const Shape& to = node.out_type().shape;
  const std::vector<std::int64_t> x = numeric::to_integers(node.in(0));
  std::vector<std::int64_t> y;
  y.reserve(static_cast<std::size_t>(num_elements(to)));
  for (std::int64_t plane = 0; plane < to[0] * to[1]; ++plane) {
    const std::int64_t* in = x.data() + plane * from[2] * from[3];
    for (std::int64_t row = 0; row < to[2]; ++row) {
      const auto vertical = tap_of(Axis{from[2], to[2], mode}, row);
      for (std::int64_t column = 0; column < to[3]; ++column) {
        const auto horizontal = tap_of(Axis{from[3], to[3], mode}, column);
        const auto at = [&](std::int64_t r, std::int64_t c) { return in[r * from[3] + c]; };
        const Corners corners{
            at(vertical.lower, horizontal.lower), at(vertical.lower, horizontal.upper),
            at(vertical.upper, horizontal.lower), at(vertical.upper, horizontal.upper)};
        y.push_back(interpolate(corners, vertical.fraction, horizontal.fraction));
      }
    }
  }
  return to_tensor(y, node.out_type());
}

bool is_known(const ir::Resize& op, const NodeView& node) {
  const Shape& from = node.in(0).shape();
  const Shape& to = node.out_type().shape;
  const auto half_pixel = op.mode == ir::ResizeMode::Nearest ? CoordinateMode::TfHalfPixelForNn
                                                             : CoordinateMode::HalfPixel;
  return op.mode != ir::ResizeMode::Cubic && !op.antialias && !op.exclude_outside &&
         from.size() == 4 && from[0] == to[0] && from[1] == to[1] &&
         (op.coordinate_mode == CoordinateMode::Asymmetric ||
          op.coordinate_mode == CoordinateMode::AlignCorners || op.coordinate_mode == half_pixel);
}

}  // namespace

Result<Tensor> run(const ir::Resize& op, const NodeView& node) {
  if (!is_known(op, node)) {
    return Error{ErrorCode::Unsupported,
                 "interpolates codes in a way no integer runtime does; bilinearly in the last two "
                 "of four dimensions is supported"};
  }
  for (const auto& affine : {node.in_affine(0), node.out_affine()}) {
    if (!affine) return affine.error();
  }
  if (*node.in_quantization(0) != *node.out_quantization()) {
    return Error{ErrorCode::Unsupported,
                 "changes scale or zero point; an interpolation of codes keeps its input's"};
  }
  const bool as_xnnpack = node.arithmetic() == numeric::Arithmetic::Xnnpack;
  if (op.mode == ir::ResizeMode::Nearest) {
    return resized(node, op.coordinate_mode, as_xnnpack ? optimised_nearest_tap : nearest_tap,
                   nearest_code);
  }
  if (as_xnnpack) {
    return resized(node, op.coordinate_mode, xnnpack_tap, interpolated_as_xnnpack);
  }
  if (node.in(0).dtype() == DType::UInt8) {
    return resized(node, op.coordinate_mode, tflite_float_tap, interpolated_in_float);
  }
  return resized(node, op.coordinate_mode, tflite_tap, interpolated_as_tflite);
}

}  // namespace sluice::exact::reference
