// SPDX-License-Identifier: Apache-2.0
// Resizing images. Without either option, output position x samples x·(input/output).
#include <string_view>

#include "sluice/import/tflite/builtins.hpp"

namespace sluice::importer::tflite::builtin {
namespace {

// Size comes as [height, width].
Status resize(Context& op, ir::Resize resize) {
  SL_TRY_STATUS(op.require_outputs(1));
  SL_TRY_STATUS(op.require_rank(0, 4));
  resize.axes = {2, 3};
  const ir::ValueId y = op.emit(std::move(resize), {op.value(0, Layout::ChannelsFirst),
                                                    ir::kNoValue, ir::kNoValue, op.int64_value(1)});
  op.set_output(0, y, Layout::ChannelsFirst);
  return {};
}

template <class Options>
Result<const Options*> options_of(const Context& op) {
  SL_TRY(const auto* options, op.required_options<Options>());
  if (options->align_corners() && options->half_pixel_centers()) {
    return Error{ErrorCode::Verify,
                 "has both align_corners and half_pixel_centers; at most one can hold"};
  }
  return options;
}

}  // namespace

Status resize_bilinear(Context& op) {
  SL_TRY(const auto* options, options_of<fb::ResizeBilinearOptions>(op));
  auto coordinates = ir::CoordinateMode::Asymmetric;
  if (options->align_corners()) coordinates = ir::CoordinateMode::AlignCorners;
  if (options->half_pixel_centers()) coordinates = ir::CoordinateMode::HalfPixel;
  return resize(op, {.mode = ir::ResizeMode::Linear, .coordinate_mode = coordinates});
}

Status resize_nearest_neighbor(Context& op) {
  SL_TRY(const auto* options, options_of<fb::ResizeNearestNeighborOptions>(op));
  ir::Resize nearest{.mode = ir::ResizeMode::Nearest,
                     .coordinate_mode = ir::CoordinateMode::Asymmetric,
                     .nearest_mode = ir::NearestMode::Floor};
  if (options->half_pixel_centers()) {
    nearest.coordinate_mode = ir::CoordinateMode::TfHalfPixelForNn;
  }
  if (options->align_corners()) {
    nearest.coordinate_mode = ir::CoordinateMode::AlignCorners;
    nearest.nearest_mode = ir::NearestMode::RoundPreferCeil;
  }
  return resize(op, nearest);
}

}  // namespace sluice::importer::tflite::builtin
