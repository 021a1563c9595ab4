// SPDX-License-Identifier: Apache-2.0
// Resize, one dimension at a time: which input elements make an output element, and how much of
// each.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "sluice/ir/ops/resize.hpp"
#include "sluice/runtime/reference/copy.hpp"

namespace sluice::runtime::reference {

// The part of a dimension that tf_crop_and_resize looks at, as fractions of it.
struct RoiRange {
  double begin = 0;
  double end = 1;
};

// Where output element i lies among the input's elements: a coordinate at which element k sits at
// k. ONNX's formulas; half-pixel modes may leave [0, input − 1] by less than a pixel or so.
[[nodiscard]] double input_coordinate(ir::CoordinateMode mode, const ir::ResizeAxis& axis,
                                      RoiRange roi, std::int64_t i);

// Whether output element i takes the extrapolation value instead of elements of the input.
[[nodiscard]] bool is_extrapolated(ir::CoordinateMode mode, const ir::ResizeAxis& axis,
                                   double coordinate);

// The nearest element for each output element, kFill where extrapolated.
[[nodiscard]] AxisMap nearest_map(const ir::Resize& op, const ir::ResizeAxis& axis, RoiRange roi);

struct ResizeTap {
  std::int64_t index;  // within the input
  double weight;
};
// The taps of output element i are taps[begin[i]], …, taps[begin[i + 1] − 1]; their weights sum to
// 1. There are none where it is extrapolated.
struct AxisTaps {
  std::vector<ResizeTap> taps;
  std::vector<std::size_t> begin{0};

  [[nodiscard]] std::span<const ResizeTap> of(std::int64_t i) const {
    const auto at = static_cast<std::size_t>(i);
    return std::span(taps).subspan(begin[at], begin[at + 1] - begin[at]);
  }
  // Every output element is the input element at its own place.
  [[nodiscard]] bool is_identity(std::int64_t input_size) const;
};

// For the modes linear and cubic.
[[nodiscard]] AxisTaps interpolation_taps(const ir::Resize& op, const ir::ResizeAxis& axis,
                                          RoiRange roi);

}  // namespace sluice::runtime::reference
