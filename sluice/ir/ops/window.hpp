// SPDX-License-Identifier: Apache-2.0
// The sliding window that convolutions and poolings share, and its arithmetic.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "sluice/base/result.hpp"
#include "sluice/ir/field.hpp"

namespace sluice::ir {

using Dims = std::vector<std::int64_t>;

enum class AutoPad : unsigned char { NotSet, SameUpper, SameLower, Valid };

// As written in the model; empty vectors mean the default (1, or 0 for pads).
struct Window {
  Dims kernel;
  Dims strides;
  Dims dilations;
  Dims pads;  // begin of each spatial dimension, then end of each
  AutoPad auto_pad = AutoPad::NotSet;

  static constexpr auto fields() {
    return std::tuple{field("kernel", &Window::kernel), field("strides", &Window::strides),
                      field("dilations", &Window::dilations), field("pads", &Window::pads),
                      field("auto_pad", &Window::auto_pad)};
  }
};

// A Window with every default filled in, for one input size. All vectors have one entry a spatial
// dimension.
struct ResolvedWindow {
  Dims kernel, strides, dilations, pad_begin, pad_end;
  Dims output;  // spatial output size
};

// output = floor((input + pads − (dilation·(kernel−1) + 1)) / stride) + 1; with `ceil_mode` the
// division rounds up, but a window that would start beyond input + pad_begin is dropped (ONNX).
// InvalidArgument where a size is not positive or the counts of dimensions differ.
[[nodiscard]] Result<ResolvedWindow> resolve(const Window& window,
                                             std::span<const std::int64_t> spatial_input,
                                             bool ceil_mode = false);

// What a transposed convolution adds to its window. Empty: not given.
struct TransposedSizes {
  Dims output_padding;  // extra output positions at the end, fewer than stride or dilation
  Dims output_shape;    // spatial sizes asked for; pads then follow from them
};

// The window of the convolution this one is the transpose of: with full = stride·(input − 1) +
// output_padding + dilation·(kernel−1) + 1,
//   output = full − pads;
//   output given (or input·stride for the SAME modes): pads = max(0, full − output), the odd one at
//   the end for SameUpper, at the begin otherwise (ONNX).
// InvalidArgument as above.
[[nodiscard]] Result<ResolvedWindow> resolve_transposed(
    const Window& window, const TransposedSizes& sizes,
    std::span<const std::int64_t> spatial_input);

}  // namespace sluice::ir
