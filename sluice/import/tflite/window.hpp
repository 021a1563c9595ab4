// SPDX-License-Identifier: Apache-2.0
// Strides and padding, which the options of convolutions and poolings say alike.
#pragma once

#include <fmt/format.h>
#include <tflite_generated.h>

#include "sluice/base/result.hpp"
#include "sluice/ir/ops/window.hpp"

namespace sluice::importer::tflite {

// Kernel and dilations are left to the caller. TFLite's SAME puts the odd position at the end.
template <class Options>
[[nodiscard]] Result<ir::Window> to_window(const Options& options) {
  const ir::Dims strides = {options.stride_h(), options.stride_w()};
  if (strides[0] <= 0 || strides[1] <= 0) {
    return Error{ErrorCode::Verify,
                 fmt::format("has strides {}x{}, they must be positive", strides[0], strides[1])};
  }
  ir::Window window{.strides = strides};
  switch (options.padding()) {
    case fb::Padding::SAME:
      window.auto_pad = ir::AutoPad::SameUpper;
      return window;
    case fb::Padding::VALID:
      window.auto_pad = ir::AutoPad::Valid;
      return window;
  }
  return Error{ErrorCode::Parse, fmt::format("has padding {}, which is neither SAME nor VALID",
                                             static_cast<int>(options.padding()))};
}

}  // namespace sluice::importer::tflite
