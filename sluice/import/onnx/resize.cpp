// SPDX-License-Identifier: Apache-2.0
#include <array>
#include <fmt/format.h>

#include "sluice/import/onnx/convert.hpp"

namespace sluice::importer::onnx {
namespace {

using ir::AspectRatioPolicy;
using ir::CoordinateMode;
using ir::NearestMode;
using ir::ResizeMode;

template <class Enum, std::size_t count>
using WordArray = std::array<std::pair<std::string_view, Enum>, count>;

constexpr WordArray<ResizeMode, 3> kModes{{
    {"nearest", ResizeMode::Nearest},
    {"linear", ResizeMode::Linear},
    {"cubic", ResizeMode::Cubic},
}};

constexpr WordArray<CoordinateMode, 7> kCoordinateModes{{
    {"half_pixel", CoordinateMode::HalfPixel},
    {"half_pixel_symmetric", CoordinateMode::HalfPixelSymmetric},
    {"pytorch_half_pixel", CoordinateMode::PytorchHalfPixel},
    {"align_corners", CoordinateMode::AlignCorners},
    {"asymmetric", CoordinateMode::Asymmetric},
    {"tf_crop_and_resize", CoordinateMode::TfCropAndResize},
    {"tf_half_pixel_for_nn", CoordinateMode::TfHalfPixelForNn},
}};

constexpr WordArray<NearestMode, 4> kNearestModes{{
    {"round_prefer_floor", NearestMode::RoundPreferFloor},
    {"round_prefer_ceil", NearestMode::RoundPreferCeil},
    {"floor", NearestMode::Floor},
    {"ceil", NearestMode::Ceil},
}};

constexpr WordArray<AspectRatioPolicy, 3> kAspectRatioPolicies{{
    {"stretch", AspectRatioPolicy::Stretch},
    {"not_larger", AspectRatioPolicy::NotLarger},
    {"not_smaller", AspectRatioPolicy::NotSmaller},
}};

// Upsample and Resize-10: inputs x and, from opset 9 on, scales; no choices but the mode.
Status convert_scales_only(ir::Resize& op, NodeReader& node) {
  if (node.num_inputs() > 2) {
    return Error{ErrorCode::Parse,
                 fmt::format("has {} inputs, x and scales are expected", node.num_inputs())};
  }
  op.coordinate_mode = CoordinateMode::Asymmetric;
  op.nearest_mode = NearestMode::Floor;
  SL_TRY(op.mode, node.choice<ResizeMode>("mode", std::span(kModes).first(2), op.mode));
  if (node.has_input(1)) node.move_input(1, 2);
  return {};
}

// roi and scales had to be given up to opset 12, empty where they say nothing.
void drop_if_empty(std::size_t i, NodeReader& node) {
  const Tensor* content = node.constant_input(i);
  if (content != nullptr && content->num_elements() == 0) node.drop_input(i);
}

}  // namespace

Status convert_upsample(ir::Resize& op, NodeReader& node) {
  SL_TRY_STATUS(convert_scales_only(op, node));
  if (node.opset() >= 9) return {};
  SL_TRY(const auto scales, node.require<std::vector<float>>("scales"));
  const auto count = static_cast<std::int64_t>(scales.size());
  return node.set_input(2, "scales", Tensor::from<float>({count}, scales));
}

Status convert(ir::Resize& op, NodeReader& node) {
  if (node.opset() == 10) return convert_scales_only(op, node);
  SL_TRY(op.mode, node.choice<ResizeMode>("mode", kModes, op.mode));
  SL_TRY(op.coordinate_mode, node.choice<CoordinateMode>("coordinate_transformation_mode",
                                                         kCoordinateModes, op.coordinate_mode));
  SL_TRY(op.nearest_mode, node.choice<NearestMode>("nearest_mode", kNearestModes, op.nearest_mode));
  SL_TRY(op.aspect_ratio_policy,
         node.choice<AspectRatioPolicy>("keep_aspect_ratio_policy", kAspectRatioPolicies,
                                        op.aspect_ratio_policy));
  SL_TRY(op.cubic_coeff_a, node.get("cubic_coeff_a", op.cubic_coeff_a));
  SL_TRY(op.extrapolation_value, node.get("extrapolation_value", op.extrapolation_value));
  SL_TRY(op.exclude_outside, node.get("exclude_outside", op.exclude_outside));
  SL_TRY(op.antialias, node.get("antialias", op.antialias));
  SL_TRY(op.axes, node.get("axes", op.axes));
  for (const std::size_t i : {1U, 2U, 3U}) drop_if_empty(i, node);
  return {};
}

}  // namespace sluice::importer::onnx
